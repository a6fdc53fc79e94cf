// A dome for rehearsals and tests: a real HTTP server with ONVIF device, media and PTZ services and a
// coaxialControlIO endpoint as Dahua domes have it. Its actuators are the truth; it can reboot and forget,
// answer late, say yes and do nothing, turn hostile (hostile.ts). Shares no code with the driver it tests.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { Actuators, monotonicMs } from './actuators.ts';
import { answer, refusal } from './answer.ts';
import { parseRequest } from './envelope.ts';
import { Events } from './events.ts';
import { Guard, type Verdict, whims } from './guard.ts';
import { type HostileTimes, type Hostility, hostileTimes, misanswer, obeys } from './hostile.ts';
import { Imaging } from './imaging.ts';
import { listen } from './listen.ts';
import { headersOf, type LoggedRequest } from './logged.ts';
import { DomeMedia } from './media.ts';
import { Motion } from './motion.ts';
import { defaults, rtspOptions, type SimDomeOptions } from './options.ts';
import { Presets } from './presets.ts';
import { noQuirks } from './quirks.ts';
import type { RtspServer } from './rtsp/server.ts';
import { relayNotice } from './services/events.ts';
import { type Inside, type StreamName, serviceAt } from './services.ts';
import type { Microphone, Speaker } from './sound.ts';

export type { LoggedRequest, SimDomeOptions };

const logMax = 10_000;
/** To before it was built: no clock of its own, no server to ask. */
const clockLostMs = 26 * 365 * 86_400_000;

export class SimDome {
  readonly actuators: Actuators;
  readonly motion: Motion;
  readonly presets: Presets;
  readonly imaging: Imaging;
  readonly events: Events;
  readonly microphone: Microphone;
  /** What came by the backchannel. */
  readonly speaker: Speaker;
  readonly rtsp: RtspServer;
  readonly log: LoggedRequest[] = [];
  /** How the dome misbehaves; may be changed at any time. */
  readonly quirks = noQuirks();
  readonly #options: SimDomeOptions & typeof defaults;
  readonly #guard: Guard;
  readonly #times: HostileTimes;
  /** What its ONVIF services work on. */
  readonly inside: Inside;
  readonly #media: DomeMedia;
  readonly #sockets = new Map<Socket, number>();
  /** Connections of before a power cut, to whose other ends nobody has said goodbye, and whether they
   * were written to since. */
  readonly #orphans = new Map<Socket, boolean>();
  /** Accepted so far. */
  connections = 0;
  #hostility: Hostility | null = null;
  #rebooting: NodeJS.Timeout | undefined;
  #closed = false;
  #server: Server | null = null;
  #port: number;

  constructor(options: SimDomeOptions) {
    const given = { ...defaults, ...options } as SimDomeOptions & typeof defaults;
    this.#options = given;
    this.#port = given.port ?? 0;
    this.quirks.clockOffsetMs = given.clockOffsetMs ?? 0;
    this.#times = { ...hostileTimes, ...given.hostileTimes };
    this.actuators = new Actuators(given.sirenStopsMs ?? null);
    const now = () => (given.now ?? Date.now)() + this.quirks.clockOffsetMs;
    this.#guard = new Guard({ ...given, now }, given.password ?? 'secret', this.quirks);
    this.motion = new Motion(given.motion);
    this.presets = new Presets(given.presets);
    this.imaging = new Imaging(given.motion?.now);
    this.actuators.wire(given);
    const { relays } = this.actuators;
    const { after, closedRelays } = given;
    const ofRelay = (token: string, on: boolean) =>
      relayNotice(token, on, this.quirks.tellsContacts && closedRelays.includes(token));
    const levels = () => [...relays].map(([token, on]) => ofRelay(token, on));
    this.events = new Events(levels, now, after);
    this.actuators.relaySwitched = (token, on) => this.events.notify(ofRelay(token, on));
    const { actuators, motion, presets, imaging, events } = this;
    const login = () =>
      options.auth === 'none' ? null : { username: given.username, password: this.#guard.expected };
    this.#media = new DomeMedia(given, { actuators, motion, login, wallMs: now });
    const { rtsp, microphone, speaker, analytics } = this.#media;
    this.rtsp = rtsp;
    this.microphone = microphone;
    this.speaker = speaker;
    const host = given.advertisedHost ?? given.host ?? '127.0.0.1';
    const sound = rtspOptions(given);
    this.inside = {
      abilities: given,
      ...{ actuators, motion, presets, imaging, events, now, quirks: this.quirks },
      setClock: (wallMs) => {
        this.quirks.clockOffsetMs += wallMs - now();
      },
      origin: () => `http://${host}:${this.#port}`,
      rtspUrl: (stream) => `rtsp://${host}:${rtsp.port}/live/${stream}${this.quirks.streamQuery}`,
      stream: (name) => rtsp.streams[name].settings,
      keyFrame: (name) => rtsp.streams[name].keyFrame(),
      ...{ speaker, microphone: sound.microphone, talk: sound.talk, analytics },
      effective: () =>
        obeys(this.#hostility) &&
        (this.quirks.withoutEffect <= 0 || this.quirks.withoutEffect-- <= 0),
    };
  }

  get url(): string {
    return `http://${this.#options.host ?? '127.0.0.1'}:${this.#port}${this.#options.paths.device}`;
  }

  get port(): number {
    return this.#port;
  }

  rtspUrl(stream: StreamName = 'main'): string {
    return `rtsp://127.0.0.1:${this.rtsp.port}/live/${stream}`;
  }

  set password(password: string) {
    this.#guard.password = password;
  }

  /** Power on; after `down()` on the same port. */
  async up(): Promise<void> {
    const http = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
      this.#handle(request, response).catch((error: Error) => response.destroy(error));
    });
    const server = createTcp((socket) => {
      this.#sockets.set(socket, ++this.connections);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#orphans.delete(socket);
      });
      // A client that gives up resets what it does not read.
      socket.on('error', () => socket.destroy());
      if (this.#hostility === 'hang-accept') socket.pause();
      else http.emit('connection', socket);
    });
    this.#server = server;
    await this.rtsp.up();
    this.#port = await listen(server, this.#port, this.#options.host);
    for (const [socket, written] of this.#orphans) if (written) socket.resetAndDestroy();
  }

