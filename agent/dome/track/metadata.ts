// The dome's metadata stream while it is wanted: a connection of its own to the RTSP server, documents put
// together from RTP, read within limits, told as frames. A dome that sends more than can be read without
// holding up the alarm has the rest dropped. What is lost is opened again, with growing pauses.

import type { Clock } from '../../ports.ts';
import { parseRtp } from '../../rtsp/packet.ts';
import { Play } from '../../rtsp/play.ts';
import { RtspError } from '../../rtsp/reader.ts';
import type { RtspSource } from '../../rtsp/rtsp.ts';
import { addressOf, formatOf, sectionsOf } from '../../rtsp/sdp.ts';
import { asDomeError } from '../error.ts';
import type { ParseXml } from '../xml.ts';
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
  readonly parse: ParseXml;
  /** Rejects with a `DomeError`. */
  readonly source: () => Promise<RtspSource>;
  readonly frame: (frame: Frame) => void;
  /** Null: it is open. */
  readonly outcome: (trouble: string | null) => void;
}

type Track = { readonly url: string; readonly type: number };

export class Metadata {
  readonly #parts: MetadataParts;
  readonly #documents: Documents;
  #wanted = false;
  #play: Play<Track> | null = null;
  #type = 0;
  #failures = 0;
  #stopTimer: () => void = () => {};

  constructor(parts: MetadataParts) {
    this.#parts = parts;
    this.#documents = new Documents(parts.clock);
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    void this.#open();
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
  }

  async #open(): Promise<void> {
    const { clock, source } = this.#parts;
    try {
      const found = await source();
      if (!this.#wanted || this.#play) return;
      const play = new Play<Track>({
        ...{ clock, source: found, headers: {}, choose },
        packet: (packet) => this.#packet(packet),
        lost: (why) => this.#failed(play, why),
      });
      this.#play = play;
      await this.#begin(play);
    } catch (error) {
      this.#failed(null, asDomeError(error).message);
    }
  }

  async #begin(play: Play<Track>): Promise<void> {
    try {
      const { type } = await play.open();
      if (this.#play !== play) return;
      this.#type = type;
      this.#failures = 0;
      this.#parts.outcome(null);
    } catch (error) {
      if (!(error instanceof RtspError)) throw error;
      this.#failed(play, error.message);
    }
  }

  #failed(play: Play<Track> | null, why: string): void {
    if (!this.#wanted || this.#play !== play) return;
    this.#drop();
    this.#failures += 1;
    if (this.#failures >= 2) this.#parts.outcome(why);
    const pauseMs = Math.min(pauseMsMax, firstPauseMs * 2 ** (this.#failures - 1));
    this.#stopTimer = this.#parts.clock.after(pauseMs, () => void this.#open());
  }

  #drop(): void {
    this.#stopTimer();
    this.#play?.close();
    this.#play = null;
    this.#documents.forget();
  }

  #packet(packet: Buffer): void {
    const document = this.#documents.take(packet, this.#type);
    if (document === null) return;
    try {
      for (const frame of framesOf(this.#parts.parse(document))) this.#parts.frame(frame);
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
