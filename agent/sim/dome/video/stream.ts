// One video stream of the simulated dome: draws the scene 25 times a second and has it encoded, while
// somebody watches. A key frame out of turn, or other parameter sets, is another ffmpeg that is warmed up
// beside the old one and takes over between two frames.

import { monotonicMs } from '../actuators.ts';
import { splitUnits, unitType } from '../rtsp/packets.ts';
import type { Scene } from '../scene/code.ts';
import { type Lit, Picture } from '../scene/picture.ts';
import { type Codec, Encoder, type EncoderSettings } from './encoder.ts';

export interface StreamSettings
  extends Pick<EncoderSettings, 'width' | 'height' | 'kbps' | 'steady'> {
  readonly codec: Exclude<Codec, 'mjpeg'>;
  readonly gopSeconds: number;
}

export interface AccessUnit {
  readonly codec: Codec;
  /** NAL units without start codes; before a key frame the parameter sets. */
  readonly units: readonly Buffer[];
  readonly isKey: boolean;
  /** CLOCK_MONOTONIC, milliseconds: when it was to be drawn, so exactly 40 ms after the one before. */
  readonly atMs: number;
}

type Shown = Scene & Lit;
export type SceneNow = () => Omit<Shown, 'frame' | 'sentMs'>;
type Listener = (unit: AccessUnit) => void;

export const framesPerSecond = 25;
const frameMs = 1000 / framesPerSecond;
const lingerMs = 3000;
/** Up to here a busy machine catches up; beyond it frames are left out, and the counter shows it. */
const lateFramesMax = 10;
const leftOutMax = 1000;

/** An encoder with what is drawn for it. The first picture only warms it up. */
class Feed {
  readonly settings: StreamSettings;
  readonly encoder: Encoder;
  readonly picture: Picture;
  warm = false;
  readonly #due: number[] = [];
  readonly #spare: Buffer[] = [];

