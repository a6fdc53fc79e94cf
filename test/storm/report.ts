// Many stories, one after the other; the first that breaks a law is shrunk and told in words.

import { type StormStory, told } from './action.ts';
import { type StormSize, storyOf } from './generate.ts';
import { type Breach, play } from './play.ts';
import { shrink } from './shrink.ts';

/** Plays `count` stories from `first` on. Null where every law held, else the report. */
export async function stormOf(first: number, count: number, size?: StormSize) {
  for (let seed = first; seed < first + count; seed++) {
    const story = storyOf(seed, size);
    if (await play(story)) return reportOf(story);
  }
  return null;
}

/** Shrinks a story that fails and tells what is left of it. */
export async function reportOf(story: StormStory): Promise<string> {
  const asItIs = process.env.STORM_SHRINK === 'no';
  const actions = asItIs
    ? story.actions
    : await shrink(story.actions, async (fewer) => {
        return (await play({ ...story, actions: fewer })) !== null;
      });
  const shortest = { ...story, actions };
  const breach = await play(shortest);
  return textOf(shortest, story.actions.length, breach);
}

function textOf(
  { seed, buttons, receipts, actions }: StormStory,
  from: number,
  breach: Breach | null,
) {
  const lines = [
    `seed ${seed} breaks a law (STORM_SEED=${seed} plays it alone); ${actions.length} of ${from} actions:`,
    `  buttons: ${buttons.map(({ id, source }) => `${id} (${source})`).join(', ')}`,
    ...(receipts === 'none' ? ['  the platform sends no receipts'] : []),
    ...actions.map((action, n) => `  ${n + 1}. ${told(action, buttons)}`),
    ...((breach?.at ?? 0) >= actions.length ? ['  then everything is mended'] : []),
    ...(breach?.what ?? ['it does not fail twice: chance has come in somewhere']).map(
      (one) => `  => ${one}`,
    ),
  ];
  return lines.join('\n');
}
