// The dome as loudspeaker and microphone. Its backchannel is opened with the first frame and given back
// half a second after the last, for some domes ring or record while it is held; its microphone runs from
// `open` to `close`. What cannot be had is a fault, tried again with growing pauses.

import type { Clock, Sound, SoundFrame, SoundListener } from '../../ports.ts';
import type { MediaSource } from '../wire.ts';
import { Microphone } from './microphone.ts';
import { Speaker } from './speaker.ts';

export interface DomeSoundOptions {
  readonly source: MediaSource;
  readonly clock: Clock;
}

export class DomeSound implements Sound {
  readonly #speaker: Speaker;
  readonly #microphone: Microphone;

  constructor(options: DomeSoundOptions) {
    this.#speaker = new Speaker(options);
    this.#microphone = new Microphone(options);
  }

  /** Faults: `talk.dome` (it takes no sound), `talk.dome.microphone` (it has one, and gives no sound). */
  open(listener: SoundListener): void {
    this.#speaker.open(listener);
    this.#microphone.open(listener);
  }

  play(frame: SoundFrame): void {
    this.#speaker.play(frame);
  }

  levels() {
    return { speaker: this.#speaker.levelDb, microphone: this.#microphone.levelDb };
  }

  async close(): Promise<void> {
    this.#speaker.close();
    this.#microphone.close();
  }
}
