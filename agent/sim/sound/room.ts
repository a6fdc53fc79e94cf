// The gate room without a sound card: a loudspeaker, a microphone and the air between them. Programs
// see two ALSA cards with clocks of their own; whoever runs the room may speak in it, record what comes
// out of the loudspeaker, mute, stall and unplug either card.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { alsaConfig, Card } from './card.ts';

export type RoomDevice = 'speaker' | 'microphone';

export interface RoomOptions {
  /** From the loudspeaker's membrane to the microphone's. */
  readonly delayMs?: number;
  readonly gainDb?: number;
  readonly rt60S?: number;
  readonly noiseDbfs?: number;
  /** How fast the cards' clocks go, beside the machine's. */
  readonly ppm?: { readonly speaker: number; readonly microphone: number };
}

export interface RoomStart extends Required<RoomOptions> {
  readonly zeroNs: bigint;
  readonly speakerPath: string;
  readonly microphonePath: string;
}

type Doing =
  | { readonly do: 'say'; readonly samples: Int16Array; readonly gain: number }
  | { readonly do: 'path'; readonly which: 0 | 1 }
  | { readonly do: 'mute'; readonly device: RoomDevice; readonly isOn: boolean }
  | { readonly do: 'record'; readonly air: string; readonly microphone: string }
  | { readonly do: 'keep'; readonly which: number }
  | { readonly do: 'count' };
export type RoomOrder = Doing & { readonly id: number };

export interface RoomWord {
  readonly id: number;
  readonly atMs?: number;
  readonly airMs?: number;
  readonly microphoneMs?: number;
  readonly made?: number;
  readonly late?: number;
}

/** Samples of mono s16 at 48 kHz, and when the first of them was in the air: monotonic, milliseconds. */
export interface Recorded {
  readonly samples: Int16Array;
  readonly fromMs: number;
}

export interface Room {
  /** ALSA names. */
  readonly speaker: string;
  readonly microphone: string;
  /** All that a program must have in its environment to see the cards. */
  readonly env: Readonly<Record<'ALSA_CONFIG_PATH' | 'LC_ALL' | 'PATH', string>>;
  /** A file that whoever has the card open holds open. */
  lockPath(device: RoomDevice): string;
  /** Somebody speaks near the microphone: mono, 48 kHz. Resolves to when it begins there, monotonic ms. */
  say(samples: Int16Array, gain?: number): Promise<number>;
  /** Records until the returned function is called: the air before the loudspeaker, and the microphone. */
  record(): Promise<() => Promise<{ readonly air: Recorded; readonly microphone: Recorded }>>;
  /** Loudspeaker and microphone stand elsewhere: another echo. */
  path(which: 0 | 1): Promise<void>;
  /** Turned off by a switch of its own: the card runs. */
  mute(device: RoomDevice, isOn: boolean): Promise<void>;
  /** Unplugged, and plugged in again. */
  gone(device: RoomDevice, isOn: boolean): void;
  /** Takes and gives nothing, and says nothing. */
  stalled(device: RoomDevice, isOn: boolean): void;
  /** Look at these before you believe a figure: a machine that stalls makes late blocks and xruns. */
  figures(): Promise<RoomFigures>;
  close(): Promise<void>;
}

export interface RoomFigures {
  readonly blocks: number;
  readonly lateBlocks: number;
  readonly xruns: { readonly speaker: number; readonly microphone: number };
}

const defaults: Required<RoomOptions> = {
  delayMs: 40,
  gainDb: -3,
  rt60S: 0.3,
  noiseDbfs: -66,
  ppm: { speaker: 0, microphone: 0 },
};

/** Opens the room. Needs gcc and libasound2-dev the first time. */
export async function startRoom(options: RoomOptions = {}): Promise<Room> {
  const dir = mkdtempSync(join(tmpdir(), 'gate-room-'));
  const cards = { speaker: new Card(join(dir, 'speaker')), microphone: new Card(join(dir, 'mic')) };
  const start: RoomStart = {
    ...defaults,
    ...options,
    zeroNs: process.hrtime.bigint(),
    speakerPath: cards.speaker.path,
    microphonePath: cards.microphone.path,
  };
  cards.speaker.create(start.zeroNs, start.ppm.speaker);
  cards.microphone.create(start.zeroNs, start.ppm.microphone);
  const config = join(dir, 'asound.conf');
  writeFileSync(config, alsaConfig(cards.speaker, cards.microphone));
  const thread = new Thread(start);
  await thread.do({ do: 'count' });
  let recordings = 0;
  return {
    speaker: 'speaker',
    microphone: 'room_mic',
    env: { ALSA_CONFIG_PATH: config, LC_ALL: 'C', PATH: process.env.PATH ?? '' },
    lockPath: (device) => cards[device].lockPath,
    say: async (samples, gain = 1) => (await thread.do({ do: 'say', samples, gain })).atMs ?? 0,
    record: async () => {
      const [air, microphone] = ['air', 'microphone'].map((of) => join(dir, `${of}-${recordings}`));
      recordings++;
      const files = { air: air ?? '', microphone: microphone ?? '' };
      const { id, airMs, microphoneMs } = await thread.do({ do: 'record', ...files });
      return async () => {
        await thread.do({ do: 'keep', which: id });
        return {
          air: recorded(files.air, airMs),
          microphone: recorded(files.microphone, microphoneMs),
        };
      };
    },
    path: async (which) => void (await thread.do({ do: 'path', which })),
    mute: async (device, isOn) => void (await thread.do({ do: 'mute', device, isOn })),
    gone: (device, isOn) => cards[device].set('gone', isOn),
    stalled: (device, isOn) => cards[device].set('stalled', isOn),
    figures: async () => {
      const { made = 0, late = 0 } = await thread.do({ do: 'count' });
      const [speaker, microphone] = [cards.speaker, cards.microphone].map((c) => c.count('xruns'));
      const xruns = { speaker: speaker ?? 0, microphone: microphone ?? 0 };
      return { blocks: made, lateBlocks: late, xruns };
    },
    close: async () => {
      await thread.close();
      for (const card of Object.values(cards)) card.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function recorded(file: string, fromMs = 0): Recorded {
  const bytes = new Uint8Array(readFileSync(file));
  rmSync(file);
  return { samples: new Int16Array(bytes.buffer, 0, bytes.length >> 1), fromMs };
}

/** An order to the room's thread, and its answer. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (word: RoomWord) => void>();
  #id = 0;

  constructor(start: RoomStart) {
    this.#worker = new Worker(new URL('./room-thread.ts', import.meta.url), { workerData: start });
    this.#worker.on('message', (word: RoomWord) => {
      this.#waiting.get(word.id)?.(word);
      this.#waiting.delete(word.id);
    });
  }

  do(doing: Doing): Promise<RoomWord> {
    const id = ++this.#id;
    return new Promise((done) => {
      this.#waiting.set(id, done);
      this.#worker.postMessage({ ...doing, id });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
