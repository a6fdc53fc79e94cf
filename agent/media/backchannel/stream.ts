// One sound track of the dome, playing: its microphone towards us, or our voice to its loudspeaker (the
// ONVIF backchannel). A connection of its own, given back with TEARDOWN.

import type { Clock } from '../../ports.ts';
import type { MediaSource } from '../wire.ts';
import type { G711 } from './g711.ts';
import { headerOf, RtspError, type RtspReply } from './reader.ts';
import { Rtsp } from './rtsp.ts';
import { type SoundTrack, soundTracks } from './tracks.ts';

export interface StreamOptions {
  readonly clock: Clock;
  readonly source: MediaSource;
  readonly isBackchannel: boolean;
  /** An RTP packet of the microphone. */
  readonly packet: (packet: Buffer) => void;
  readonly lost: (why: string) => void;
}

/** The dome has no such track, or none that we speak; asking again soon does not help. */
export class NoTrack extends RtspError {
  readonly isAbsent: boolean;

  constructor(message: string, isAbsent: boolean) {
    super(message);
    this.isAbsent = isAbsent;
  }
}

const require = { Require: 'www.onvif.org/ver20/backchannel' };
const sessionSDefault = 60;

export class Stream {
  readonly #options: StreamOptions;
  readonly #rtsp: Rtsp;
  #session: { readonly id: string; readonly url: string } | null = null;
  #channel = 0;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(options: StreamOptions) {
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

  /** What it is in. Throws `RtspError`; `NoTrack` where the dome has none. */
  async open(): Promise<{ readonly name: G711; readonly type: number }> {
    const { source, isBackchannel } = this.#options;
    const more: Record<string, string> = isBackchannel ? require : {};
    const described = await this.#rtsp.ask('DESCRIBE', source.url, {
      Accept: 'application/sdp',
      ...more,
    });
    const base =
      headerOf(described, 'content-base') ?? headerOf(described, 'content-location') ?? source.url;
    const track = choose(soundTracks(described.body, base), isBackchannel);
    const set = await this.#rtsp.ask('SETUP', track.url, {
      Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1',
      ...more,
    });
    const { id, seconds } = sessionOf(set);
    this.#channel = Number(/interleaved=(\d+)/.exec(headerOf(set, 'transport') ?? '')?.[1] ?? 0);
    this.#session = { id, url: base };
    await this.#rtsp.ask('PLAY', base, { Session: id, ...more });
    this.#keepAlive(seconds);
    return track.codec;
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

type Chosen = SoundTrack & { readonly codec: NonNullable<SoundTrack['codec']> };

function choose(tracks: readonly SoundTrack[], isBackchannel: boolean): Chosen {
  const own = tracks.filter((track) => track.isBackchannel === isBackchannel);
  const track = own.find((one): one is Chosen => one.codec !== null);
  if (track) return track;
  const names = own.flatMap((one) => one.names);
  if (names.length > 0)
    throw new NoTrack(`its sound is ${names.join(', ')}; set it to G.711 (PCMU or PCMA)`, false);
  throw new NoTrack(isBackchannel ? 'it has no backchannel' : 'it has no microphone', true);
}

function sessionOf(reply: RtspReply): { readonly id: string; readonly seconds: number } {
  const [id = '', ...rest] = (headerOf(reply, 'session') ?? '').split(';');
  if (id === '') throw new RtspError('SETUP without a session');
  const told = Number(/timeout\s*=\s*(\d+)/.exec(rest.join(';'))?.[1] ?? sessionSDefault);
  return { id: id.trim(), seconds: Math.min(300, Math.max(4, told)) };
}
