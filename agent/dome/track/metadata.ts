// The dome's metadata stream while it is wanted: a connection of its own to the RTSP server, documents put
// together from RTP, read within limits, told as frames. A dome that sends more than can be read without
// holding up the alarm has the rest dropped. What is lost is opened again, with growing pauses.

import type { Clock } from '../../ports.ts';
import { parseRtp } from '../../rtsp/packet.ts';
import { Play } from '../../rtsp/play.ts';
import { RtspError, RtspRefused } from '../../rtsp/reader.ts';
import type { RtspSource } from '../../rtsp/rtsp.ts';
import { addressOf, formatOf, sectionsOf } from '../../rtsp/sdp.ts';
import { asDomeError, DomeError } from '../error.ts';
import { openXml, type ParseXml } from '../xml.ts';
import { type Frame, framesOf } from './frame.ts';

export const metadataLimits = {
  documentBytes: 65_536,
  /** Tags and attributes of a document: some fifty objects. 1,500 take 15 ms at the worst. */
  marks: 1500,
  /** Documents a second; so many may come at once. */
  documentsASecond: 15,
} as const;

const firstPauseMs = 1000;
const pauseMsMax = 30_000;

export interface MetadataParts {
  readonly clock: Clock;
  /** Rejects with a `DomeError`. */
  readonly source: () => Promise<RtspSource>;
  readonly frame: (frame: Frame) => void;
}

type Track = { readonly url: string; readonly type: number };

export class Metadata {
  readonly #parts: MetadataParts;
  readonly #documents: Documents;
  #parse: ParseXml | null = null;
  #opening: Promise<void> | null = null;
  #play: Play<Track> | null = null;
  #isOpen = false;
  #wanted = false;
  #type = 0;
  #failures = 0;
  /** Why it could not be opened, until it may be tried again. */
  #held: { readonly why: DomeError; readonly untilMs: number } | null = null;
  #stopTimer: () => void = () => {};

  constructor(parts: MetadataParts) {
    this.#parts = parts;
    this.#documents = new Documents(parts.clock);
  }

  /** Resolves when it is open, and then stays so as far as can be. Rejects with a `DomeError`, for a while
   * without asking the dome; after a refused password for good. */
  open(): Promise<void> {
    this.#wanted = true;
    if (this.#isOpen) return Promise.resolve();
    const held = this.#held;
    if (held && this.#parts.clock.now().monoMs < held.untilMs) return Promise.reject(held.why);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
  }

  async #open(): Promise<void> {
    const { clock, source } = this.#parts;
    this.#stopTimer();
    this.#parse ??= await openXml(metadataLimits.marks);
    const found = await source();
    if (!this.#wanted) throw new DomeError('superseded', 'not wanted any more');
    const play = new Play<Track>({
      ...{ clock, source: found, headers: {}, choose },
      packet: (packet) => this.#packet(packet),
      lost: () => this.#lost(play),
    });
    this.#play = play;
    try {
      const { type } = await play.open();
      if (this.#play !== play) throw new DomeError('superseded', 'not wanted any more');
      this.#type = type;
      this.#isOpen = true;
      this.#failures = 0;
      this.#held = null;
    } catch (error) {
      if (this.#play === play) this.#drop();
      if (!(error instanceof RtspError)) throw error;
      throw this.#hold(error);
    }
  }

  #hold(error: RtspError): DomeError {
    const why = new DomeError('missing', `what it sees is not to be had: ${error.message}`);
    const forMs = error instanceof RtspRefused ? Number.POSITIVE_INFINITY : this.#pauseMs();
    this.#held = { why, untilMs: this.#parts.clock.now().monoMs + forMs };
    return why;
  }

  /** What was open is opened again. */
  #lost(play: Play<Track>): void {
    if (this.#play !== play || !this.#isOpen) return;
    this.#drop();
    this.#later();
  }

  #later(): void {
    this.#stopTimer = this.#parts.clock.after(this.#pauseMs(), () => void this.#again());
  }

  #pauseMs(): number {
    this.#failures += 1;
    return Math.min(pauseMsMax, firstPauseMs * 2 ** (this.#failures - 1));
  }

  async #again(): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      // Told by whoever wants people to be followed, who asks now and then.
      asDomeError(error);
      if (this.#wanted) this.#later();
    }
  }

  #drop(): void {
    this.#stopTimer();
    this.#play?.close();
    this.#play = null;
    this.#isOpen = false;
    this.#documents.forget();
  }

  #packet(packet: Buffer): void {
    const document = this.#documents.take(packet, this.#type);
    if (document === null || !this.#parse) return;
    try {
      for (const frame of framesOf(this.#parse(document))) this.#parts.frame(frame);
    } catch (error) {
      // One that cannot be read is one picture less.
      asDomeError(error);
    }
  }
}

/** The track that tells what is seen, in plain words. */
function choose(sdp: string, base: string): Track {
  const names: string[] = [];
  for (const section of sectionsOf(sdp)) {
    if (section.media !== 'application') continue;
    for (const type of section.types) {
      const name = formatOf(section, type);
      if (/^vnd\.onvif\.metadata\//i.test(name))
        return { url: addressOf(section, base), type: Number(type) };
      names.push(name);
    }
  }
  if (names.length === 0) throw new RtspError('its stream has no metadata; switch them on there');
  throw new RtspError(`its metadata are ${names.join(', ')}; set them to uncompressed`);
}

/** Puts documents together. One with a hole in it is left out. */
export class Documents {
  readonly #clock: Clock;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #sequence: number | null = null;
  #broken = false;
  #allowance = { documents: metadataLimits.documentsASecond as number, sinceMs: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  forget(): void {
    this.#begin(false);
    this.#sequence = null;
  }

  /** The document that a packet completes; null: none, or one too many. */
  take(packet: Buffer, type: number): string | null {
    const rtp = parseRtp(packet);
    if (!rtp || rtp.payloadType !== type) return null;
    const isNext = this.#sequence === null || rtp.sequence === ((this.#sequence + 1) & 0xffff);
    this.#sequence = rtp.sequence;
    this.#bytes += rtp.payload.length;
    this.#broken ||= !isNext || this.#bytes > metadataLimits.documentBytes;
    // A copy: the payload is a view of what is read next.
    if (this.#broken) this.#pieces = [];
    else this.#pieces.push(Buffer.from(rtp.payload));
    if (!rtp.marker) return null;
    const document = this.#broken ? null : Buffer.concat(this.#pieces).toString('utf8');
    this.#begin(false);
    return document !== null && this.#mayRead() ? document : null;
  }

  #begin(broken: boolean): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#broken = broken;
  }

  #mayRead(): boolean {
    const { documentsASecond } = metadataLimits;
    const nowMs = this.#clock.now().monoMs;
    const grown = ((nowMs - this.#allowance.sinceMs) / 1000) * documentsASecond;
    const documents = Math.min(documentsASecond, this.#allowance.documents + grown);
    const may = documents >= 1;
    this.#allowance = { documents: may ? documents - 1 : documents, sinceMs: nowMs };
    return may;
  }
}
