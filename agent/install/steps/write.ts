// All answers at a glance, then the configuration is written and the terminal armed with it.

import { Refusal } from '../../refusal.ts';
import { apply } from '../apply.ts';
import { inputsIn } from '../buttons.ts';
import type { Draft, Job, Step } from '../draft.ts';
import { appliedText, byLine, placeOptions, planText } from '../report.ts';
import { textAt } from '../site.ts';
import { codes, Trouble } from '../words.ts';

/** `isDry`: it is only shown what would be written. */
export const writeStep = (isDry: boolean): Step => ({
  id: 'write',
  title: ['Write and arm', '写入并布防'],
  about: [
    'The configuration is checked, written, and the terminal is restarted with it.',
    '检查并写入配置,然后重启终端。',
  ],
  maySkip: false,
  async run(draft, job) {
    const { ask, say, world } = job;
    ask.tell(overview(draft, say));
    const place = placeOptions(world, byLine(world));
    if (isDry) {
      ask.tell(planText(draft, place));
      return draft;
    }
    if (!(await ask.confirm(say(['Write it now?', '现在写入?'])))) return job.giveUp();
    try {
      const applied = await ask.wait(say(['Writing, restarting', '正在写入并重启']), () =>
        apply(draft, place, world.daemon),
      );
      ask.tell(appliedText(applied, say));
      return draft;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const fields = error.fields.map(({ field, hint }) => `  ${field}: ${hint}`).join('\n');
      throw new Trouble(codes.config, [
        `The configuration would be refused:\n${fields}`,
        `配置有误:\n${fields}`,
      ]);
    }
  },
});

function overview({ site }: Draft, say: Job['say']): string {
  const at = (field: string) => textAt(site, field) ?? '-';
  const inputs = inputsIn(site).map(({ name, place }) => `${name}: ${place}`);
  const rows = [
    [say(['terminal', '终端']), at('terminal.id')],
    [
      say(['place', '地点']),
      `${at('identity.school')} ${at('identity.gate')}, ${at('identity.address')}`,
    ],
    [say(['platform', '平台']), at('broker.url')],
    [say(['inputs', '输入']), inputs.join('; ') || '-'],
    [say(['dome', '球机']), at('dome.url')],
    [say(['sound', '声音']), at('media.sound.speaker')],
  ];
  return rows.map(([name, value]) => `  ${name}: ${value}`).join('\n');
}
