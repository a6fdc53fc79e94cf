// One stream of the dome (main or sub): kept open while it is wanted, started again when it ends, with
// a pause that grows. Gives pictures and sound with times that rise over all of that, and keeps the
// group of pictures that is on air.

import type { Clock } from '../../ports.ts';
import { type SoundPacket, soundTicksPerMs } from '../clip/opus.ts';
import type { MediaSource } from '../wire.ts';
import { Assembler, type CodedPicture } from './assembler.ts';
import { bidirectional, type Trouble } from './ffmpeg.ts';
import { Group, type Picture } from './group.ts';
import { payloadsOf } from './h264.ts';
import { Ingest } from './ingest.ts';
import type { SoundCodec } from './offer.ts';
import type { RtpPacket } from './rtp.ts';
import { Steady } from './steady.ts';
import { Timeline } from './timeline.ts';

/** 20 ms of the dome's sound: as it came where it is G.711, else as Opus. */
export interface Sound {
  /** 8 kHz, of Opus 48. */
  readonly ticks: number;
  readonly codec: SoundCodec;
  readonly payload: Buffer;
}

export interface FeedOptions {
  readonly clock: Clock;
  /** A number in [0, 1): jitter. */
  readonly chance: () => number;
  /** `units`: of the picture, uncut; only valid until it returns. */
  readonly picture: (picture: Picture, units: readonly Buffer[]) => void;
  readonly sound: (sound: Sound) => void;
  /** Whether it is to be had as Opus as well; asked whenever ffmpeg starts. */
  readonly wantsOpus: () => boolean;
  readonly opus: (packet: SoundPacket) => void;
  /** Pictures are missing: nothing can be decoded before the next key picture. */
  readonly cut: () => void;
  /** The same, in the middle of a stream that goes on. */
  readonly damaged: () => void;
  /** `trouble` has changed, or pictures have come for the first time. */
  readonly changed: () => void;
}

const pauses = { firstMs: 300, mostMs: 5_000, codecMs: 60_000 } as const;
/** Slow domes take 10 s to their first picture. One that was quicker is not waited for so long again, for
 * what hangs while it starts would hold us up; but for as long as its groups are. */
const first = { leastMs: 4_000, mostMs: 20_000, times: 3 } as const;
/** A life that has lasted so long was a good one. */
const wellMs = 10_000;
/** Pictures out of order in a row, before it is told. */
const aheadMin = 3;
const rateOverMs = 2_000;
/** Of a packet (RFC 6716, 3.4). */
const opusBytesMax = 1_275;
const g711: { readonly [payloadType: number]: Sound['codec'] } = { 0: 'PCMU', 8: 'PCMA' };

export class Feed {
  readonly group = new Group();
  readonly #options: FeedOptions;
  #source: MediaSource | null = null;
  #ingest: Ingest | null = null;
  #closing: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #failures = 0;
  #startedMs = 0;
  #firstMs: number = first.mostMs;
  /** Of the last key picture, null before the first of this life; the dome's first one, its last group. */
  #keyMs: number | null = null;
  #tookMs = 0;
  #groupMs = 0;
  #liveMs: number | null = null;
  #trouble: Trouble | null = null;
  #ahead = 0;
  #timeline = new Timeline(90);
  #soundTimeline = new Timeline(8);
  readonly #opusTimes = new Steady(soundTicksPerMs);
  /** What cannot be coded ends ffmpeg: the life after one that never had a picture goes without. */
  #mayOpus = true;
  /** AAC, for example: who looks on hears it as Opus. */
  #isForeign = false;
  #rate = { bytes: 0, sinceMs: 0, bitsPerS: 0 };

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get isWanted(): boolean {
    return this.#source !== null;
  }

  /** Why there is no picture, or why it is bad; null while it is not wanted. */
  get trouble(): string | null {
    return this.#trouble?.detail ?? (this.#ahead >= aheadMin ? bidirectional : null);
  }

  /** No browser shows what the dome sends. */
  get isUnusable(): boolean {
    return this.#trouble?.kind === 'codec';
  }

  /** It has been tried, and there is no picture. */
  get isDown(): boolean {
    return this.#trouble !== null;
  }

  /** Pictures have come, and nothing has gone wrong since. */
  get isLive(): boolean {
    return this.#liveMs !== null;
  }

  get bitsPerS(): number {
    return this.#rate.bitsPerS;
  }

  /** Null: not wanted. */
  want(source: MediaSource | null): void {
    const before = this.#source;
    if (sameSource(before, source)) return;
    this.#source = source;
    this.#failures = 0;
    this.#firstMs = first.mostMs;
    this.#trouble = null;
    this.#ahead = 0;
    this.#isForeign = false;
    this.#stop();
    if (source) this.#start();
  }

  /** Ends ffmpeg and waits until it is gone. */
  async close(): Promise<void> {
    this.#source = null;
    this.#stop();
    await this.#closing;
  }

