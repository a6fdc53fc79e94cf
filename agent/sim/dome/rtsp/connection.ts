// One client of the RTSP server: its requests, one after the other, and its interleaved packets.

import type { Socket } from 'node:net';
import { monotonicMs } from '../actuators.ts';
import type { VideoStream } from '../video/stream.ts';
import type { RtspDigest } from './digest.ts';
import {
  RtspReader,
  type RtspReply,
  type RtspRequest,
  RtspViolation,
  writeReply,
} from './message.ts';
import { type Inlet, interleavedOutlet, type Outlet, udpOutlet } from './outlet.ts';
import { tracks, writeDescription } from './sdp.ts';
import { Session, type Studio } from './session.ts';

/** What the connections of one server have in common. */
export interface Desk {
  readonly streams: { readonly [name: string]: VideoStream };
  readonly studio: Studio;
  readonly digest: RtspDigest;
  readonly sessions: Map<string, Session>;
  readonly timeoutSeconds: number;
  /** Status that every DESCRIBE, SETUP and PLAY gets. */
  readonly refusal: () => number | null;
  readonly heard: (request: RtspRequest, status: number) => void;
}

const backchannel = 'www.onvif.org/ver20/backchannel';
const sessionsMax = 32;
const requestsWaitingMax = 20;
const methods = [
  ...['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE'],
  ...['GET_PARAMETER', 'SET_PARAMETER', 'TEARDOWN'],
];

/** An answer that is nothing but its status. */
const bare = (status: number): RtspReply => ({ status });

export class Connection {
  readonly #socket: Socket;
  readonly #desk: Desk;
  readonly #reader = new RtspReader();
  readonly #inlets = new Map<number, (packet: Buffer) => void>();
  readonly #own = new Set<Session>();
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(socket: Socket, desk: Desk) {
    this.#socket = socket;
    this.#desk = desk;
  }

