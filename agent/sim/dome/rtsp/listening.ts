// The microphone as packets of 20 ms, paced by the clock, for all who listen.

import { monotonicMs } from '../actuators.ts';
import { encodeSound, type Microphone, type SoundCodec, samplesPerSecond } from '../sound.ts';

const packetMs = 20;
const packetSamples = (samplesPerSecond * packetMs) / 1000;
const behindMaxMs = 500;

type Listener = (payload: Buffer, atMs: number) => void;

export class Listening {
  readonly #microphone: Microphone;
  readonly #codec: SoundCodec;
  readonly #listeners = new Set<Listener>();
  #dueMs = 0;
  #tick: NodeJS.Timeout | undefined;

  constructor(microphone: Microphone, codec: SoundCodec) {
    this.#microphone = microphone;
    this.#codec = codec;
  }

  /** Sound from now on, until what it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#dueMs = monotonicMs();
      this.#step();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#tick);
    };
  }

  #step(): void {
    if (monotonicMs() - this.#dueMs > behindMaxMs) this.#dueMs = monotonicMs();
    while (this.#dueMs <= monotonicMs()) {
      const payload = encodeSound(this.#codec, this.#microphone.listen(packetSamples));
      if (!this.#microphone.isCut)
        for (const listener of this.#listeners) listener(payload, this.#dueMs);
      this.#dueMs += packetMs;
    }
    this.#tick = setTimeout(() => this.#step(), Math.max(1, this.#dueMs - monotonicMs()));
  }
}
