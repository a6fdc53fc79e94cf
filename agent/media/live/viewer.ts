// One viewer: which stream he sees, that he has a picture at once and again when he cannot decode, and
// whether he is still there. For a peer that has gone the library says nothing for half a minute; what
// counts are his receiver reports.

import { randomInt } from 'node:crypto';
import type { Clock } from '../../ports.ts';
import type { LiveWanted } from '../wire.ts';
import type { Feed, Sound } from './feed.ts';
import { Forwarder } from './forwarder.ts';
import type { Picture } from './group.ts';
import { readOffer } from './offer.ts';
import { type Library, type Outlet, Peer, type PeerOptions } from './peer.ts';
import { parseRtcp } from './rtcp.ts';
import { writeRtp } from './rtp.ts';
import { StreamChoice } from './stream-choice.ts';

export type Session = LiveWanted['sessions'][number];
export type StreamName = 'main' | 'sub';
export type Feeds = { readonly [name in StreamName]: Feed };

export interface ViewerOptions extends Pick<PeerOptions, 'answered' | 'gathered'> {
  readonly session: Session;
  readonly library: Library;
  readonly clock: Clock;
  readonly feeds: Feeds;
  readonly connected: () => void;
  /** Once; not after `close`. */
  readonly closed: (reason: 'lost' | 'refused', detail: string) => void;
  /** What he is shown is a still until the next key picture. */
  readonly still: (stream: StreamName) => void;
  /** He would rather have another stream. */
  readonly chosen: () => void;
}

const lookMs = 1_000;
/** Without a receiver report. */
const silentMs = 5_000;
/** Between two groups from the cache: decoding one takes the browser some time. */
const refreshMs = 1_000;

