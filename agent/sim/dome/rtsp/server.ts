// The RTSP server of the simulated dome: `/live/main` and `/live/sub` with sound and, for who asks for
// it, the ONVIF backchannel. Its faults are methods; what it was asked is in `log`.

import { createServer, type Server, type Socket } from 'node:net';
import { monotonicMs } from '../actuators.ts';
import type { Analytics } from '../analytics/analytics.ts';
import { listen } from '../listen.ts';
import type { StreamName } from '../services.ts';
import type { Microphone, MicrophoneCodec, SoundCodec, Speaker } from '../sound.ts';
import type { SceneNow } from '../video/stream.ts';
import { type StreamSettings, VideoStream } from '../video/stream.ts';
import { Connection, type Desk } from './connection.ts';
import { type Login, RtspDigest } from './digest.ts';
import { Listening } from './listening.ts';
import type { Session } from './session.ts';

export interface RtspOptions {
  readonly streams: { readonly [name in StreamName]: StreamSettings };
  /** Codec of the microphone; null: the dome has none. */
  readonly microphone: MicrophoneCodec | null;
  /** Codecs of the loudspeaker; empty: no backchannel. */
  readonly talk: readonly SoundCodec[];
  readonly timeoutSeconds: number;
}

export interface RtspParts {
  readonly scene: SceneNow;
  readonly microphone: Microphone;
  readonly speaker: Speaker;
  readonly analytics: Analytics | null;
  /** Null: nobody is asked for a password. */
  readonly login: () => Login | null;
  /** The dome's own clock, Unix ms. */
  readonly wallMs: () => number;
}

export interface RtspLogged {
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Asked for the backchannel. */
  readonly wantsTalk: boolean;
}

const connectionsMax = 32;
const logMax = 10_000;
const sweepEveryMs = 1000;

export class RtspServer {
  readonly streams: { readonly [name in StreamName]: VideoStream };
  readonly log: RtspLogged[] = [];
  /** Faults; may be changed at any time. */
  readonly faults = {
    /** TCP stays open: nothing is sent, nothing is answered. */
    hanging: false,
    /** Status that every DESCRIBE, SETUP and PLAY gets. */
    refuse: null as number | null,
    /** It wants another one than the rest of the dome. */
    password: null as string | null,
  };
  readonly #desk: Desk;
  readonly #sockets = new Set<Socket>();
  readonly #orphans = new Set<Socket>();
  #skewMs = 0;
  #server: Server | null = null;
  #sweep: NodeJS.Timeout | undefined;
  #port: number;

  constructor(port: number, options: RtspOptions, parts: RtspParts) {
    this.#port = port;
    const stream = (name: StreamName) => new VideoStream(options.streams[name], parts.scene);
    this.streams = { main: stream('main'), sub: stream('sub') };
    this.#desk = {
      streams: this.streams,
      studio: {
        listening: new Listening(parts.microphone, options.microphone ?? 'PCMU'),
        microphone: options.microphone,
        talk: options.talk,
        speaker: parts.speaker,
        analytics: parts.analytics,
        clock: { wallMs: parts.wallMs, skewMs: () => this.#skewMs },
        hanging: () => this.faults.hanging,
      },
      digest: new RtspDigest(() => {
        const login = parts.login();
        return login && { ...login, password: this.faults.password ?? login.password };
      }),
      sessions: new Map<string, Session>(),
      timeoutSeconds: options.timeoutSeconds,
      refusal: () => this.faults.refuse,
      heard: ({ method, url, headers }, status) => {
        const wantsTalk = headers.has('require');
        this.log.push({ atMs: monotonicMs(), method, url, status, wantsTalk });
        if (this.log.length > logMax) this.log.shift();
      },
    };
  }

  get port(): number {
    return this.#port;
  }

  /** Sessions that play now. */
  get playing(): number {
    return [...this.#desk.sessions.values()].filter(({ playing }) => playing).length;
  }

  /** RTP times of all tracks jump by so much. */
  jumpClock(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** On the same port as before. */
  async up(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    this.#port = await listen(server, this.#port);
    this.#sweep = setInterval(() => this.#expire(), sweepEveryMs);
    for (const socket of this.#orphans) socket.resetAndDestroy();
  }

  /** `forget`: by a power cut; connections are not closed but silent, and reset once it is up again. */
  async down({ forget }: { readonly forget: boolean }): Promise<void> {
    this.#server?.close();
    this.#server = null;
    clearInterval(this.#sweep);
    for (const session of this.#desk.sessions.values()) session.close({ politely: !forget });
    this.#desk.sessions.clear();
    this.#desk.digest.forget();
    for (const socket of this.#sockets) {
      if (!forget) socket.destroy();
      else {
        socket.removeAllListeners('data');
        this.#orphans.add(socket);
      }
    }
    await Promise.all(Object.values(this.streams).map((stream) => stream.stop()));
  }

  async close(): Promise<void> {
    await this.down({ forget: false });
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= connectionsMax) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#orphans.delete(socket);
    });
    new Connection(socket, this.#desk).open();
  }

  #expire(): void {
    const oldest = monotonicMs() - this.#desk.timeoutSeconds * 1000;
    for (const [id, session] of this.#desk.sessions) {
      if (session.seenMs > oldest) continue;
      this.#desk.sessions.delete(id);
      session.close();
    }
  }
}
