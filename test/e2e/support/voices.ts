// Real speech at both ends of a call on the page: the dispatcher's words at the browser's microphone and in
// the air of the gate room, the guard's in the gate room and in what the browser plays. Looked for by
// correlation; how late they come is measured on the way, and a machine that stalls is asked again.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import type { Recorded } from '#agent/sim/sound/room.ts';
import { promptPath } from '#test/sound/room.ts';
import { dbOf, findIn, joined, powerOf, tiled } from '#test/sound/signal.ts';
import type { Chromium } from './chromium.ts';
import type { PageRoom } from './page-room.ts';
import { silence, wavOf } from './wav.ts';

const rate = 48_000;
const words = (language: 'zh' | 'en'): Int16Array =>
  joined(readPrompt(promptPath(`${language}/undelivered`)));
const wordsS = 1;
/** What is looked for: enough to be like nothing else. */
export const dispatcher = words('zh').slice(0, wordsS * rate);
const guard = words('en').slice(0, wordsS * rate);
/** The dispatcher says it once in so many seconds. */
const everyS = 2;
const latestS = 0.8;
/** As long as a machine may be busy with something else. */
const patienceMs = 150_000;

/** After a loss; the guard speaks all the while. */
const listenedMs = 6_000;
/** Enough to be told from silence and from each other. */
const piece = { everyMs: 100, ms: 400, loudDb: -50 };

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
export const dispatcherWav = (dir: string): Promise<string> => wavIn(dir, dispatcher);

/** Somebody else's words at that microphone; heard from the next call on. */
export const otherWav = (dir: string): Promise<string> => wavIn(dir, guard);

async function wavIn(dir: string, said: Int16Array): Promise<string> {
  const file = join(dir, 'dispatcher.wav');
  await writeFile(file, wavOf(joined([said, silence(everyS - wordsS)])));
  return file;
}

/** What it needs of the place where the two speak. */
export type VoicesRoom = Pick<PageRoom, 'room' | 'browser' | 'stalls' | 'until'>;

export class Voices {
  readonly #on: VoicesRoom;
  readonly #browser: () => Chromium;

  /** `browser`: the dispatcher's; default: the room's own. */
  constructor(on: VoicesRoom, browser = () => on.browser) {
    this.#on = on;
    this.#browser = browser;
  }

  get room() {
    if (!this.#on.room.sound) throw new Error('no simulated room');
    return this.#on.room.sound;
  }

  /** The dispatcher's next words: at the microphone for sure, and in the gate room? */
  async dispatcher(): Promise<Heard> {
    const { senses } = this.#browser();
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
  async guard(said = guard): Promise<Heard> {
    const stop = await this.#browser().senses.listen('call');
    const saidMs = await this.room.say(said);
    await this.#for(wordsS + latestS);
    const { likeness, atMs } = find(guard, after(saidMs, await stop()));
    return { likeness, lateMs: atMs - saidMs };
  }

  /** Once more where it was not heard well, as people do; longer where the machine did not keep up. */
  async fairly(who: 'dispatcher' | 'guard', isWell: (heard: Heard) => boolean): Promise<Heard> {
    const endMs = performance.now() + patienceMs;
    for (let asked = 1; ; asked++) {
      const before = await this.#on.stalls();
      const heard = await this[who]();
      const stalled = (await this.#on.stalls()) > before;
      const isEnough = asked >= askedMin && !stalled;
      if (isWell(heard) || isEnough || performance.now() > endMs) return heard;
    }
  }

  /** How loud the loudest tenth of a second is at the other end while somebody speaks, dB. Tells a voice from
   * silence on a machine that is too busy to tell words. */
  async loudness(who: 'dispatcher' | 'guard'): Promise<number> {
    if (who === 'dispatcher') {
      const stop = await this.room.record();
      await this.#for(everyS + latestS);
      return loudestDb((await stop()).air);
    }
    const stop = await this.#browser().senses.listen('call');
    await this.room.say(guard);
    await this.#for(wordsS + latestS);
    return loudestDb(await stop());
  }

  /** How long after some harm the first is heard at the other end again. */
  async backAfter(who: 'dispatcher' | 'guard', harm: () => Promise<void>): Promise<number> {
    return who === 'guard' ? this.#guardBack(harm) : this.#dispatcherBack(harm);
  }

  async #dispatcherBack(harm: () => Promise<void>): Promise<number> {
    const { senses } = this.#browser();
    const [stopHere, stopThere] = [await senses.listen('microphone'), await this.room.record()];
    await harm();
    const harmedMs = monotonicMs();
    await this.#for(listenedMs / 1000);
    const [here, { air }] = [await stopHere(), await stopThere()];
    return firstHeardMs(here, air, harmedMs) - harmedMs;
  }

  async #guardBack(harm: () => Promise<void>): Promise<number> {
    const { senses } = this.#browser();
    const before = await senses.trackOf('call');
    const samples = tiled(guard, (3 * listenedMs) / 1000);
    const fromMs = await this.room.say(samples);
    await harm();
    const harmedMs = monotonicMs();
    await this.#on.until('the call anew', async () => {
      const track = await senses.trackOf('call');
      return track !== null && track !== before;
    });
    const stop = await senses.listen('call');
    await this.#for(Math.max(latestS + wordsS, (harmedMs + listenedMs - monotonicMs()) / 1000));
    const there = await stop();
    await this.room.say(new Int16Array(0));
    return firstHeardMs({ samples, fromMs }, there, harmedMs) - harmedMs;
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

/** When the first piece of what is said here, of all since `sinceMs`, begins there; Infinity: none does. */
function firstHeardMs(here: Recorded, there: Recorded, sinceMs: number): number {
  const endMs = there.fromMs + (there.samples.length / rate) * 1000;
  for (let atMs = sinceMs; atMs < endMs; atMs += piece.everyMs) {
    const said = cut(here, atMs, piece.ms);
    if (said.length === 0 || dbOf(powerOf(said)) < piece.loudDb) continue;
    const heard = { samples: cut(there, atMs, piece.ms + latestS * 1000), fromMs: atMs };
    const { likeness, atMs: heardMs } = find(said, heard);
    if (likeness > found) return Math.max(heardMs, there.fromMs);
  }
  return Number.POSITIVE_INFINITY;
}

function loudestDb({ samples }: Recorded): number {
  const size = rate / 10;
  const pieces = Array.from({ length: Math.floor(samples.length / size) }, (_, n) =>
    dbOf(powerOf(samples.subarray(n * size, (n + 1) * size))),
  );
  return Math.max(Number.NEGATIVE_INFINITY, ...pieces);
}

function cut({ samples, fromMs }: Recorded, atMs: number, ms: number): Int16Array {
  const from = Math.round(((atMs - fromMs) / 1000) * rate);
  const length = Math.round((ms / 1000) * rate);
  // Before it was recorded there was nothing.
  const missing = new Int16Array(Math.min(length, Math.max(0, -from)));
  return joined([missing, samples.subarray(Math.max(0, from), Math.max(0, from + length))]);
}
