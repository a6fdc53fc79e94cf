// A dome for rehearsals and tests: a real HTTP server with ONVIF device, media and PTZ services and a
// coaxialControlIO endpoint as Dahua domes have it. Its actuators are the truth; it can reboot and forget,
// answer late, say yes and do nothing. Shares no code with the driver that it is there to test.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ActuatorName, Actuators, monotonicMs } from './actuators.ts';
import { envelope, parseRequest, SimFault } from './envelope.ts';
import { Guard, type GuardOptions, type Verdict } from './guard.ts';
import { type Abilities, type Inside, paths, type ServiceName, serve } from './services.ts';

export interface SimDomeOptions extends Partial<GuardOptions>, Partial<Abilities> {
  readonly port?: number;
  readonly password?: string;
  /** Which Type of `coaxialControlIO.cgi` switches what; empty: no such endpoint. */
  readonly coaxial?: { readonly [type: string]: ActuatorName };
  /** Host told in addresses, as behind NAT. */
  readonly advertisedHost?: string;
  readonly clockOffsetMs?: number;
  /** GetSystemDateAndTime wants a password, too. */
  readonly timeNeedsPassword?: boolean;
  readonly sirenStopsMs?: number;
}

export interface LoggedRequest {
  /** CLOCK_MONOTONIC, milliseconds, when the request had been read completely. */
  readonly atMs: number;
  /** `GotoPreset`, or method and path where it is no SOAP. */
  readonly what: string;
  readonly body: string;
  status: number;
  readonly auth: Verdict['by'];
  readonly accepted: boolean;
  /** Number of the connection it came on. */
  readonly connection: number;
}

const logMax = 10_000;

const defaults = {
  username: 'admin',
  auth: 'both',
  algorithms: ['SHA-256', 'MD5'],
  windowMs: 5000,
  nonceLifeMs: 60_000,
  relays: { Relay_1: 'strobe', Relay_2: 'siren' },
  deviceAuxiliary: [
    { name: 'tt:Strobe|On', actuator: 'strobe', on: true },
    { name: 'tt:Strobe|Off', actuator: 'strobe', on: false },
  ],
  ptzAuxiliary: [
    { name: 'AUX1on', actuator: 'strobe', on: true },
    { name: 'AUX1off', actuator: 'strobe', on: false },
    { name: 'Aux_Siren_On', actuator: 'siren', on: true },
    { name: 'Aux_Siren_Off', actuator: 'siren', on: false },
    { name: 'tt:Wiper|On', actuator: 'wiper', on: true },
    { name: 'tt:Wiper|Off', actuator: 'wiper', on: false },
  ],
  presets: [
    { token: '1', name: 'guard' },
    { token: '2', name: 'alarm' },
  ],
  presetSwitches: {},
  getServices: true,
  coaxial: { '1': 'strobe', '2': 'siren' },
} satisfies Partial<SimDomeOptions>;

export class SimDome {
  readonly actuators: Actuators;
  readonly log: LoggedRequest[] = [];
  /** How the dome misbehaves; may be changed at any time. */
  readonly quirks = {
    /** Between reading a request and acting on it. */
    latencyMs: 0,
    /** So many switching commands are answered well and not carried out. */
    withoutEffect: 0,
    /** Unknown operations get 200 and an empty answer. */
    unknownAnswers200: false,
    clockOffsetMs: 0,
    /** Operations (or words of the request) that are never answered and never carried out. */
    hang: [] as string[],
    /** Operations (or vendor paths) whose connection is cut instead of answered. */
    cut: [] as string[],
    /** Operations (or vendor paths) that are refused as not supported. */
    refuse: [] as string[],
  };
  readonly #options: SimDomeOptions & typeof defaults;
  readonly #guard: Guard;
  readonly #inside: Inside;
  readonly #sockets = new Map<Socket, number>();
  #connections = 0;
  #server: Server | null = null;
  #port: number;

