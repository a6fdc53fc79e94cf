// HTTP to the dome, and its bounds: one deadline for all of a call, a retry on a kept connection that the
// dome had closed without notice. Says nothing of SOAP.
// Own bytes over node:net, not node:http or undici: a request is made before `send` returns, 0.2 ms sooner.
// Idle connections are kept only after a completed request: a pre-opened one blocks gSOAP domes.

import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../ports.ts';
import { trusting } from '../trust.ts';
import { Connection, StaleConnection } from './connection.ts';
import { DomeError } from './error.ts';
import type { RawReply } from './reply-reader.ts';

/** Idle connections that are kept: strobe, siren and preset go out side by side. */
const connectionsKept = 3;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Of the device service, where the address names none (ONVIF Core). */
const usualPath = '/onvif/device_service';

/** Of an address as it is configured. */
export function endpointOf(url: string): Endpoint {
  const { hostname, port, pathname, search, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  // Node's sockets want an IPv6 address without its brackets.
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || usual,
    path: pathname === '/' && search === '' ? usualPath : pathname + search,
  };
}

export interface Ask {
  readonly method: string;
  readonly to: Endpoint;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Monotonic milliseconds by which all of the reply must be there. */
  readonly byMs: number;
  /** Ends the request when a newer target has taken its place. */
  readonly signal?: AbortSignal | undefined;
  /** Not sent again on another connection: an answer may have been lost with the first. */
  readonly once?: boolean | undefined;
}

export interface HttpReply {
  readonly status: number;
  /** Values of `WWW-Authenticate`, one a header line. */
  readonly challenges: readonly string[];
  /** The dome's idea of the time, Unix ms, where it sends a Date header. */
  readonly dateMs: number | null;
  readonly body: string;
}

interface Kept {
  readonly connection: Connection;
  readonly place: string;
  /** Monotonic; the dome has said how long it keeps an idle connection. */
  readonly untilMs: number;
}

export class Line {
  readonly #clock: Clock;
  readonly #tls: ConnectionOptions | null;
  /** The one used last stands last, and is used first: it is the least likely to have been closed. */
  #kept: Kept[] = [];
  readonly #running = new Set<Connection>();
  #closed = false;
  readonly #isAway: () => boolean;
  /** Called when the dome has forgotten a kept connection, and so has restarted. */
  forgotten: () => void = () => {};

  /** `ca`: PEM; whom to trust, as `trusting` takes it. `isAway`: as if its cable were pulled, for a test. */
  constructor(clock: Clock, tls: boolean, ca: string | null = null, isAway = () => false) {
    this.#clock = clock;
    this.#isAway = isAway;
    this.#tls = tls ? trusting(ca) : null;
  }

  /** Rejects with a `DomeError`. A stale connection is replaced; the retry may meet the next kept one, so
   * there are as many as there are kept ones, and the last goes out on a fresh one. */
  async send(ask: Ask): Promise<HttpReply> {
    for (let retries = connectionsKept; ; retries -= 1) {
      try {
        return await this.#once(ask);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        if (error.forgotten) this.forgotten();
        if (retries === 0 || ask.once) throw error;
      }
    }
  }

  /** As a person would type it. */
  urlOf({ host, port, path }: Endpoint): string {
    const scheme = this.#tls ? 'https' : 'http';
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  }

  close(): void {
    this.#closed = true;
    const reason = new DomeError('superseded', 'closed');
    for (const connection of this.#running) connection.destroy(reason);
    for (const { connection } of this.#kept) connection.destroy(reason);
    this.#kept = [];
  }

  async #once(ask: Ask): Promise<HttpReply> {
    const leftMs = ask.byMs - this.#clock.now().monoMs;
    if (this.#closed || ask.signal?.aborted)
      throw new DomeError('superseded', 'superseded before it was sent');
    if (this.#isAway()) throw new DomeError('unreachable', 'cut off for a test');
    if (leftMs <= 0) throw new DomeError('timeout', 'no time left for the call');
    const place = `${ask.to.host} ${ask.to.port}`;
    const connection = this.#take(place) ?? this.#connect(ask.to);
    this.#running.add(connection);
    const answer = connection.ask(bytesOf(ask));
    const stopTimer = this.#clock.after(leftMs, () => connection.destroy(late(connection, leftMs)));
    const supersede = () =>
      connection.destroy(new DomeError('superseded', 'a newer target took its place'));
    ask.signal?.addEventListener('abort', supersede, { once: true });
    try {
      const reply = await answer;
      if (reply.reusable) this.#keep(connection, place, reply);
      return replyOf(reply);
    } finally {
      this.#running.delete(connection);
      stopTimer();
      ask.signal?.removeEventListener('abort', supersede);
    }
  }

  #connect({ host, port }: Endpoint): Connection {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const tls = this.#tls && { ...this.#tls, ...name };
    return new Connection({ host, port }, tls, (gone) => {
      this.#kept = this.#kept.filter(({ connection }) => connection !== gone);
    });
  }

  #take(place: string): Connection | null {
    const nowMs = this.#clock.now().monoMs;
    const found = this.#kept.findLast((one) => one.place === place && one.untilMs > nowMs);
    if (!found) return null;
    this.#kept = this.#kept.filter((one) => one !== found);
    return found.connection;
  }

  #keep(connection: Connection, place: string, { headers }: RawReply): void {
    const [, seconds] = /timeout=(\d+)/i.exec(headers.get('keep-alive')?.join() ?? '') ?? [];
    // A second sooner, so that a request does not meet the end of it.
    const keptMs = seconds === undefined ? Number.POSITIVE_INFINITY : (Number(seconds) - 1) * 1000;
    this.#kept.push({ connection, place, untilMs: this.#clock.now().monoMs + keptMs });
    const over = this.#kept.length > connectionsKept ? this.#kept.shift() : null;
    over?.connection.destroy(new DomeError('superseded', 'one connection too many'));
  }
}

/** Head and body, one byte a character. Headers are that already; bodies may hold any text. */
function bytesOf({ method, to, headers, body }: Ask): string {
  const isAscii = Buffer.byteLength(body) === body.length;
  const bytes = isAscii ? body : Buffer.from(body).toString('latin1');
  const host = to.host.includes(':') ? `[${to.host}]` : to.host;
  let head = `${method} ${to.path} HTTP/1.1\r\nHost: ${host}:${to.port}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (bytes !== '' || method !== 'GET') head += `Content-Length: ${bytes.length}\r\n`;
  return `${head}Connection: keep-alive\r\n\r\n${bytes}`;
}

function late(connection: Connection, leftMs: number): DomeError {
  const { connected } = connection;
  const what = connected ? 'no answer' : 'no connection';
  return new DomeError(
    connected ? 'timeout' : 'unreachable',
    `${what} within ${(leftMs / 1000).toFixed(1)} s`,
  );
}

function replyOf({ status, headers, body }: RawReply): HttpReply {
  const dateMs = Date.parse(headers.get('date')?.[0] ?? '');
  return {
    status,
    challenges: headers.get('www-authenticate') ?? [],
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    body,
  };
}
