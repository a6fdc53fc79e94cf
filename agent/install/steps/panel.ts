// PIN of the gate room's panel and, where wanted, the one for duress: typed twice each, kept as hashes alone.

import { pinFileText, whyNoPin } from '../../panel/pin.ts';
import type { Draft, Job, Step } from '../draft.ts';
import type { Words } from '../words.ts';

export const panelStep: Step = {
  id: 'panel',
  title: ['PIN of the panel', '面板 PIN 码'],
  about: [
    'For tests, drills and the local reset on the panel. A duress PIN looks like it and calls 110 silently.',
    '用于面板上的测试、演练和本地复位。胁迫 PIN 看似相同,但会静默报警。',
  ],
  maySkip: true,
  async run(draft, job) {
    const { ask, say } = job;
    const pin = await askTwice(['PIN, 6 to 12 digits', 'PIN 码,6 至 12 位数字'], null, job);
    const wants = say(['Set a duress PIN, too?', '是否另设胁迫 PIN?']);
    const duress = (await ask.confirm(wants, false))
      ? await askTwice(['Duress PIN', '胁迫 PIN'], pin, job)
      : null;
    return withPins(draft, pin, duress);
  },
};

export const withPins = async (
  draft: Draft,
  pin: string,
  duress: string | null,
): Promise<Draft> => ({
  ...draft,
  panelPin: await pinFileText(pin, duress),
});

/** Until both are the same. */
async function askTwice(what: Words, other: string | null, job: Job): Promise<string> {
  const { ask, say } = job;
  const first = await ask.text({
    message: say(what),
    isSecret: true,
    check: (typed) => hintOn(typed, other, say),
  });
  const again = await ask.text({ message: say(['The same again', '再输入一次']), isSecret: true });
  if (again === first) return first;
  ask.tell(`✗ ${say(['The two differ: type it again.', '两次输入不一致,请重新输入。'])}`);
  return askTwice(what, other, job);
}

function hintOn(typed: string, other: string | null, say: Job['say']): string | null {
  if (typed === other) return say(['must differ from the PIN', '不能与 PIN 码相同']);
  const why = whyNoPin(typed);
  return why && say([why.en, why.zh]);
}