  /** Off. `forget`: by a power cut. Light and siren are dark, nonces gone, and who writes on an old
   * connection is not answered, or reset once the dome is up; otherwise connections are closed. */
  async down({ forget = true } = {}): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.close();
    this.motion.forget();
    await this.#media.down({ forget });
    if (!forget) return this.cutConnections();
    this.actuators.forget();
    this.events.forget();
    this.#guard.forget();
    for (const socket of this.#sockets.keys()) this.#orphans.set(socket, false);
  }

  /** As a dome does it after a power cut; `clockOffsetMs` is what its clock is off by afterwards. */
  async reboot({
    downMs = 100,
    forget = true,
    clockOffsetMs = this.quirks.clockOffsetMs,
  } = {}): Promise<void> {
    await this.down({ forget });
    await new Promise((done) => setTimeout(done, downMs));
    this.quirks.clockOffsetMs = clockOffsetMs;
    if (!this.#closed) await this.up();
  }

  /** Closes every connection without notice. */
  cutConnections(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.turn(null);
    this.actuators.close();
    this.events.forget();
    await this.down({ forget: false });
    this.cutConnections();
  }

  get hostility(): Hostility | null {
    return this.#hostility;
  }

  /** Turns hostile, or well again with null; the history says so, and each request's log entry. */
  turn(how: Hostility | null): void {
    if (how === this.#hostility) return;
    const before = this.#hostility;
    this.#hostility = how;
    this.actuators.note('hostility', how ?? 'none');
    this.#guard.whim = whims.find((whim) => whim === how) ?? null;
    if (how === 'clock') this.quirks.clockOffsetMs -= clockLostMs;
    if (before === 'clock') this.quirks.clockOffsetMs += clockLostMs;
    if (how === 'password') this.#guard.locked = true;
    if (before === 'password') this.#guard.locked = false;
    // Who is connected already is to meet it, too.
    if (how === 'hang-accept' || before === 'hang-accept') this.cutConnections();
    clearInterval(this.#rebooting);
    const { rebootEveryMs, rebootDownMs } = this.#times;
    const reboot = () => void this.reboot({ downMs: rebootDownMs });
    if (how === 'reboots') this.#rebooting = setInterval(reboot, rebootEveryMs);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { socket } = request;
    if (this.#orphans.has(socket)) {
      if (this.#server) socket.resetAndDestroy();
      else this.#orphans.set(socket, true);
      return;
    }
    const atMs = monotonicMs();
    const body = Buffer.concat(chunks).toString('utf8');
    const path = request.url ?? '';
    const service = serviceAt(path, this.#options);
    const soap = service ? parseRequest(body) : null;
    const what = soap?.operation.name ?? `${request.method} ${path}`;
    const verdict: Verdict =
      what === 'GetSystemDateAndTime' && !this.#options.timeNeedsPassword
        ? { ok: true, by: 'none' }
        : this.#guard.check(request, soap);
    const connection = this.#sockets.get(socket) ?? 0;
    const entry: LoggedRequest = {
      atMs,
      what,
      body,
      status: 0,
      auth: verdict.by,
      accepted: verdict.ok,
      connection,
      hostility: this.#hostility,
    };
    this.log.push(entry);
    if (this.log.length > logMax) this.log.shift();
    if (this.quirks.latencyMs > 0)
      await new Promise((done) => setTimeout(done, this.quirks.latencyMs));
    if (this.quirks.hang.some((one) => what.includes(one) || body.includes(one))) return;
    if (this.quirks.cut.some((one) => what.includes(one))) return void socket.destroy();
    const plain = { method: request.method ?? '', path, body };
    const reply = verdict.ok
      ? await answer({ what, service, soap, plain }, this.inside, this.#media, this.#options)
      : refusal(this.#guard.challenges(verdict.stale, soap !== null));
    if (misanswer(this.#hostility, socket, reply.body.toString('latin1'), this.#times)) return;
    entry.status = reply.status;
    response.writeHead(reply.status, { ...headersOf(reply.body), ...reply.headers });
    response.end(reply.body);
  }
}

/** Listening when it resolves, on loopback; port from the system unless one is given. */
export async function startDome(options: SimDomeOptions = {}): Promise<SimDome> {
  const dome = new SimDome(options);
  await dome.up();
  return dome;
}
