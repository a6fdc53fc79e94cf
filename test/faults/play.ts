// Plays one row: opens its scene, tells its story, waits until nothing is owed any more, judges.

import { until, within } from '#test/support/wait.ts';
import { type Fault, judged, type Outcome } from './fault.ts';
import { Scene } from './scene.ts';

const storyWithinMs = 60_000;
const lastWordWithinMs = 5_000;
const closeWithinMs = 20_000;

/** Throws only where its scene cannot be set; else what went wrong is in the outcome. */
export async function play(fault: Fault): Promise<Outcome> {
  const { name, what, expect = {}, withinMs = storyWithinMs } = fault;
  const scene = await Scene.open(fault);
  const wrong: string[] = [];
  const attempt = async (act: () => Promise<unknown>, ms: number, label: string) => {
    try {
      await within(act(), { withinMs: ms, what: label });
    } catch (error) {
      wrong.push(error instanceof Error ? error.message : String(error));
    }
  };
  await attempt(() => fault.story(scene).then(() => scene.settled()), withinMs, `${name} to end`);
  const isAsExpected = () => judged(expect, scene.seen()).length === 0;
  const asExpected = { withinMs: lastWordWithinMs, what: 'the row to be as it should' };
  // Faults are told behind alarms, and the lamp comes last; what did not come is told by `judged`.
  if (wrong.length === 0) await until(isAsExpected, asExpected).catch((error: unknown) => error);
  const seen = scene.seen();
  wrong.push(...judged(expect, seen), ...scene.books.violations);
  await attempt(() => scene.close(), closeWithinMs, `the scene of ${name} to close`);
  return { fault: name, what, ...seen, wrong };
}
