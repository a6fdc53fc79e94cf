// The sound of the gate room: echo cancelled where the canceller runs, else half-duplex. Which of the
// two it is, is a fault of its own: `sound.canceller`.

import type { Sound, SoundFrame, SoundListener } from '../../ports.ts';
import { CancelledSound, type SoundOptions } from './cancelled.ts';
import { DuckedSound } from './ducked.ts';

export interface GateRoomOptions extends SoundOptions {
  /** The canceller, where it does not lie beside us. */
  readonly program?: string;
  /** `off`: half-duplex by choice, which is no fault. */
  readonly canceller?: 'auto' | 'off';
}

export class GateRoomSound implements Sound {
  readonly #options: GateRoomOptions;
  #sound: Sound | null = null;
  #ending: Promise<void> = Promise.resolve();

  constructor(options: GateRoomOptions) {
    this.#options = options;
  }

  open(listener: SoundListener): void {
    if (this.#options.canceller === 'off') {
      this.#sound = new DuckedSound(this.#options);
      return this.#sound.open(listener);
    }
    const cancelled = new CancelledSound({
      ...this.#options,
      gaveUp: (why) => this.#duck(cancelled, listener, why),
    });
    this.#sound = cancelled;
    cancelled.open(listener);
  }

  play(frame: SoundFrame): void {
    this.#sound?.play(frame);
  }

  levels() {
    return this.#sound?.levels() ?? { speaker: -Infinity, microphone: -Infinity };
  }

  async close(): Promise<void> {
    const sound = this.#sound;
    this.#sound = null;
    await this.#ending;
    await sound?.close();
  }

  #duck(cancelled: Sound, listener: SoundListener, why: string): void {
    const instead = 'the microphone is off while the loudspeaker speaks';
    const detail = `the echo canceller cannot run (${why}): ${instead}`;
    listener.trouble('sound.canceller', detail);
    const ducked = new DuckedSound(this.#options);
    this.#sound = ducked;
    this.#ending = cancelled.close().then(() => {
      if (this.#sound === ducked) ducked.open(listener);
    });
  }
}
