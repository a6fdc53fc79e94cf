// A stream that is tried again: opened when asked, told once when it fails and once when it is well.

import type { Clock } from '../../ports.ts';
import { RtspError } from '../../rtsp/reader.ts';
import type { MediaSource } from '../wire.ts';
import type { G711 } from './g711.ts';
import { NoTrack, type Stream, soundStream } from './stream.ts';

export interface LineOptions {
  readonly clock: Clock;
  readonly source: MediaSource;
  readonly isBackchannel: boolean;
  readonly opened: (codec: { readonly name: G711; readonly type: number }) => void;
  readonly packet: (packet: Buffer) => void;
  /** Null: it is open. */
  readonly failed: (error: RtspError | null) => void;
}

const firstPauseMs = 1_000;
const pauseMsMax = 30_000;
/** A dome without the track may be given another one some day. */
const noTrackPauseMs = 60_000;

export class Line {
  readonly #options: LineOptions;
  #stream: Stream | null = null;
  #isOpen = false;
  #failures = 0;
  #retryMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opens it, unless it is open, being opened, or has just failed. */
  open(): void {
    const { clock, source, isBackchannel, packet } = this.#options;
    if (this.#stream || clock.now().monoMs < this.#retryMs) return;
    const stream: Stream = soundStream({
      ...{ clock, source, isBackchannel, packet },
      lost: (why) => this.#failed(stream, new RtspError(why)),
    });
    this.#stream = stream;
    stream.open().then(
      ({ codec }) => {
        if (this.#stream !== stream) return;
        this.#isOpen = true;
        this.#failures = 0;
        this.#options.opened(codec);
        this.#options.failed(null);
      },
      (error: unknown) => {
        if (!(error instanceof RtspError)) throw error;
        this.#failed(stream, error);
      },
    );
  }

  /** False where it is not open, or the dome does not read. */
  send(packet: Buffer): boolean {
    return this.#isOpen && (this.#stream?.send(packet) ?? false);
  }

  /** What is open is of no use: it is opened anew. */
  giveUp(why: string): void {
    if (this.#stream) this.#failed(this.#stream, new RtspError(why));
  }

  close(): void {
    this.#isOpen = false;
    this.#stream?.close();
    this.#stream = null;
  }

  #failed(stream: Stream, error: RtspError): void {
    if (this.#stream !== stream) return;
    this.close();
    const pauseMs = Math.min(pauseMsMax, firstPauseMs * 2 ** this.#failures++);
    this.#retryMs =
      this.#options.clock.now().monoMs + (error instanceof NoTrack ? noTrackPauseMs : pauseMs);
    this.#options.failed(error);
  }
}
