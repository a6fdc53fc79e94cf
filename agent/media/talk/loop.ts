// The acoustic loop, for a talk test without a person: a sweep out of the loudspeaker, looked for in what the
// microphone hears. By programs of its own, past the echo canceller, whose work is to take just that away; so
// it has the devices for itself, and gives them back at once where somebody needs them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../../ports.ts';
import { frameRate } from '../frames.ts';
import { findSweep, sweep } from '../sound/sweep.ts';
import type { MediaSaid, TalkWanted } from '../wire.ts';

export interface LoopParts {
  readonly clock: Clock;
  readonly say: (message: MediaSaid) => void;
  /** `isRunning` has changed: the devices are to be closed, or may be opened. Resolves when they are. */
  readonly changed: () => Promise<void>;
}

type Cards = Pick<NonNullable<TalkWanted['sound']>, 'speaker' | 'microphone'>;

const form = [
  '-q',
  '-t',
  'raw',
  '-f',
  'S16_LE',
  '-r',
  String(frameRate),
  '-c',
  '1',
  '--period-time=10000',
];
const bufferUs = { aplay: 80_000, arecord: 100_000 } as const;
const withinMs = 8_000;
/** Before the sweep the microphone must have begun. */
const startMs = 4_000;
const lookMs = 20;
/** What the room and the cards keep of it for a while. */
const tailMs = 500;
const looksMax = 4;

export class Loop {
  readonly #parts: LoopParts;
  /** What is under way, or was done last. */
  #id: string | null = null;
  #running: AbortController | null = null;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Once for each id; null: nobody waits for it any more, or somebody needs the devices. */
  want(id: string | null, cards: Cards | null): void {
    if (id === null) return this.#running?.abort();
    if (id === this.#id || this.#running) return;
    this.#id = id;
    const stop = new AbortController();
    this.#running = stop;
    this.#test(cards, stop.signal)
      .then((found) => this.#parts.say({ t: 'looped', id, ...found }))
      .finally(async () => {
        this.#running = null;
        await this.#parts.changed();
      });
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  async #test(cards: Cards | null, stop: AbortSignal) {
    const none = { heard: false, likeness: 0, levelDb: null };
    if (!cards) return { ...none, detail: 'the gate room has no sound of its own' };
    const givenUp = { ...none, detail: 'it was given up: somebody needed the sound' };
    await this.#parts.changed();
    if (stop.aborted) return givenUp;
    const recorder = open('arecord', cards.microphone);
    const chunks: Buffer[] = [];
    recorder.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const player = open('aplay', cards.speaker);
    const [recording, playing] = [endOf(recorder), endOf(player)];
    const kill = () => {
      for (const child of [recorder, player]) child.kill('SIGKILL');
    };
    const cancel = this.#parts.clock.after(withinMs, kill);
    stop.addEventListener('abort', kill, { once: true });
    try {
      await this.#until(() => chunks.length > 0 || recorder.exitCode !== null, startMs);
      if (stop.aborted) return givenUp;
      if (chunks.length === 0) return { ...none, detail: 'the microphone gives nothing' };
      const tail = new Int16Array((frameRate * tailMs) / 1000);
      const sound = [tail, sweep(), tail].map(({ buffer }) => Buffer.from(buffer));
      player.stdin?.on('error', kill);
      player.stdin?.end(Buffer.concat(sound));
      const played = await playing;
      if (stop.aborted) return givenUp;
      if (played !== 0) return { ...none, detail: 'the loudspeaker takes nothing' };
      return await this.#found(chunks);
    } finally {
      cancel();
      kill();
      await Promise.all([recording, playing]);
    }
  }

  /** Looks until it is there: cards and rooms are late, each in their way. */
  async #found(chunks: readonly Buffer[]) {
    for (let looks = looksMax; ; looks -= 1) {
      await this.#until(() => false, tailMs);
      const { atMs: _, ...found } = findSweep(samplesOf(Buffer.concat(chunks)));
      if (found.heard || looks === 0) return { ...found, detail: detailOf(found) };
    }
  }

  async #until(condition: () => boolean, limitMs: number): Promise<void> {
    const { clock } = this.#parts;
    const endMs = clock.now().monoMs + limitMs;
    while (!condition() && clock.now().monoMs < endMs)
      await new Promise<void>((next) => void clock.after(lookMs, next));
  }
}

function detailOf({
  heard,
  levelDb,
}: {
  readonly heard: boolean;
  readonly levelDb: number | null;
}) {
  if (heard) return 'the microphone hears the loudspeaker';
  return levelDb === null
    ? 'the microphone gives nothing but zeros: it is muted, or not plugged in'
    : 'the microphone does not hear the loudspeaker: look at volume, plugs and the cards chosen';
}

const samplesOf = (bytes: Buffer): Int16Array =>
  Int16Array.from({ length: bytes.length >> 1 }, (_, n) => bytes.readInt16LE(n * 2));

const open = (program: 'aplay' | 'arecord', device: string): ChildProcess =>
  spawn(program, [...form, `--buffer-time=${bufferUs[program]}`, '-D', device], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });

/** Its exit code; null where it could not be started, or a signal ended it. */
async function endOf(child: ChildProcess): Promise<number | null> {
  try {
    await once(child, 'close');
    return child.exitCode;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return null;
  }
}
