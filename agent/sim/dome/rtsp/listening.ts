// The microphone as packets of 20 ms (of AAC: as its frames come), paced by the clock, for all who listen.

import { monotonicMs } from '../actuators.ts';
import { encodeSound, type Microphone, type MicrophoneCodec, samplesPerSecond } from '../sound.ts';
import { AacCoder } from './aac.ts';

const packetMs = 20;
const packetSamples = (samplesPerSecond * packetMs) / 1000;
const behindMaxMs = 500;

type Listener = (payload: Buffer, atMs: number) => void;

export class Listening {
  readonly #microphone: Microphone;
  readonly #codec: MicrophoneCodec;
  readonly #listeners = new Set<Listener>();
  #dueMs = 0;
  #tick: NodeJS.Timeout | undefined;
  #aac: AacCoder | null = null;

  constructor(microphone: Microphone, codec: MicrophoneCodec) {
    this.#microphone = microphone;
    this.#codec = codec;
  }

  /** Sound from now on, until what it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#dueMs = monotonicMs();
      if (this.#codec === 'AAC') this.#aac = this.#coder(this.#dueMs);
      this.#step();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#tick);
      this.#aac?.close();
      this.#aac = null;
    };
  }

  #coder(beganMs: number): AacCoder {
    return new AacCoder((payload, sample) =>
      this.#tell(payload, beganMs + (sample * 1000) / samplesPerSecond),
    );
  }

  #tell(payload: Buffer, atMs: number): void {
    if (this.#microphone.isCut) return;
    for (const listener of this.#listeners) listener(payload, atMs);
  }

  #step(): void {
    if (monotonicMs() - this.#dueMs > behindMaxMs) this.#dueMs = monotonicMs();
    while (this.#dueMs <= monotonicMs()) {
      const pcm = this.#microphone.listen(packetSamples);
      if (this.#codec === 'AAC') this.#aac?.push(pcm);
      else this.#tell(encodeSound(this.#codec, pcm), this.#dueMs);
      this.#dueMs += packetMs;
    }
    this.#tick = setTimeout(() => this.#step(), Math.max(1, this.#dueMs - monotonicMs()));
  }
}