  constructor(options: SimDomeOptions) {
    const given = { ...defaults, ...options } as SimDomeOptions & typeof defaults;
    this.#options = given;
    this.#port = given.port ?? 0;
    this.quirks.clockOffsetMs = given.clockOffsetMs ?? 0;
    this.actuators = new Actuators(given.sirenStopsMs ?? null);
    const now = () => (given.now ?? Date.now)() + this.quirks.clockOffsetMs;
    this.#guard = new Guard({ ...given, now }, given.password ?? 'secret');
    this.#inside = {
      abilities: given,
      actuators: this.actuators,
      now,
      origin: () => `http://${given.advertisedHost ?? '127.0.0.1'}:${this.#port}`,
      effective: () => this.quirks.withoutEffect <= 0 || this.quirks.withoutEffect-- <= 0,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${paths.device}`;
  }

  get port(): number {
    return this.#port;
  }

  set password(password: string) {
    this.#guard.password = password;
  }

  /** Power on; after `down()` on the same port. */
  async up(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
      this.#handle(request, response).catch((error: Error) => response.destroy(error));
    });
    server.on('connection', (socket) => {
      this.#sockets.set(socket, ++this.#connections);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((done, failed) => {
      server.on('error', failed);
      server.listen(this.#port, '127.0.0.1', done);
    });
    const address = server.address() as AddressInfo;
    this.#port = address.port;
  }

  /** Power off: port closed, sockets cut. `forget`: light and siren off, nonces gone. */
  async down({ forget = true } = {}): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (forget) {
      this.actuators.forget();
      this.#guard.forget();
    }
    if (!server) return;
    const closed = new Promise((done) => server.close(done));
    this.cutConnections();
    await closed;
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
    await this.up();
  }

  /** Closes every connection without notice. */
  cutConnections(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    this.actuators.close();
    await this.down({ forget: false });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const atMs = monotonicMs();
    const body = Buffer.concat(chunks).toString('utf8');
    const path = request.url ?? '';
    const service = (Object.keys(paths) as ServiceName[]).find((name) => paths[name] === path);
    const soap = service ? parseRequest(body) : null;
    const what = soap?.operation.name ?? `${request.method} ${path}`;
    const verdict: Verdict =
      what === 'GetSystemDateAndTime' && !this.#options.timeNeedsPassword
        ? { ok: true, by: 'none' }
        : this.#guard.check(request, soap?.header);
    const connection = this.#sockets.get(request.socket) ?? 0;
    const entry: LoggedRequest = {
      atMs,
      what,
      body,
      status: 0,
      auth: verdict.by,
      accepted: verdict.ok,
      connection,
    };
    this.log.push(entry);
    if (this.log.length > logMax) this.log.shift();
    if (this.quirks.latencyMs > 0)
      await new Promise((done) => setTimeout(done, this.quirks.latencyMs));
    if (this.quirks.hang.some((one) => what.includes(one) || body.includes(one))) return;
    if (this.quirks.cut.some((one) => what.includes(one))) return void request.socket.destroy();
    const reply = verdict.ok ? this.#answer(what, service, soap, path) : this.#refuse(verdict);
    entry.status = reply.status;
    const type = reply.body.startsWith('<?xml')
      ? 'application/soap+xml; charset=utf-8'
      : 'text/plain';
    response.writeHead(reply.status, { 'Content-Type': type, ...reply.headers });
    response.end(reply.body);
  }

  #refuse(verdict: Verdict & { ok: false }): Reply {
    const challenges = this.#guard.challenges(verdict.stale);
    const fault = new SimFault(400, 'Sender', ['NotAuthorized'], 'Sender not authorized');
    if (challenges.length === 0) return { status: 400, body: fault.xml };
    return { status: 401, body: fault.xml, headers: { 'WWW-Authenticate': challenges } };
  }

  #answer(
    what: string,
    service: ServiceName | undefined,
    soap: ReturnType<typeof parseRequest>,
    path: string,
  ): Reply {
    try {
      if (this.quirks.refuse.some((one) => what.includes(one)))
        throw new SimFault(500, 'Receiver', ['ActionNotSupported'], `${what} is not implemented`);
      if (!service) return this.#vendor(path);
      if (!soap) throw new SimFault(400, 'Sender', ['WellFormed'], 'no SOAP request');
      return { status: 200, body: envelope(serve(service, soap.operation, this.#inside)) };
    } catch (error) {
      if (!(error instanceof SimFault)) throw error;
      if (this.quirks.unknownAnswers200 && error.subcodes.includes('ActionNotSupported'))
        return { status: 200, body: envelope('') };
      return { status: error.status, body: error.xml };
    }
  }

  /** `coaxialControlIO.cgi` of Dahua: Type 1 light, 2 siren; IO 1 on, 2 off; and its status. */
  #vendor(path: string): Reply {
    const { pathname, searchParams } = new URL(path, 'http://dome');
    const types: { readonly [type: string]: ActuatorName } = this.#options.coaxial;
    if (pathname !== '/cgi-bin/coaxialControlIO.cgi') return { status: 404, body: 'Not Found\n' };
    const told = { strobe: 'WhiteLight', siren: 'Speaker', wiper: 'Wiper' };
    if (searchParams.get('action') === 'getStatus') {
      const lines = Object.values(types).map(
        (name) => `status.status.${told[name]}=${this.actuators[name] ? 'On' : 'Off'}\r\n`,
      );
      return { status: 200, body: lines.join('') };
    }
    const actuator = types[searchParams.get('info[0].Type') ?? ''];
    const io = searchParams.get('info[0].IO');
    if (!actuator || (io !== '1' && io !== '2'))
      return { status: 400, body: 'Error\r\nBad Request!\r\n' };
    if (this.#inside.effective()) this.actuators.set(actuator, io === '1');
    return { status: 200, body: 'OK\r\n' };
  }
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: { readonly 'WWW-Authenticate': string[] };
}

/** Listening when it resolves, on loopback; port from the system unless one is given. */
export async function startDome(options: SimDomeOptions = {}): Promise<SimDome> {
  const dome = new SimDome(options);
  await dome.up();
  return dome;
}
