// Real speech at both ends of a call on the page: the dispatcher's words at the browser's microphone and in
// the air of the gate room, the guard's in the gate room and in what the browser plays. Looked for by
// correlation; how late they come is measured on the way, and a machine that stalls is asked again.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import type { Recorded } from '#agent/sim/sound/room.ts';
import { promptPath } from '#test/sound/room.ts';
import { findIn, joined } from '#test/sound/signal.ts';
import type { PageRoom } from './page-room.ts';
import { silence, wavOf } from './wav.ts';

const rate = 48_000;
const words = (language: 'zh' | 'en'): Int16Array =>
  joined(readPrompt(promptPath(`${language}/undelivered`)));
const wordsS = 1;
/** What is looked for: enough to be like nothing else. */
const dispatcher = words('zh').slice(0, wordsS * rate);
const guard = words('en').slice(0, wordsS * rate);
/** The dispatcher says it once in so many seconds. */
const everyS = 2.5;
const latestS = 0.8;
/** As long as a machine may be busy with something else. */
const patienceMs = 150_000;

/** A line that loses packets may lose a word. */
const askedMin = 4;

/** Likeness of what has come, and of what is not there. */
export const found = 0.4;
export const notFound = 0.25;

export interface Heard {
  /** 1: the very same. */
  readonly likeness: number;
  /** From the air at one end to that at the other. */
  readonly lateMs: number;
}

/** What the dispatcher's microphone hears. */
export async function dispatcherWav(dir: string): Promise<string> {
  const file = join(dir, 'dispatcher.wav');
  await writeFile(file, wavOf(joined([dispatcher, silence(everyS - wordsS)])));
  return file;
}

export class Voices {
  readonly #on: PageRoom;

  constructor(on: PageRoom) {
    this.#on = on;
  }

  get room() {
    if (!this.#on.room.sound) throw new Error('no simulated room');
    return this.#on.room.sound;
  }

  /** The dispatcher's next words: at the microphone for sure, and in the gate room? */
  async dispatcher(): Promise<Heard> {
    const { senses } = this.#on.browser;
    const [stopHere, stopThere] = [await senses.listen('microphone'), await this.room.record()];
    await this.#for(everyS + wordsS + latestS);
    const [here, { air }] = [await stopHere(), await stopThere()];
    const samples = here.samples.subarray(0, (everyS + wordsS) * rate);
    const said = find(dispatcher, { ...here, samples });
    // Not even there: the browser itself did not keep up.
    if (said.likeness < found) return { likeness: 0, lateMs: 0 };
    const { likeness, atMs } = find(dispatcher, after(said.atMs, air));
    return { likeness, lateMs: atMs - said.atMs };
  }

  /** Words in the gate room: in the browser, too? */
  async guard(): Promise<Heard> {
    const stop = await this.#on.browser.senses.listen('call');
    const saidMs = await this.room.say(guard);
    await this.#for(wordsS + latestS);
    const { likeness, atMs } = find(guard, after(saidMs, await stop()));
    return { likeness, lateMs: atMs - saidMs };
  }

  /** Once more where it was not heard well, as people do; longer where the machine did not keep up. */
  async fairly(who: 'dispatcher' | 'guard', isWell: (heard: Heard) => boolean): Promise<Heard> {
    const endMs = performance.now() + patienceMs;
    for (let asked = 1; ; asked++) {
      const before = await this.#stalls();
      const heard = await this[who]();
      const stalled = (await this.#stalls()) > before;
      const isEnough = asked >= askedMin && !stalled;
      if (isWell(heard) || isEnough || performance.now() > endMs) return heard;
    }
  }

  async #stalls(): Promise<number> {
    const { lateBlocks, xruns } = await this.room.figures();
    return lateBlocks + xruns.speaker + xruns.microphone;
  }

  async #for(seconds: number): Promise<void> {
    const endMs = performance.now() + seconds * 1000;
    await this.#on.until(`${seconds} s of sound`, () => performance.now() > endMs);
  }
}

/** Where it is, and when it began. */
function find(needle: Int16Array, { samples, fromMs }: Recorded) {
  const { at, likeness } = findIn(needle, samples);
  return { likeness, atMs: fromMs + (at / rate) * 1000 };
}

/** From that moment on, for as long as words may take to come. */
function after(atMs: number, { samples, fromMs }: Recorded): Recorded {
  const from = Math.max(0, Math.round(((atMs - fromMs) / 1000) * rate));
  const to = from + (wordsS + latestS) * rate;
  return { samples: samples.subarray(from, to), fromMs: fromMs + (from / rate) * 1000 };
}
