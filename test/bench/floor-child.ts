// The parent's end of floor.ts, and of any other child of this directory.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { within } from '#test/support/wait.ts';
import type { FloorSays } from './floor.ts';

export type { FloorOrder } from './floor.ts';

const answerMs = 10_000;

/** A child with a channel; it leaves when the channel closes. */
export const forkHere = (file: string, args: readonly string[] = []): ChildProcess =>
  fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await within(exit, { withinMs: 5000, what: 'the end of a child' });
}

/** The next message of this kind. */
export function answerOf<K extends FloorSays['kind']>(
  child: ChildProcess,
  kind: K,
  withinMs = answerMs,
): Promise<FloorSays & { kind: K }> {
  const answer = new Promise<FloorSays & { kind: K }>((done) => {
    const take = (message: FloorSays) => {
      if (message.kind !== kind) return;
      child.off('message', take);
      done(message as FloorSays & { kind: K });
    };
    child.on('message', take);
  });
  return within(answer, { withinMs, what: `the floor to say ${kind}` });
}
