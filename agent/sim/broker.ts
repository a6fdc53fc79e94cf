// The embedded MQTT 5 broker of the rehearsal room (aedes). Optional logins with the ACL that a
// city's broker has: role and user of a command topic are tied to the login.
// Quirk, aedes 2.0.0-beta.1: it forwards the will's delay to subscribers, which kills libmosquitto.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type Client } from 'aedes';
import { topicsOf } from '../contract.ts';

export type Login =
  | { readonly kind: 'terminal'; readonly terminal: string }
  | { readonly kind: 'platform' }
  | { readonly kind: 'person'; readonly role: string; readonly user: string };

export interface BrokerUser {
  readonly username: string;
  readonly password: string;
  readonly login: Login;
}

export interface BrokerOptions {
  /** 0 or absent: one that is free; kept over stop and start. */
  readonly port?: number;
  readonly host?: string;
  /** Absent: anybody may do anything. */
  readonly users?: readonly BrokerUser[];
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
  readonly #logins = new WeakMap<Client, Login>();
  readonly #sockets = new Set<Duplex>();
  #aedes: Aedes | null = null;
  #server: Server | null = null;
  #port: number;
  /** How many messages were published, by topic. */
  readonly passed = new Map<string, number>();

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
        done(null, this.#knows(client, username, password)),
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
    for (const socket of this.#sockets) socket.destroy();
    if (server) {
      server.close();
      await once(server, 'close');
    }
    await new Promise<void>((done) => (aedes ? aedes.close(done) : done()));
  }

  #knows(client: Client, username?: string, password?: Buffer): boolean {
    const { users } = this.#options;
    if (!users) return true;
    const user = users.find((one) => one.username === username);
    if (!user || user.password !== password?.toString()) return false;
    this.#logins.set(client, user.login);
    return true;
  }

  #mayPublish(client: Client | null, topic: string): boolean {
    const { users, deny } = this.#options;
    if (deny?.(topic)) return false;
    const login = client && this.#logins.get(client);
    // No client: a will, which was checked as its client's own topic when it was connected.
    if (!users || !login) return true;
    const [, , terminal = '', what, role, user] = topic.split('/');
    switch (login.kind) {
      case 'terminal':
        return terminal === login.terminal && what !== 'cmd' && what !== 'receipt';
      case 'platform':
        return what === 'receipt' || (what === 'cmd' && role === 'platform');
      case 'person':
        return what === 'cmd' && role === login.role && user === login.user;
    }
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const login = this.#logins.get(client);
    if (!this.#options.users) return true;
    if (!login) return false;
    const [, , terminal = '', what, role, user] = filter.split('/');
    switch (login.kind) {
      case 'terminal': {
        const { commands, receipt } = topicsOf(login.terminal);
        return filter === commands || filter === receipt;
      }
      case 'platform':
        return filter.startsWith('gate/v1/');
      case 'person':
        if (what === 'reply') return role === login.role && user === login.user;
        return terminal !== '#' && ['state', 'alarm', 'event', 'health'].includes(what ?? '');
    }
  }
}
