// The child's end: says hello, beats from its own event loop so that a loop that hangs falls silent,
// checks what it is told, and ends when the daemon does.

import { Socket } from 'node:net';
import type * as z from 'zod';
import type { Clock } from '../../ports.ts';
import {
  beatMsDefault,
  checked,
  fromParent,
  Lines,
  lineOf,
  Problem,
  parseLine,
  placeFd,
  wireLimits,
} from './wire.ts';

export interface ChildOptions<Told> {
  /** What the daemon may tell. */
  readonly told: z.ZodType<Told>;
  readonly clock: Clock;
  readonly hear: (message: Told) => void;
  /** Lets go of devices and the like at SIGTERM; the daemon waits 2 s. */
  readonly stop: () => Promise<void>;
  readonly beatMs?: number;
}

export interface Parent<Said> {
  /** False where the daemon has not read what it was told before: dropped. */
  say(message: Said): boolean;
}

/** Joins this process to the daemon that started it. To be called when the place is ready. */
export function joinParent<Told, Said>(options: ChildOptions<Told>): Parent<Said> {
  const { told, clock, hear, stop, beatMs = beatMsDefault } = options;
  const pipe = new Socket({ fd: placeFd });
  const lines = new Lines(
    wireLimits.toldBytesMax,
    (line) => {
      const read = parseLine(fromParent, line);
      const message = read instanceof Problem ? read : checked(told, read.m);
      // Both ends are of one version: this is a bug, and the daemon starts us again.
      if (message instanceof Problem) throw new Error(`the daemon says ${message.what}`);
      hear(message);
    },
    () => {
      throw new Error("the daemon's line is too long");
    },
  );
  pipe.on('data', (chunk) => lines.push(chunk));
  // Whoever started us has gone; systemd or it will start another.
  pipe.on('error', () => process.exit(0));
  pipe.on('close', () => process.exit(0));
  process.once('SIGTERM', () => {
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  const write = (message: Parameters<typeof lineOf>[0]): boolean => {
    if (pipe.writableLength > wireLimits.unreadBytesMax) return false;
    pipe.write(lineOf(message));
    return true;
  };
  const beat = (): void => {
    write({ t: 'beat' });
    clock.after(beatMs, beat);
  };
  write({ t: 'hello' });
  beat();
  return { say: (m) => write({ t: 'say', m }) };
}
