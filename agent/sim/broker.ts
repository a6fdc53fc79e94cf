// The embedded MQTT 5 broker of the rehearsal room (aedes). Optional logins with the ACL that a city's
// broker has: role and user of a command topic are tied to the login. A token is judged as EMQX does it:
// signature, time, its `sub` is the user name, its `acl` the rules; the connection ends when it does.
// Quirk, aedes 2.0.0-beta.1: it forwards the will's delay to subscribers, which kills libmosquitto.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type Client } from 'aedes';
import { type Access, accessOf, covers, type Login, type TokenClaims } from '../contract.ts';

export interface BrokerUser {
  readonly username: string;
  readonly password: string;
  readonly login: Login;
}

export interface BrokerOptions {
  /** 0 or absent: one that is free; kept over stop and start. */
  readonly port?: number;
  readonly host?: string;
  /** Absent, and `tokens` too: anybody may do anything. */
  readonly users?: readonly BrokerUser[];
  /** Checks a password that is a token; rejects with what is wrong with it. */
  readonly tokens?: { verify(token: string): Promise<TokenClaims> };
  /** Further topics to refuse, for tests: answered with PUBACK 135. */
  readonly deny?: (topic: string) => boolean;
}

/** Starts a broker; resolves when it listens. */
export async function startBroker(options: BrokerOptions = {}): Promise<SimBroker> {
  const broker = new SimBroker(options);
  await broker.start();
  return broker;
}

export class SimBroker {
  readonly #options: BrokerOptions;
  readonly #access = new WeakMap<Client, Access>();
  readonly #expiries = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<Duplex>();
  #aedes: Aedes | null = null;
  #server: Server | null = null;
  #port: number;
  /** How many messages were published, by topic. */
  readonly passed = new Map<string, number>();

  /** What was wrong with the last token that was. */
  whyRefused: string | null = null;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `mqtt://${this.#options.host ?? '127.0.0.1'}:${this.#port}`;
  }

  get running(): boolean {
    return this.#server !== null;
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const aedes = await Aedes.createBroker({
      authenticate: (client, username, password, done) =>
        void this.#knows(client, username, password?.toString()).then((known) => done(null, known)),
      authorizePublish: (client, packet, done) => {
        if (packet.properties) Reflect.deleteProperty(packet.properties, 'willDelayInterval');
        done(this.#mayPublish(client, packet.topic) ? null : new Error('not authorised'));
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
    });
    aedes.on('publish', ({ topic }, client) => {
      if (client) this.passed.set(topic, (this.passed.get(topic) ?? 0) + 1);
    });
    const server = createServer({ noDelay: true }, (socket) => this.accept(socket));
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
    this.#server = server;
    this.#aedes = aedes;
  }

  /** Takes a connection, its own or one that came another way (WebSocket). */
  accept(stream: Duplex): void {
    if (!this.#aedes) {
      stream.destroy();
      return;
    }
    this.#sockets.add(stream);
    stream.once('close', () => this.#sockets.delete(stream));
    this.#aedes.handle(stream);
  }

  /** As a power cut: connections break, sessions and retained messages are gone. */
  async stop(): Promise<void> {
    const [server, aedes] = [this.#server, this.#aedes];
    this.#server = null;
    this.#aedes = null;
    for (const expiry of this.#expiries) clearTimeout(expiry);
    this.#expiries.clear();
    for (const socket of this.#sockets) socket.destroy();
    if (server) {
      server.close();
      await once(server, 'close');
    }
    await new Promise<void>((done) => (aedes ? aedes.close(done) : done()));
  }

  get #isOpen(): boolean {
    return !this.#options.users && !this.#options.tokens;
  }

  async #knows(client: Client, username?: string, password?: string): Promise<boolean> {
    const { users = [], tokens } = this.#options;
    if (this.#isOpen) return true;
    const user = users.find((one) => one.username === username);
    if (user) {
      this.#access.set(client, accessOf(user.login));
      return user.password === password;
    }
    if (!tokens || username === undefined || password === undefined) return false;
    const claims = await this.#claimsOf(tokens.verify(password));
    if (claims?.sub !== username) return false;
    this.#access.set(client, { publish: claims.acl.pub, subscribe: claims.acl.sub });
    const expiry = setTimeout(
      () => {
        this.#expiries.delete(expiry);
        client.close();
      },
      claims.exp * 1000 - Date.now(),
    );
    this.#expiries.add(expiry);
    return true;
  }

  async #claimsOf(verified: Promise<TokenClaims>): Promise<TokenClaims | null> {
    try {
      return await verified;
    } catch (error) {
      this.whyRefused = error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  #mayPublish(client: Client | null, topic: string): boolean {
    if (this.#options.deny?.(topic)) return false;
    // No client: a will, which was checked as its client's own topic when it was connected.
    return this.#isOpen || !client || this.#has(client, 'publish', topic);
  }

  #maySubscribe(client: Client, filter: string): boolean {
    return this.#isOpen || this.#has(client, 'subscribe', filter);
  }

  #has(client: Client, what: keyof Access, topic: string): boolean {
    return this.#access.get(client)?.[what].some((rule) => covers(rule, topic)) ?? false;
  }
}
