// Sound with the time at which each frame of it was heard, in a file: written by the processes of a test,
// read and judged by the test. The monotonic clock is one for all processes of a machine.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export const rate = 48_000;
export const frameSamples = 480;
const recordBytes = 8 + 2 * frameSamples;
const heldRecords = 10;

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Writes frames to a file, some at a time. */
export class Recorder {
  readonly #file: string;
  #held: Buffer[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  add(frame: Int16Array, atMs = nowMs()): void {
    const record = Buffer.alloc(recordBytes);
    record.writeDoubleLE(atMs, 0);
    Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).copy(record, 8);
    this.#held.push(record);
    if (this.#held.length < heldRecords) return;
    appendFileSync(this.#file, Buffer.concat(this.#held));
    this.#held = [];
  }
}

export interface Recording {
  /** When each frame was heard. */
  readonly times: readonly number[];
  readonly samples: Int16Array;
}

/** What was heard so far (nothing, where nothing was written yet), from `sinceMs` on. */
export function readRecording(file: string, sinceMs = 0): Recording {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const times: number[] = [];
  const frames: Int16Array[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const time = bytes.readDoubleLE(at);
    if (time < sinceMs) continue;
    times.push(time);
    const frame = new Int16Array(frameSamples);
    bytes.copy(Buffer.from(frame.buffer), 0, at + 8, at + recordBytes);
    frames.push(frame);
  }
  const samples = new Int16Array(frames.length * frameSamples);
  frames.forEach((frame, n) => {
    samples.set(frame, n * frameSamples);
  });
  return { times, samples };
}
