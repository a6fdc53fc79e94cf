// The sound of the gate room by way of the canceller (canceller.cc), a child that has both devices.
// It opens them again by itself and tells what it meets; we look after the child.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Clock, Sound, SoundFrame, SoundListener } from '../../ports.ts';
import { bytesOf, FrameCutter, Meter } from './frame.ts';
import { holderOf, type SoundDevice } from './holder.ts';
import { Kept, type KeptEnd } from './kept.ts';
import { type DeviceNames, Troubles } from './troubles.ts';

export interface SoundOptions extends DeviceNames {
  readonly clock: Clock;
  /** All of the environment of the programs that have the devices; absent: that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly holder?: (device: SoundDevice) => string | null;
  /** A microphone that gives digital silence for so long is muted or dead. Some headsets and conference
   * devices gate their noise: they are silent between two words, too. */
  readonly deafMs?: number;
}

export interface CancelledOptions extends SoundOptions {
  readonly program?: string;
  /** It cannot run here: its libraries are missing, or it ends whatever we do. */
  readonly gaveUp: (why: string) => void;
}

const deafMsDefault = 10_000;
/** So many short lives in a row, and it is given up. */
const livesMax = 5;
/** Without trouble of its own for so long it is well. */
const wellMs = 2_000;
/** Beside the bundle, or where the sources run. */
const places = ['./canceller', '../../../.build/canceller'];

const device = z.enum(['speaker', 'microphone']);
const told = z.union([
  z.object({ trouble: device, why: z.string().max(200) }),
  z.object({ well: device }),
  z.object({ alive: z.object({ low: z.int(), high: z.int() }) }),
]);

export const troublesOf = (options: SoundOptions): Troubles =>
  new Troubles({
    names: options,
    clock: options.clock,
    holder: options.holder ?? holderOf,
    deafMs: options.deafMs ?? deafMsDefault,
  });

export class CancelledSound implements Sound {
  readonly #options: CancelledOptions;
  readonly #troubles: Troubles;
  readonly #played: Meter;
  readonly #captured: Meter;
  #kept: Kept | null = null;
  #listener: SoundListener | null = null;
  #cutter = new FrameCutter();
  #isReady = false;
  #bornMs = 0;
  #shortLives = 0;

  constructor(options: CancelledOptions) {
    this.#options = options;
    this.#troubles = troublesOf(options);
    this.#played = new Meter(options.clock);
    this.#captured = new Meter(options.clock);
  }

  open(listener: SoundListener): void {
    const { speaker, microphone, env, clock } = this.#options;
    this.#listener = listener;
    this.#troubles.open(listener);
    this.#kept = new Kept({
      command: [this.#options.program ?? cancellerProgram(), speaker, microphone],
      ...(env && { env }),
      clock,
      started: () => this.#started(),
      heard: (bytes) => this.#heard(bytes),
      said: (line) => this.#said(line),
      ended: (end) => this.#ended(end),
    });
    this.#kept.open();
  }

  play(frame: SoundFrame): void {
    this.#played.add(frame);
    // What is written before the child is ready stays in its pipe, as delay.
    if (this.#isReady) this.#kept?.write(bytesOf(frame));
  }

  levels() {
    return { speaker: this.#played.dbfs, microphone: this.#captured.dbfs };
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.#troubles.close();
    await this.#kept?.close();
    this.#kept = null;
  }

  #started(): void {
    this.#cutter = new FrameCutter();
    this.#isReady = false;
    this.#bornMs = this.#options.clock.now().monoMs;
  }

  #heard(bytes: Buffer): void {
    this.#kept?.alive();
    for (const frame of this.#cutter.push(bytes)) {
      this.#captured.add(frame);
      this.#listener?.captured(frame);
    }
  }

  #said(line: string): void {
    const words = wordsOf(line);
    if (!words) return;
    this.#kept?.alive();
    if ('trouble' in words) return this.#troubles.failed(words.trouble, words.why);
    if ('well' in words) return this.#troubles.well(words.well);
    this.#isReady = true;
    const { low, high } = words.alive;
    if (low <= high) this.#troubles.heard(high - low);
    if (this.#options.clock.now().monoMs - this.#bornMs < wellMs) return;
    this.#shortLives = 0;
    this.#troubles.well('canceller');
  }

  #ended({ why, detail }: KeptEnd): void {
    this.#isReady = false;
    // 127 is the loader's: a library is missing.
    if (detail === '127') return this.#options.gaveUp('a library of it is missing');
    if (why === 'missing') return this.#options.gaveUp(detail);
    if (++this.#shortLives >= livesMax) return this.#options.gaveUp(`it ends with ${detail}`);
    const what = why === 'silent' ? 'hung' : `ended with ${detail}`;
    this.#troubles.tell('canceller', `the echo canceller ${what} and is started again`);
  }
}

/** Null for what ALSA's plugins and a dying child write between our lines. */
function wordsOf(line: string): z.infer<typeof told> | null {
  try {
    return told.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function cancellerProgram(): string {
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? 'canceller';
}
