// HTTP to the dome, and its bounds: one deadline for all of a call, a cap on the reply while it streams,
// a retry on a kept-alive socket that the dome had closed without notice. Says nothing of SOAP.
// node:http, not undici 8.12: p50 is 0.07 ms longer (24 ms pauses), the idle daemon 117 MB and not 130.
// Idle connections are kept only after a completed request: a pre-opened one blocks gSOAP domes.

import { X509Certificate } from 'node:crypto';
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from 'node:http';
import { Agent as HttpsAgent, request as requestTls } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import type { Clock } from '../ports.ts';
import { DomeError } from './error.ts';

/** Largest reply that is read, bytes. 300 presets are some 100 kB. */
export const replyBytesMax = 512 * 1024;

/** Idle connections that are kept: strobe, siren and preset go out side by side. */
const socketsKept = 3;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly path: string;
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
}

export interface HttpReply {
  readonly status: number;
  /** Values of `WWW-Authenticate`, one a header line. */
  readonly challenges: readonly string[];
  /** The dome's idea of the time, Unix ms, where it sends a Date header. */
  readonly dateMs: number | null;
  readonly body: string;
}

/** Errors of a socket on which no request can have reached the dome. */
const notReached = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
];
const closedOnUs = ['ECONNRESET', 'EPIPE'];

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';

export class Line {
  readonly #clock: Clock;
  readonly #agent: HttpAgent;
  readonly #tls: boolean;
  readonly #running = new Set<ClientRequest>();
  #closed = false;
  /** Called when the dome answers a request on a kept connection with a reset: a server that closes one
   * says so first, so its machine does not know the connection, and has restarted since. */
  forgotten: () => void = () => {};

  /** `ca`: PEM of the school's own CA, or of the dome's own certificate, which is then pinned. */
  constructor(clock: Clock, tls: boolean, ca: string | null = null) {
    this.#clock = clock;
    this.#tls = tls;
    const kept = { keepAlive: true, maxFreeSockets: socketsKept };
    this.#agent = tls ? new HttpsAgent({ ...kept, ...trust(ca) }) : new HttpAgent(kept);
  }

  /** Rejects with a `DomeError`. A stale socket is replaced; the retry may meet the other kept one, so
   * there are as many as there are kept sockets, and the last goes out on a fresh one. */
  async send(ask: Ask): Promise<HttpReply> {
    for (let retries = socketsKept; ; retries -= 1) {
      try {
        return await this.#once(ask);
      } catch (error) {
        if (!(error instanceof StaleSocket) || retries === 0) throw error;
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const running of this.#running) running.destroy();
    this.#agent.destroy();
  }

  #once(ask: Ask): Promise<HttpReply> {
    const leftMs = ask.byMs - this.#clock.now().monoMs;
    if (this.#closed || ask.signal?.aborted)
      return Promise.reject(new DomeError('superseded', 'superseded before it was sent'));
    if (leftMs <= 0) return Promise.reject(new DomeError('timeout', 'no time left for the call'));
    return new Promise((resolve, reject) => {
      const { host, port, path } = ask.to;
      const length = { 'Content-Length': String(Buffer.byteLength(ask.body)) };
      const running = (this.#tls ? requestTls : request)({
        agent: this.#agent,
        host,
        port,
        path,
        method: ask.method,
        headers:
          ask.body === '' && ask.method === 'GET' ? ask.headers : { ...ask.headers, ...length },
      });
      this.#running.add(running);
      // Node tells a destroyed request's reader ECONNRESET, whatever the reason was; so it is kept here.
      // Given to destroy it was once emitted by a socket that nobody listened to, and ended the daemon.
      let reason: DomeError | null = null;
      const end = (why: DomeError) => {
        reason ??= why;
        running.destroy();
      };
      const stopTimer = this.#clock.after(leftMs, () => end(late(running, leftMs)));
      const supersede = () => end(new DomeError('superseded', 'a newer target took its place'));
      ask.signal?.addEventListener('abort', supersede, { once: true });
      const ended = () => {
        this.#running.delete(running);
        stopTimer();
        ask.signal?.removeEventListener('abort', supersede);
      };
      const failed = (error: Error, fresh: boolean) => {
        ended();
        const stale = fresh && running.reusedSocket;
        // Said by the kernel, and not by node, which calls a connection that ended the same.
        if (!reason && stale && 'syscall' in error && codeOf(error) === 'ECONNRESET')
          this.forgotten();
        reject(reason ?? explain(error, stale));
      };
      running.on('error', (error) => failed(error, true));
      running.on('response', (reply) => {
        readAll(reply, running).then(
          (body) => {
            ended();
            resolve(replyOf(reply, body));
          },
          (error: Error) => failed(error, false),
        );
      });
      running.end(ask.body);
    });
  }
}

/** A kept-alive socket was closed before it carried an answer: safe to ask again, once. */
class StaleSocket extends DomeError {}

function late(running: ClientRequest, leftMs: number): DomeError {
  const connected = running.socket !== null && !running.socket.connecting;
  const what = connected ? 'no answer' : 'no connection';
  return new DomeError(
    connected ? 'timeout' : 'unreachable',
    `${what} within ${Math.round(leftMs)} ms`,
  );
}

function explain(error: Error, reused: boolean): DomeError {
  if (error instanceof DomeError) return error;
  const code = codeOf(error);
  const told = code ? `${error.message} (${code})` : error.message;
  if (code.startsWith('HPE_')) return new DomeError('malformed', 'no HTTP', { cause: error });
  if (notReached.includes(code)) return new DomeError('unreachable', told, { cause: error });
  const Kind = reused && closedOnUs.includes(code) ? StaleSocket : DomeError;
  return new Kind('broken', told, { cause: error });
}

async function readAll(reply: IncomingMessage, running: ClientRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply) {
    bytes += chunk.length;
    if (bytes > replyBytesMax) {
      running.destroy();
      throw new DomeError('too-large', `a reply of more than ${replyBytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  if (!reply.complete) throw new DomeError('broken', 'the reply ended in the middle');
  return Buffer.concat(chunks).toString('utf8');
}

function replyOf(reply: IncomingMessage, body: string): HttpReply {
  const dateMs = Date.parse(reply.headers.date ?? '');
  return {
    status: reply.statusCode ?? 0,
    challenges: reply.headersDistinct['www-authenticate'] ?? [],
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    body,
  };
}

/** Certificates given are the only ones trusted; one that is the dome's own need not bear its name. */
function trust(ca: string | null) {
  if (ca === null) return {};
  const pems = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const pinned = pems.map((pem) => new X509Certificate(pem).fingerprint256);
  return {
    ca: pems,
    checkServerIdentity: (host: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
      pinned.includes(peer.fingerprint256) ? undefined : checkServerIdentity(host, peer),
  };
}
