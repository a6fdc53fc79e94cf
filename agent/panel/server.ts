// The panel's HTTPS server: TLS, limits of connections, headers, the page's files, and what every request has
// to be before a route sees it. What is refused is logged, at a rate that fills no disk.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import { Desk, type DeskOptions } from './desk.ts';
import type { PageFile } from './files.ts';
import { sendProblem, setHeaders } from './reply.ts';
import { checkHost, checkOrigin, isApi, routeOf, Turned } from './request.ts';

export const serverLimits = {
  connections: 96,
  connectionsOfOne: 24,
  headerBytes: 8 * 1024,
  /** For headers, and for a whole request. */
  headersMs: 10_000,
  requestMs: 15_000,
  idleMs: 10_000,
  urlChars: 512,
} as const;

export interface PanelOptions extends DeskOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly names: readonly string[];
  readonly page: ReadonlyMap<string, PageFile>;
  readonly metrics: boolean;
}

export class PanelServer {
  readonly #options: PanelOptions;
  readonly #desk: Desk;
  readonly #names: ReadonlySet<string>;
  readonly #sockets = new Map<string, number>();
  #server: Server | null = null;

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#desk = new Desk(options);
    const host = hostname().toLowerCase();
    const own = [host, `${host.split('.')[0]}.local`, 'localhost', ...options.certificate.names];
    this.#names = new Set([...own, ...options.names.map((name) => name.toLowerCase())]);
  }

  /** Resolves with the port. Rejects where it cannot be had. */
  async open(): Promise<number> {
    const { certificate, listen, log } = this.#options;
    const server = createServer(
      {
        ...{ cert: certificate.cert, key: certificate.key, minVersion: 'TLSv1.2' },
        ...{ maxHeaderSize: serverLimits.headerBytes, handshakeTimeout: serverLimits.headersMs },
      },
      (request, response) => void this.#take(request, response),
    );
    server.maxConnections = serverLimits.connections;
    server.headersTimeout = serverLimits.headersMs;
    server.requestTimeout = serverLimits.requestMs;
    server.keepAliveTimeout = serverLimits.idleMs;
    server.on('connection', (socket) => {
      if (socket instanceof Socket) this.#count(socket);
    });
    server.on('tlsClientError', (error) => log.debug({ error: error.message }, 'no TLS'));
    server.on('clientError', (error, socket) => {
      log.info({ kind: 'malformed', error: error.message }, 'refused');
      socket.destroy();
    });
    await new Promise<void>((done, failed) => {
      server.once('error', failed);
      server.listen(listen.port, listen.host, () => {
        server.off('error', failed);
        done();
      });
    });
    this.#server = server;
    // An `AddressInfo`: it listens on a port.
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#desk.close();
    if (!server) return;
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeAllConnections();
    await closed;
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const count = (this.#sockets.get(address) ?? 0) + 1;
    if (count > serverLimits.connectionsOfOne) {
      this.#options.log.warn({ kind: 'connections', from: address }, 'refused');
      socket.destroy();
      return;
    }
    this.#sockets.set(address, count);
    socket.once('close', () => {
      const left = (this.#sockets.get(address) ?? 1) - 1;
      if (left > 0) this.#sockets.set(address, left);
      else this.#sockets.delete(address);
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { log, certificate } = this.#options;
    const address = request.socket.remoteAddress ?? '';
    setHeaders(response, !certificate.selfSigned);
    // A client that goes away in the middle is no fault.
    request.on('error', () => response.destroy());
    try {
      await this.#serve(request, response, address);
    } catch (error) {
      const path = (request.url ?? '').split('?')[0]?.slice(0, 64);
      if (response.headersSent || response.destroyed) response.destroy();
      else if (error instanceof Turned) {
        log.warn({ kind: error.problem, path, method: request.method, from: address }, 'refused');
        sendProblem(response, error.problem, error.retryAfterMs);
      } else {
        log.error({ error, path }, 'a request failed');
        sendProblem(response, 'failed');
      }
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, address: string) {
    const { url = '', method } = request;
    const path = url.split('?')[0] ?? '';
    if (url.length > serverLimits.urlChars) throw new Turned('not-found');
    const host = checkHost(request, this.#names);
    if (path === '/metrics' && this.#options.metrics) return this.#figures(method, response);
    if (!isApi(path)) return this.#file(request, response, path);
    const route = routeOf(path, method);
    checkOrigin(request, host);
    await this.#desk.answer({ request, response, address, route });
  }

  /** Without a PIN: a silent alarm leaves no trace in them (agent/metrics.ts). */
  async #figures(method: string | undefined, response: ServerResponse): Promise<void> {
    if (method !== 'GET') throw new Turned('wrong-method');
    const text = await this.#desk.metrics();
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(text);
  }

  #file({ method, headers }: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#options.page.get(path);
    if (!file) throw new Turned('not-found');
    if (method !== 'GET' && method !== 'HEAD') throw new Turned('wrong-method');
    const { bytes, type, tag, isForever } = file;
    response.setHeader('ETag', tag);
    const kept = isForever ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.setHeader('Cache-Control', kept);
    if (headers['if-none-match'] === tag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(method === 'HEAD' ? undefined : bytes);
  }
}
