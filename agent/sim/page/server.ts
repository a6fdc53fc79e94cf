// The rehearsal room on a page: serves it on loopback, tells what can be seen in the room as it changes,
// takes presses, and lets the page's MQTT over WebSocket into the room's broker. Only pages of its own
// origin may press or listen: another site's script in the same browser may not.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { LoginServer } from '../login/login.ts';
import type { Room } from '../room.ts';
import { bundlePage } from './bundle.ts';
import { consoleFiles, type File } from './console-files.ts';
import { Looker, type Sight } from './sight.ts';

export interface PageOptions {
  /** Ways for the page's calls and pictures, as `Ice` of the client has them; absent: direct ones. */
  readonly ice?: () => object;
  /** 0 or absent: one that is free. */
  readonly port?: number;
  /** Lets an MQTT connection into the broker. */
  readonly broker: (stream: Duplex) => void;
  /** Where the broker asks for tokens: its address, and a login of the page's own. */
  readonly login?: LoginServer;
}

/** How the console logs in. */
const byToken = { login: { how: 'token', url: '../login' } };
/** As the page's own desk has it. */
const deskUser = 'li';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  // The keep-alive timer of the MQTT client, which a page in the background must not slow down.
  'worker-src blob:',
].join('; ');

export class Page {
  readonly #room: Room;
  readonly #options: PageOptions;
  readonly #looker: Looker;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  readonly #watchers = new Set<ServerResponse>();
  #files = new Map<string, File>();

  constructor(room: Room, options: PageOptions) {
    this.#room = room;
    this.#options = options;
    this.#looker = new Looker(room, (sight) => this.#tell(sight));
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Of the dispatcher's console, where that has been built. */
  get consoleUrl(): string {
    return `${this.url}console/`;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://localhost:${typeof address === 'object' && address ? address.port : 0}/`;
  }

  async open(): Promise<void> {
    const [html, css, js, desk] = await Promise.all([
      readFile(join(import.meta.dirname, 'page.html'), 'utf8'),
      readFile(join(import.meta.dirname, 'page.css'), 'utf8'),
      bundlePage(),
      consoleFiles('/console/', this.#options.login ? byToken : {}),
    ]);
    this.#files = new Map([
      ...desk,
      ['/', { type: 'text/html; charset=utf-8', body: html }],
      ['/page.css', { type: 'text/css; charset=utf-8', body: css }],
      ['/page.js', { type: 'text/javascript; charset=utf-8', body: js }],
    ]);
    this.#server.listen(this.#options.port ?? 0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#looker.open();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#looker.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    response.setHeader('content-security-policy', policy);
    response.setHeader('cache-control', 'no-store');
    if (!this.#isOwn(request)) return end(response, 403);
    if (this.#options.login?.answer(request, response)) return;
    const file = this.#files.get(pathname);
    if (request.method === 'POST' && pathname === '/press')
      return end(response, this.#press(Number(searchParams.get('button'))));
    if (request.method !== 'GET') return end(response, 405);
    if (pathname === '/ice') return json(response, this.#options.ice?.() ?? { servers: [] });
    if (pathname === '/desk') return json(response, { password: this.#password });
    if (pathname === '/sight') return this.#watch(response);
    if (!file) return end(response, 404);
    response.writeHead(200, { 'content-type': file.type });
    response.end(file.body);
  }

  /** Whoever may press the buttons of the room on its page may have its desk as well. */
  get #password(): string | null {
    return this.#options.login?.passwords.get(deskUser) ?? null;
  }

  /** By name and, where a script asks, by its page: a foreign name that leads here is none of ours. */
  #isOwn({ headers: { host, origin } }: IncomingMessage): boolean {
    const { port } = new URL(this.url);
    const names = [`localhost:${port}`, `127.0.0.1:${port}`];
    return names.some(
      (name) => host === name && (origin === undefined || origin === `http://${name}`),
    );
  }

  #press(button: number): number {
    const { box } = this.#room;
    if (!Number.isInteger(button) || button < 1 || button > box.inputs) return 400;
    box.tap(button).catch((error: Error) => process.emitWarning(error));
    return 204;
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(eventOf(this.#looker.sight));
    this.#watchers.add(response);
    response.once('close', () => this.#watchers.delete(response));
  }

  #tell(sight: Sight): void {
    for (const watcher of this.#watchers) watcher.write(eventOf(sight));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin } = request.headers;
    if (request.url !== '/mqtt' || origin === undefined || !this.#isOwn(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#options.broker(createWebSocketStream(webSocket)),
    );
  }
}

const eventOf = (sight: Sight): string => `data: ${JSON.stringify(sight)}\n\n`;

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
