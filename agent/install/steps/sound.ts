// Loudspeaker and microphone of the gate room, and a talk test that needs nobody: a prompt is played and
// heard.

import { join } from 'node:path';
import type { Draft, Job, Step } from '../draft.ts';
import { put, textAt } from '../site.ts';
import { cardsNow, heardWords, talkTest } from '../sound.ts';
import type { Words } from '../words.ts';

export const soundStep: Step = {
  id: 'sound',
  title: ['Sound of the gate room', '门卫室声音'],
  about: [
    'Loudspeaker and microphone for the talk with 110; a prompt is played and measured.',
    '与 110 通话用的扬声器和麦克风,将播放提示音并测量。',
  ],
  maySkip: true,
  async run(draft, job) {
    const { ask, say, world } = job;
    const { speakers, microphones } = await cardsNow(world.around.childEnv);
    if (speakers.length === 0 && microphones.length === 0) ask.tell(say(noCard));
    const speaker = await choose(['Loudspeaker', '扬声器'], speakers, {
      ...{ field: 'media.sound.speaker', draft, job },
    });
    const microphone = await choose(['Microphone', '麦克风'], microphones, {
      ...{ field: 'media.sound.microphone', draft, job },
    });
    const named = put(draft.site, 'media.sound.speaker', speaker);
    const heard = put(named, 'media.sound.microphone', microphone);
    const site = put(heard, 'media.sound.language', draft.language);
    const next = { ...draft, site };
    job.keep(next);
    return test(next, job, { speaker, microphone });
  },
};

const noCard: Words = [
  'This PC has no sound card: plug one in, or skip this step.',
  '本机没有声卡:请插入声卡,或跳过此步。',
];

interface Asked {
  readonly field: string;
  readonly draft: Draft;
  readonly job: Job;
}

async function choose(
  what: Words,
  cards: readonly string[],
  { field, draft, job }: Asked,
): Promise<string> {
  const { ask, say } = job;
  const other = '';
  const before = textAt(draft.site, field);
  const chosen = await ask.choose<string>(
    say(what),
    [
      ...cards.map((value) => ({ name: value, value })),
      { name: say(['Another, by its ALSA name', '其他(输入 ALSA 名称)']), value: other },
    ],
    before ?? undefined,
  );
  if (chosen !== other) return chosen;
  const typed = await ask.text({
    message: say(['ALSA name, as aplay -L shows it', 'ALSA 名称(见 aplay -L)']),
    initial: before ?? 'default',
    check: (text) => (text.trim() === '' ? say(['is missing', '不能为空']) : null),
  });
  return typed.trim();
}

async function test(
  draft: Draft,
  job: Job,
  cards: { readonly speaker: string; readonly microphone: string },
): Promise<Draft> {
  const { ask, say, world } = job;
  const prompt = join(world.prompts, draft.language, 'talk-test.wav');
  const { clock } = world;
  const heard = await ask.wait(say(['A prompt is played: listen', '正在播放提示音,请听']), () =>
    talkTest({ ...cards, prompt, env: world.around.childEnv, clock }),
  );
  const isHeard = heard.outcome === 'heard';
  ask.tell(`${isHeard ? '✓' : '✗'} ${say(heardWords(heard))}`);
  if (isHeard) return draft;
  const what = await ask.choose(say(['What now?', '怎么办?']), [
    { name: say(['Test again', '重新测试']), value: 'again' as const },
    { name: say(['Choose other cards', '重新选择声卡']), value: 'change' as const },
    { name: say(['Go on', '继续']), value: 'on' as const },
  ]);
  if (what === 'on') return draft;
  return what === 'again' ? test(draft, job, cards) : soundStep.run(draft, job);
}
