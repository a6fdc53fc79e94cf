// Who keeps this PC's clock, and whether it is right: alarms, certificates and evidence are dated by it.

import type { Job, Step } from '../draft.ts';
import { timeService, timeWords } from '../time-service.ts';

export const clockStep: Step = {
  id: 'clock',
  title: ['Clock', '时钟'],
  about: [
    'Alarms and evidence carry the time of this PC: it must be kept by a time server.',
    '报警和证据都带有本机时间,必须由时间服务器校准。',
  ],
  maySkip: true,
  async run(draft, job) {
    const { ask, say, world } = job;
    const service = await timeService(world.around.childEnv);
    ask.tell(`${service.isSynchronised ? '✓' : '!'} ${say(timeWords(service))}`);
    const isRight = await ask.confirm(
      `${say(['Is it now', '现在是'])} ${localTime(world)} ${say(['here?', '吗?'])}`,
    );
    if (isRight) return draft;
    ask.tell(
      say([
        'Set it (timedatectl set-time, or the time server in chrony or timesyncd), then look again.',
        '请校时(timedatectl set-time,或设置 chrony/timesyncd 的时间服务器)后再看。',
      ]),
    );
    const isAgain = await ask.confirm(say(['Look again?', '再看一次?']));
    return isAgain ? clockStep.run(draft, job) : draft;
  },
};

/** As clocks on walls in China show it, whatever zone the PC is in. */
function localTime({ clock }: Job['world']): string {
  const beijing = new Date(clock.now().wallMs + 8 * 3_600_000).toISOString();
  return `${beijing.slice(0, 10)} ${beijing.slice(11, 16)} (UTC+8)`;
}