export class Viewer {
  readonly #options: ViewerOptions;
  readonly #choice: StreamChoice;
  #peer: Peer | null = null;
  #forwarder: Forwarder | null = null;
  #ssrc = 0;
  #sound: { readonly [codec: string]: Outlet } = {};
  #soundSequence = randomInt(2 ** 16);
  #candidates = 0;
  #isOpen = false;
  #shows: StreamName | null = null;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #isRefreshDue = false;
  #asked: Session['stream'];
  #reportedMs = 0;
  #sentMs = 0;
  #cancel: () => void = () => undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#choice = new StreamChoice(this.#nowMs);
    this.#asked = options.session.stream;
  }

  /** Stream he asked for, or the one that his line can take. */
  get prefers(): StreamName {
    return this.#asked === 'auto' ? this.#choice.stream : this.#asked;
  }

  get isAuto(): boolean {
    return this.#asked === 'auto';
  }

  /** Packets can go to him. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Stream he sees now. */
  get shows(): StreamName | null {
    return this.#shows;
  }

  open(): void {
    const { session, closed } = this.#options;
    const offered = readOffer(session.sdp);
    if (typeof offered === 'string') return closed('refused', offered);
    try {
      const peer = this.#connect();
      const picture = peer.video(offered);
      if (offered.sound) this.#sound = peer.sound(offered.sound);
      this.#ssrc = picture.ssrc;
      this.#forwarder = new Forwarder({
        ...{ ssrc: picture.ssrc, payloadType: picture.payloadType, clock: this.#options.clock },
        ...{ sequence: randomInt(2 ** 16), offset: randomInt(2 ** 32) },
        send: (packet, timestamp) => picture.send(packet, timestamp),
      });
      peer.answer(session.sdp);
    } catch (error) {
      return this.#end('refused', `the offer cannot be answered: ${messageOf(error)}`);
    }
    this.candidates(session.candidates);
  }

  /** He wants another stream than he asked for. */
  wants(stream: Session['stream']): void {
    if (stream === this.#asked) return;
    this.#asked = stream;
    this.#options.chosen();
  }

  /** All of the client's so far. */
  candidates(all: Session['candidates']): void {
    const fresh = all.slice(this.#candidates);
    this.#candidates = all.length;
    const unread = this.#peer?.add(fresh) ?? 0;
    // The others may do.
    if (unread > 0) console.error(`${this.#options.session.id}: ${unread} candidates are none`);
  }

  /** A picture has come from the stream that he should see (`target`) or another. */
  picture(from: StreamName, target: StreamName, picture: Picture): void {
    if (!this.#isOpen) return;
    if (from === target && this.#shows !== target) this.#show(target);
    else if (from === this.#shows) this.#push(picture);
  }

  sound(from: StreamName, { ticks, codec, payload }: Sound): void {
    const outlet = this.#sound[codec];
    if (!this.#isOpen || !outlet || from !== this.#shows) return;
    const { ssrc, payloadType } = outlet;
    this.#soundSequence = (this.#soundSequence + 1) & 0xffff;
    const header = { marker: false, sequence: this.#soundSequence, timestamp: ticks };
    const packet = writeRtp(soundRoom, { ...header, ssrc, payloadType }, payload);
    outlet.send(packet, ticks);
  }

  /** Pictures of a stream are missing. */
  cut(from: StreamName): void {
    if (from === this.#shows) this.#forwarder?.interrupt();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel();
    this.#forwarder?.close();
    this.#peer?.close();
    this.#peer = null;
  }

  #connect(): Peer {
    const { session, library, clock, answered, gathered } = this.#options;
    this.#peer = new Peer({
      ...{ library, clock, answered, gathered },
      name: session.id,
      iceServers: session.iceServers,
      open: () => this.#opened(),
      rtcp: (bytes) => this.#hear(bytes),
      lost: (detail) => this.#end('lost', detail),
    });
    return this.#peer;
  }

  #opened(): void {
    this.#isOpen = true;
    this.#reportedMs = this.#nowMs;
    this.#options.connected();
    this.#options.chosen();
    this.#look();
  }

  /** From the cache, so that there is a picture at once. */
  show(target: StreamName): void {
    if (this.#isOpen && this.#shows === null) this.#show(target);
  }

  #show(target: StreamName): void {
    const { group } = this.#options.feeds[target];
    if (!this.#forwarder?.show(group)) return;
    this.#shows = target;
    if (!group.isWhole) this.#options.still(target);
    this.#refreshed();
  }

  #push(picture: Picture): void {
    if (this.#forwarder?.push(picture)) this.#refreshed();
    this.#sentMs = this.#nowMs;
  }

  #refreshed(): void {
    this.#sentMs = this.#refreshedMs = this.#nowMs;
    this.#isRefreshDue = false;
  }

  #hear(bytes: Buffer): void {
    const feedback = parseRtcp(bytes, this.#ssrc);
    if (feedback.report) this.#reportedMs = this.#nowMs;
    if (feedback.keyWanted) this.#refresh();
    if (!this.isAuto || this.#shows !== this.prefers) return;
    const before = this.#choice.stream;
    this.#choice.hear(feedback, this.#options.feeds[this.prefers].bitsPerS, this.#nowMs);
    if (this.#choice.stream !== before) this.#options.chosen();
  }

  /** He cannot decode: the group again, but not all the time. */
  #refresh(): void {
    if (this.#isRefreshDue || this.#shows === null) return;
    this.#isRefreshDue = true;
    const waitMs = Math.max(0, this.#refreshedMs + refreshMs - this.#nowMs);
    if (waitMs === 0) return this.#refreshNow();
    this.#options.clock.after(waitMs, () => this.#refreshNow());
  }

  #refreshNow(): void {
    if (this.#isOpen && this.#isRefreshDue && this.#shows) this.#show(this.#shows);
  }

  #look(): void {
    this.#cancel = this.#options.clock.after(lookMs, () => {
      const isSending = this.#nowMs - this.#sentMs < 2 * lookMs;
      // Who is sent nothing has nothing to report.
      if (!isSending) this.#reportedMs = this.#nowMs;
      if (this.#nowMs - this.#reportedMs < silentMs) return this.#look();
      this.#end('lost', `the viewer is gone: no receiver report for ${silentMs / 1000} s`);
    });
  }

  #end(reason: 'lost' | 'refused', detail: string): void {
    this.close();
    this.#options.closed(reason, detail);
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}

const soundRoom = Buffer.alloc(1_300);
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 200);