  open(): void {
    this.#socket.on('data', (chunk) => this.#take(chunk));
    // A client that gives up resets what it does not read.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      for (const session of this.#own) this.#end(session);
    });
  }

  #take(chunk: Buffer): void {
    try {
      for (const one of this.#reader.take(chunk)) {
        if ('channel' in one) this.#inlets.get(one.channel)?.(one.packet);
        else this.#queue(one);
      }
    } catch (error) {
      if (!(error instanceof RtspViolation)) throw error;
      this.#socket.end(writeReply(undefined, { status: error.status }));
    }
  }

  #queue(request: RtspRequest): void {
    if (++this.#waiting > requestsWaitingMax) return void this.#socket.destroy();
    this.#work = this.#work
      .then(() => this.#serve(request))
      .catch((error: Error) => void this.#socket.destroy(error))
      .finally(() => this.#waiting--);
  }

  async #serve(request: RtspRequest): Promise<void> {
    if (this.#desk.studio.hanging()) return;
    const reply = await this.#answer(request);
    this.#desk.heard(request, reply.status);
    if (this.#socket.writable) this.#socket.write(writeReply(request.headers.get('cseq'), reply));
    if (reply.status === 200 && request.method === 'PLAY') this.#session(request)?.play();
  }

  async #answer(request: RtspRequest): Promise<RtspReply> {
    const { method, headers } = request;
    if (method === 'OPTIONS') return { status: 200, headers: { Public: methods.join(', ') } };
    const challenge = this.#desk.digest.challenge(request);
    if (challenge) return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    const required = headers.get('require');
    const talks = this.#desk.studio.talk.length > 0;
    if (required !== undefined && (required !== backchannel || !talks))
      return { status: 551, headers: { Unsupported: required } };
    const refusal = this.#desk.refusal();
    if (refusal !== null && /^(DESCRIBE|SETUP|PLAY)$/.test(method)) return bare(refusal);
    if (method === 'DESCRIBE') return this.#describe(request);
    if (method === 'SETUP') return this.#setUp(request);
    if (!methods.includes(method)) return { status: 405, headers: { Allow: methods.join(', ') } };
    const session = this.#session(request);
    // Without a session it only asks whether we are there.
    if (!session) return bare(method === 'GET_PARAMETER' && !headers.has('session') ? 200 : 454);
    return this.#control(request, session);
  }

  #control({ method, url, body }: RtspRequest, session: Session): RtspReply {
    const told = this.#told(session);
    switch (method) {
      case 'PLAY': {
        if (session.channels.size === 0) return bare(455);
        const info = session.info(baseOf(url));
        const range = { ...told, Range: 'npt=now-' };
        return { status: 200, headers: info ? { ...range, 'RTP-Info': info } : range };
      }
      case 'PAUSE':
        session.pause();
        return { status: 200, headers: told };
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return body.trim() === '' ? { status: 200, headers: told } : bare(451);
      default:
        this.#end(session);
        return bare(200);
    }
  }

  async #describe({ url, headers }: RtspRequest): Promise<RtspReply> {
    const stream = this.#desk.streams[nameOf(url)];
    if (!stream) return bare(404);
    const { microphone, talk, analytics } = this.#desk.studio;
    try {
      const parameterSets = await stream.parameterSets();
      const { settings } = stream;
      const told = headers.has('require') ? talk : [];
      return {
        status: 200,
        headers: { 'Content-Base': `${baseOf(url)}/`, 'Content-Type': 'application/sdp' },
        body: writeDescription({
          ...{ settings, parameterSets, microphone, talk: told },
          metadata: analytics !== null,
        }),
      };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { status: 503, headers: { Warning: `199 sim "${error.message.split('\n')[0]}"` } };
    }
  }

  async #setUp(request: RtspRequest): Promise<RtspReply> {
    const { url, headers } = request;
    const { sessions, streams, studio } = this.#desk;
    const stream = streams[nameOf(url)];
    const track = tracks[Number(/\/trackID=(\d)$/.exec(url)?.[1] ?? 'NaN')];
    if (!stream || !track || (track === 'audio' && !studio.microphone)) return bare(404);
    if (track === 'metadata' && !studio.analytics) return bare(404);
    if (track === 'talk' && !headers.has('require')) return bare(404);
    const known = this.#session(request);
    if (!known && headers.has('session')) return bare(454);
    if (known?.playing || (known && known.stream !== stream)) return bare(455);
    if (!known && sessions.size >= sessionsMax) return bare(453);
    if (track === 'talk' && studio.speaker.busy && !known?.channels.has('talk')) return bare(453);
    const session = known ?? new Session(stream, studio);
    const outlet = await this.#outlet(headers.get('transport') ?? '', session.inlet(track));
    if (!outlet) return bare(461);
    session.add(track, outlet);
    sessions.set(session.id, session);
    if (outlet.transport.includes('TCP')) this.#own.add(session);
    const ssrc = session.channels.get(track)?.sender?.ssrc.toString(16).padStart(8, '0');
    const transport = ssrc ? `${outlet.transport};ssrc=${ssrc.toUpperCase()}` : outlet.transport;
    return { status: 200, headers: { ...this.#told(session), Transport: transport } };
  }

  /** The first of the transports offered that we can do. */
  async #outlet(offered: string, inlet: Inlet): Promise<Outlet | null> {
    for (const one of offered.split(',')) {
      if (one.includes('multicast')) continue;
      const pair = /(?:interleaved|client_port)=(\d+)-(\d+)/.exec(one);
      const [first, second] = [Number(pair?.[1] ?? 'NaN'), Number(pair?.[2] ?? 'NaN')];
      if (/^\s*RTP\/AVP\/TCP/.test(one)) {
        const channel = pair ? first : this.#inlets.size;
        if (channel > 254) continue;
        this.#inlets.set(channel, inlet.rtp);
        this.#inlets.set(channel + 1, inlet.rtcp);
        return interleavedOutlet(this.#socket, channel);
      }
      const isPort = first > 0 && first < 65_536 && second > 0 && second < 65_536;
      if (/^\s*RTP\/AVP(\/UDP)?(;|$)/.test(one) && isPort) return udpOutlet([first, second], inlet);
    }
    return null;
  }

  #session({ headers }: RtspRequest): Session | undefined {
    const id = headers.get('session')?.split(';')[0]?.trim() ?? '';
    const session = this.#desk.sessions.get(id);
    if (session) session.seenMs = monotonicMs();
    return session;
  }

  #told({ id }: Session): { readonly Session: string } {
    return { Session: `${id};timeout=${this.#desk.timeoutSeconds}` };
  }

  #end(session: Session): void {
    this.#own.delete(session);
    this.#desk.sessions.delete(session.id);
    session.close();
  }
}

/** `main` of `rtsp://host:port/live/main?unicast=true&proto=Onvif/trackID=0`. */
const nameOf = (url: string): string => /^rtsp:\/\/[^/]+\/live\/(\w+)/.exec(url)?.[1] ?? '';
const baseOf = (url: string): string => url.replace(/\/(trackID=\d)?$/, '');
