// One track of an RTSP stream, playing: from DESCRIBE to TEARDOWN, on a connection of its own that is kept
// alive. Which track it is, and what a failure means, is its user's affair.

import type { Clock } from '../ports.ts';
import { headerOf, RtspError, type RtspReply } from './reader.ts';
import { Rtsp, type RtspSource } from './rtsp.ts';

export interface PlayOptions<T extends { readonly url: string }> {
  readonly clock: Clock;
  readonly source: RtspSource;
  /** Of DESCRIBE, SETUP and PLAY. */
  readonly headers: { readonly [name: string]: string };
  /** The track to play, of a description and the address it is relative to. Throws `RtspError`. */
  readonly choose: (sdp: string, base: string) => T;
  /** An RTP packet of it. */
  readonly packet: (packet: Buffer) => void;
  /** Once; not after `close`. */
  readonly lost: (why: string) => void;
}

const sessionSDefault = 60;

export class Play<T extends { readonly url: string }> {
  readonly #options: PlayOptions<T>;
  readonly #rtsp: Rtsp;
  #session: { readonly id: string; readonly url: string } | null = null;
  #channel = 0;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(options: PlayOptions<T>) {
    this.#options = options;
    this.#rtsp = new Rtsp({
      clock: options.clock,
      source: options.source,
      packet: (channel, packet) => {
        if (channel === this.#channel) options.packet(packet);
      },
      lost: (why) => {
        this.#cancel();
        const isNews = !this.#isClosed;
        this.#isClosed = true;
        if (isNews) options.lost(why);
      },
    });
  }

  /** What was chosen. Throws `RtspError`, or what `choose` throws. */
  async open(): Promise<T> {
    const { source, headers, choose } = this.#options;
    const described = await this.#rtsp.ask('DESCRIBE', source.url, {
      Accept: 'application/sdp',
      ...headers,
    });
    const base =
      headerOf(described, 'content-base') ?? headerOf(described, 'content-location') ?? source.url;
    const track = choose(described.body, base);
    const set = await this.#rtsp.ask('SETUP', track.url, {
      Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1',
      ...headers,
    });
    const { id, seconds } = sessionOf(set);
    this.#channel = Number(/interleaved=(\d+)/.exec(headerOf(set, 'transport') ?? '')?.[1] ?? 0);
    this.#session = { id, url: base };
    await this.#rtsp.ask('PLAY', base, { Session: id, ...headers });
    this.#keepAlive(seconds);
    return track;
  }

  /** False where the dome does not read. */
  send(packet: Buffer): boolean {
    return this.#rtsp.send(this.#channel, packet);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    const session = this.#session;
    this.#rtsp.close(session && { method: 'TEARDOWN', url: session.url, session: session.id });
  }

  /** At half the session's time; a server that knows no OPTIONS in a session has still heard of us. */
  #keepAlive(seconds: number): void {
    this.#cancel = this.#options.clock.after(seconds * 500, () => {
      const { id, url } = this.#session ?? { id: '', url: '' };
      this.#rtsp.ask('OPTIONS', url, { Session: id }).then(
        () => this.#keepAlive(seconds),
        (error: unknown) => {
          if (!(error instanceof RtspError)) throw error;
          if (!this.#isClosed) this.#keepAlive(seconds);
        },
      );
    });
  }
}

function sessionOf(reply: RtspReply): { readonly id: string; readonly seconds: number } {
  const [id = '', ...rest] = (headerOf(reply, 'session') ?? '').split(';');
  if (id === '') throw new RtspError('SETUP without a session');
  const told = Number(/timeout\s*=\s*(\d+)/.exec(rest.join(';'))?.[1] ?? sessionSDefault);
  return { id: id.trim(), seconds: Math.min(300, Math.max(4, told)) };
}
