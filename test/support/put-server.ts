// A server for `evidence.put`: real HTTPS, takes one file in pieces and says how far it has got, unless a
// test has it stumble.

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Certs } from './certs.ts';

type Trouble = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export class PutServer {
  /** What it has so far. */
  got = Buffer.alloc(0);
  readonly digests = new Set<unknown>();
  /** As they were asked for. */
  readonly ranges: string[] = [];
  connections = 0;
  /** Takes a request away from it; true: it did. */
  trouble: Trouble = () => false;
  readonly server: Server;

  private constructor({ server }: Certs) {
    const [cert, key] = [server.certFile, server.keyFile].map((file) => readFileSync(file));
    this.server = createServer({ cert, key }, (request, response) => {
      this.#take(request, response).catch((error: Error) => response.destroy(error));
    });
    this.server.on('connection', () => this.connections++);
  }

  static async open(certs: Certs): Promise<PutServer> {
    const one = new PutServer(certs);
    await new Promise<void>((done) => one.server.listen(0, '127.0.0.1', done));
    return one;
  }

  get port(): number {
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('the server is not there');
    return address.port;
  }

  get url(): string {
    return `https://localhost:${this.port}/put/1`;
  }

  /** Those with bytes in them. */
  get pieces(): string[] {
    return this.ranges.filter((range) => !range.startsWith('bytes *'));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await this.trouble(request, response)) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const range = String(request.headers['content-range']);
    this.ranges.push(range);
    this.digests.add(request.headers['repr-digest']);
    const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(range) ?? [];
    if (from !== undefined && Number(from) === this.got.length)
      this.got = Buffer.concat([this.got, ...chunks]);
    if (this.got.length === Number(total)) return void response.writeHead(201).end();
    const has = this.got.length;
    response.writeHead(308, has === 0 ? {} : { Range: `bytes=0-${has - 1}` }).end();
  }
}