  #start(): void {
    const source = this.#source;
    if (!source) return;
    this.#timeline.restart();
    this.#soundTimeline.restart();
    this.#opusTimes.restart();
    const opus = this.#mayOpus && (this.#options.wantsOpus() || this.#isForeign);
    const assembler = new Assembler((picture) => this.#picture(picture));
    this.#startedMs = this.#nowMs;
    this.#keyMs = null;
    this.#ingest = new Ingest({
      ...{ source, firstMs: this.#firstMs },
      clock: this.#options.clock,
      video: (packet) => assembler.take(packet),
      sound: (packet) => this.#sound(packet),
      opus: opus ? (packet) => this.#opus(packet) : null,
      foreignSound: () => this.#foreign(opus),
      ended: (trouble) => this.#ended(trouble),
    });
    this.#ingest.start();
  }

  #stop(): void {
    this.#cancel();
    const ingest = this.#ingest;
    this.#ingest = null;
    this.#liveMs = null;
    this.group.clear();
    this.#options.cut();
    // After the one before it: the dome may have no more than one connection to give.
    if (ingest) this.#closing = this.#closing.then(() => ingest.close());
  }

  #ended(trouble: Trouble): void {
    const { clock, chance, changed } = this.#options;
    const livedMs = this.#liveMs === null ? 0 : this.#nowMs - this.#liveMs;
    this.#failures = livedMs > wellMs ? 0 : this.#failures + 1;
    this.#mayOpus = this.#keyMs !== null || !(this.#mayOpus && this.#ingest?.isBegun);
    this.#trouble = trouble;
    this.#stop();
    const grown = Math.min(pauses.mostMs, pauses.firstMs * 2 ** Math.min(this.#failures, 10));
    const pauseMs = trouble.kind === 'codec' ? pauses.codecMs : grown;
    this.#cancel = clock.after(pauseMs * (0.75 + 0.5 * chance()), () => this.#start());
    changed();
  }

  #picture({ timestamp, key, units, ahead, damaged }: CodedPicture): void {
    if (damaged) {
      this.group.cut();
      this.#options.cut();
      return this.#options.damaged();
    }
    const nowMs = this.#nowMs;
    const payloads = units.flatMap(payloadsOf);
    const bytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
    const picture = { ticks: this.#timeline.at(timestamp, nowMs), key, payloads, bytes };
    this.#measure(bytes, nowMs);
    this.group.push(picture);
    this.#options.picture(picture, units);
    this.#judge(key, ahead, nowMs);
  }

  #judge(key: boolean, ahead: boolean, nowMs: number): void {
    const before = this.trouble;
    if (ahead) this.#ahead++;
    else if (key) this.#ahead = Math.min(this.#ahead, aheadMin - 1);
    const isFirst = key && this.#liveMs === null;
    if (key) this.#learn(nowMs);
    if (isFirst) {
      this.#liveMs = nowMs;
      this.#trouble = null;
      this.#ahead = 0;
    }
    if (isFirst || this.trouble !== before) this.#options.changed();
  }

  /** A key picture: how long the dome may take to the first one of its next life. */
  #learn(nowMs: number): void {
    if (this.#keyMs === null) this.#tookMs = nowMs - this.#startedMs;
    else this.#groupMs = nowMs - this.#keyMs;
    this.#keyMs = nowMs;
    const enoughMs = Math.max(first.times * this.#tookMs, this.#groupMs + first.leastMs);
    this.#firstMs = Math.min(first.mostMs, enoughMs);
  }

  #sound({ payloadType, timestamp, payload }: RtpPacket): void {
    const codec = g711[payloadType];
    if (codec === undefined || payload.length > 480) return;
    const ticks = this.#soundTimeline.at(timestamp, this.#nowMs);
    this.#options.sound({ ticks, codec, payload });
  }

  /** The life in hand has no Opus, and begins anew: it has no picture yet. */
  #foreign(isCoded: boolean): void {
    const isNews = !this.#isForeign;
    this.#isForeign = true;
    if (!isNews || isCoded || !this.#mayOpus) return;
    this.#stop();
    this.#start();
  }

  #opus({ timestamp, payload }: RtpPacket): void {
    if (payload.length === 0 || payload.length > opusBytesMax) return;
    const ticks = this.#opusTimes.at(timestamp, this.#nowMs);
    // A copy: a view would keep all of the datagram.
    const data = Buffer.from(payload);
    this.#options.opus({ ticks, data });
    if (this.#isForeign) this.#options.sound({ ticks, codec: 'OPUS', payload: data });
  }

  #measure(bytes: number, nowMs: number): void {
    const { sinceMs, bitsPerS } = this.#rate;
    const passedMs = nowMs - sinceMs;
    if (passedMs < rateOverMs) this.#rate.bytes += bytes;
    else {
      const fresh = (this.#rate.bytes * 8000) / passedMs;
      const isKnown = passedMs < 2 * rateOverMs;
      this.#rate = { bytes, sinceMs: nowMs, bitsPerS: isKnown ? fresh : bitsPerS };
    }
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}

const sameSource = (a: MediaSource | null, b: MediaSource | null): boolean =>
  a?.url === b?.url && a?.username === b?.username && a?.password === b?.password;
