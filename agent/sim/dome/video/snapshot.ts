// Snapshots of the scene: an ffmpeg that waits for pictures while they are asked for.

import type { Scene } from '../scene/code.ts';
import { Picture } from '../scene/picture.ts';
import { Encoder } from './encoder.ts';
import type { SceneNow } from './stream.ts';

const lingerMs = 5000;
const waitingMax = 8;

interface Waiting {
  readonly done: (jpeg: Buffer) => void;
  readonly failed: (why: Error) => void;
}

export class Snapshots {
  readonly #scene: SceneNow;
  readonly #size: () => { readonly width: number; readonly height: number };
  readonly #waiting: Waiting[] = [];
  #taken = 0;
  #encoder: Encoder | null = null;
  #picture: Picture | null = null;
  #linger: NodeJS.Timeout | undefined;

  constructor(scene: SceneNow, size: () => { readonly width: number; readonly height: number }) {
    this.#scene = scene;
    this.#size = size;
  }

  /** A JPEG of now. Fails where there is no ffmpeg. */
  async take(): Promise<Buffer> {
    if (this.#waiting.length >= waitingMax) throw new Error('too many snapshots at once');
    const { encoder, picture } = this.#open();
    const scene: Scene = { frame: this.#taken++, sentMs: Date.now(), ...this.#scene() };
    const frame = Buffer.allocUnsafe(picture.bytes);
    picture.draw(frame, scene);
    const jpeg = new Promise<Buffer>((done, failed) => this.#waiting.push({ done, failed }));
    // Its memory is not used again.
    encoder.write(frame, () => {});
    return jpeg;
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    const encoder = this.#encoder;
    this.#lost(new Error('the dome was switched off'));
    await encoder?.close();
  }

  #open(): { readonly encoder: Encoder; readonly picture: Picture } {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => void this.close(), lingerMs);
    const { width, height } = this.#size();
    const isFit = this.#picture?.width === width && this.#picture.height === height;
    if (this.#encoder && this.#picture && isFit)
      return { encoder: this.#encoder, picture: this.#picture };
    void this.#encoder?.close();
    const encoder = new Encoder(
      { codec: 'mjpeg', width, height, framesPerSecond: 25, gopFrames: 1, kbps: 0 },
      {
        onPicture: (jpeg) => this.#waiting.shift()?.done(jpeg),
        onFailure: (why) => this.#lost(why),
      },
    );
    encoder.open();
    this.#encoder = encoder;
    this.#picture = new Picture(width, height);
    return { encoder, picture: this.#picture };
  }

  #lost(why: Error): void {
    this.#encoder = null;
    for (const { failed } of this.#waiting.splice(0)) failed(why);
  }
}
