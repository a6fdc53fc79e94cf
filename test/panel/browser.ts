// A browser as far as the panel's server can tell: one origin, a cookie, and what headers a test says.

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { within } from '#test/support/wait.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Parsed, where it is JSON. */
  readonly body: { readonly [key: string]: unknown };
}

export interface Ask {
  readonly method?: string;
  /** Sent as it is where it is text. */
  readonly body?: object | string;
  /** Null: left out. */
  readonly headers?: { readonly [name: string]: string | null };
  readonly withinMs?: number;
}

export class Browser {
  readonly origin: string;
  cookie: string | null = null;
  readonly #port: number;
  readonly #agent: Agent;

  constructor(port: number, ca: string) {
    this.#port = port;
    this.origin = `https://localhost:${port}`;
    this.#agent = new Agent({ ca, servername: 'localhost', keepAlive: true, maxSockets: 8 });
  }

  close(): void {
    this.#agent.destroy();
  }

  get(path: string, ask: Ask = {}): Promise<Reply> {
    return this.ask(path, ask);
  }

  post(path: string, body: object | string = {}, ask: Ask = {}): Promise<Reply> {
    return this.ask(path, { method: 'POST', body, ...ask });
  }

  async ask(path: string, ask: Ask): Promise<Reply> {
    const { withinMs = 20_000 } = ask;
    const response = await within(this.#open(path, ask), { withinMs, what: `an answer: ${path}` });
    const bytes = await within(allOf(response), { withinMs, what: `all of the answer: ${path}` });
    const [cookie] = response.headers['set-cookie'] ?? [];
    if (cookie) this.cookie = /Max-Age=0;/.test(cookie) ? null : (cookie.split(';')[0] ?? null);
    const isJson = response.headers['content-type']?.startsWith('application/json');
    const body = isJson ? JSON.parse(bytes.toString()) : {};
    return { status: response.statusCode ?? 0, headers: response.headers, bytes, body };
  }

  /** The stream of events, from now on. */
  async events(path = '/api/events'): Promise<EventReader> {
    const response = await within(this.#open(path, {}), { withinMs: 10_000, what: 'the stream' });
    return new EventReader(response);
  }

  #open(path: string, { method = 'GET', body, headers = {} }: Ask): Promise<IncomingMessage> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const usual: { [name: string]: string | null } = {
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...(method === 'POST' ? { origin: this.origin, 'content-type': 'application/json' } : {}),
      ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
      'sec-fetch-site': 'same-origin',
      ...headers,
    };
    const sent = Object.entries(usual).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    );
    return new Promise((done, failed) => {
      const asked = requestTls({
        ...{ host: '127.0.0.1', port: this.#port, path, method, agent: this.#agent },
        headers: { host: `localhost:${this.#port}`, ...Object.fromEntries(sent) },
      });
      asked.on('response', done);
      asked.on('error', failed);
      asked.end(text);
    });
  }
}

async function allOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  return Buffer.concat(chunks);
}

/** What a stream has told, in order. */
export class EventReader {
  readonly status: number;
  readonly told: { readonly name: string; readonly data: { readonly [key: string]: unknown } }[] =
    [];
  isOver = false;
  readonly #response: IncomingMessage;
  #rest = '';

  constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#read(chunk));
    response.on('error', () => {
      this.isOver = true;
    });
    response.on('close', () => {
      this.isOver = true;
    });
  }

  last(name: string) {
    return this.told.findLast((one) => one.name === name)?.data;
  }

  close(): void {
    this.#response.destroy();
  }

  #read(chunk: string): void {
    const blocks = `${this.#rest}${chunk}`.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (name && data) this.told.push({ name, data: JSON.parse(data) });
    }
  }
}