  constructor(
    settings: StreamSettings,
    onUnit: (feed: Feed, picture: Buffer, atMs: number) => void,
    onFailure: (feed: Feed, why: Error) => void,
  ) {
    this.settings = settings;
    this.picture = new Picture(settings.width, settings.height);
    const gopFrames = settings.gopSeconds * framesPerSecond;
    this.encoder = new Encoder(
      { ...settings, framesPerSecond, gopFrames },
      {
        onPicture: (picture) => onUnit(this, picture, this.#due.shift() ?? 0),
        onFailure: (why) => onFailure(this, why),
      },
    );
  }

  /** False where ffmpeg is too far behind to take it. */
  give(scene: Shown, atMs: number): boolean {
    if (this.encoder.backlogBytes > 2 * lateFramesMax * this.picture.bytes) return false;
    const frame = this.#spare.pop() ?? Buffer.allocUnsafe(this.picture.bytes);
    this.picture.draw(frame, scene);
    this.#due.push(atMs);
    this.encoder.write(frame, () => this.#spare.push(frame));
    return true;
  }
}

export class VideoStream {
  settings: StreamSettings;
  /** Numbers of the last frames that were not drawn, for the machine had no time. */
  readonly leftOut: number[] = [];
  readonly #scene: SceneNow;
  readonly #listeners = new Set<Listener>();
  #live: Feed | null = null;
  #next: Feed | null = null;
  #parameterSets: readonly Buffer[] = [];
  #waiting: { done: () => void; failed: (why: Error) => void }[] = [];
  #frame = 0;
  #dueMs = 0;
  #tick: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(settings: StreamSettings, scene: SceneNow) {
    this.settings = settings;
    this.#scene = scene;
  }

  /** ffmpeg runs. */
  get running(): boolean {
    return this.#live !== null || this.#next !== null;
  }

  /** Of the ffmpeg whose pictures are shown. */
  get pid(): number | undefined {
    return this.#live?.encoder.pid;
  }

  /** Coded pictures from now on, until what it returns is called. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#run();
    return () => {
      this.#listeners.delete(listener);
      this.#rest();
    };
  }

  /** VPS, SPS and PPS as they are now; the encoder starts for it. Fails where there is no ffmpeg. */
  async parameterSets(): Promise<readonly Buffer[]> {
    this.#run();
    try {
      if (this.#parameterSets.length === 0)
        await new Promise<void>((done, failed) => this.#waiting.push({ done, failed }));
      return this.#parameterSets;
    } finally {
      this.#rest();
    }
  }

  /** Other parameter sets in mid-stream: a key frame of another size, codec or length of group. */
  change(settings: Partial<StreamSettings>): void {
    this.settings = { ...this.settings, ...settings };
    this.#parameterSets = [];
    this.keyFrame();
  }

  /** A key frame as soon as may be; one that is on its way already will do. */
  keyFrame(): void {
    if (!this.running || this.#next?.settings === this.settings) return;
    const overtaken = this.#next;
    this.#start();
    void overtaken?.encoder.close();
  }

  /** Ends ffmpeg; who watched sees nothing more. */
  async stop(): Promise<void> {
    clearTimeout(this.#tick);
    clearTimeout(this.#linger);
    this.#listeners.clear();
    const feeds = [this.#live, this.#next];
    this.#live = null;
    this.#next = null;
    this.#parameterSets = [];
    this.#fail(new Error('the stream was stopped'));
    await Promise.all(feeds.map((feed) => feed?.encoder.close()));
  }

  #run(): void {
    clearTimeout(this.#linger);
    if (this.running) return;
    this.#dueMs = monotonicMs();
    this.#start();
    this.#step();
  }

  /** Nobody watches: ffmpeg ends after a while, for who describes will want to play. */
  #rest(): void {
    clearTimeout(this.#linger);
    const isWanted = this.#listeners.size > 0 || this.#waiting.length > 0;
    if (!isWanted) this.#linger = setTimeout(() => void this.stop(), lingerMs);
  }

  #start(): void {
    const feed = new Feed(
      this.settings,
      (from, picture, atMs) => this.#take(from, picture, atMs),
      (from, why) => this.#lost(from, why),
    );
    this.#next = feed;
    feed.encoder.open();
    feed.give(this.#draw(), 0);
  }

  #draw(): Shown {
    return { frame: this.#frame, sentMs: Date.now(), ...this.#scene() };
  }

  #step(): void {
    if (!this.running) return;
    const old = this.#live;
    if (this.#next?.warm) {
      this.#live = this.#next;
      this.#next = null;
      void old?.encoder.close();
    }
    const lateFrames = Math.floor((monotonicMs() - this.#dueMs) / frameMs);
    if (lateFrames > lateFramesMax) for (let n = 0; n < lateFrames; n++) this.#leaveOut();
    if (this.#live?.give(this.#draw(), this.#dueMs) === false) this.#leaveOut();
    else this.#count();
    this.#tick = setTimeout(() => this.#step(), Math.max(0, this.#dueMs - monotonicMs()));
  }

  #count(): void {
    this.#frame++;
    this.#dueMs += frameMs;
  }

  #leaveOut(): void {
    this.leftOut.push(this.#frame);
    if (this.leftOut.length > leftOutMax) this.leftOut.shift();
    this.#count();
  }

  #take(feed: Feed, picture: Buffer, atMs: number): void {
    const { codec } = feed.settings;
    const units = splitUnits(picture);
    const sets = units.filter((unit) => isParameterSet(codec, unitType(codec, unit)));
    if (!feed.warm) {
      feed.warm = true;
      this.#parameterSets = sets;
      for (const { done } of this.#waiting.splice(0)) done();
      return;
    }
    const isKey = units.some((unit) => isKeyUnit(codec, unitType(codec, unit)));
    if (feed !== this.#live) return;
    for (const listener of this.#listeners) listener({ codec, units, isKey, atMs });
  }

  /** ffmpeg died. One that had worked is replaced. */
  #lost(feed: Feed, why: Error): void {
    if (feed === this.#live) this.#live = null;
    if (feed === this.#next) this.#next = null;
    this.#fail(why);
    if (feed.warm && this.#listeners.size > 0 && !this.#next) this.#start();
  }

  #fail(why: Error): void {
    for (const { failed } of this.#waiting.splice(0)) failed(why);
  }
}

const isParameterSet = (codec: Codec, type: number): boolean =>
  codec === 'h265' ? type >= 32 && type <= 34 : type === 7 || type === 8;

const isKeyUnit = (codec: Codec, type: number): boolean =>
  codec === 'h265' ? type >= 16 && type <= 21 : type === 5;
