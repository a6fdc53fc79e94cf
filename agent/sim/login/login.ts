// The login address of the rehearsal room, over HTTP on loopback: POST /login with user and password gives
// a token and a cookie, POST /login/token a new token for the cookie, POST /login/end ends it, GET
// /login/keys tells the public key. The cookie and not sessionStorage: no script can read it, and all
// windows share it. Passwords are made here, told once and kept as digests.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Granted, Person } from '../../contract.ts';
import type { Tokens } from './tokens.ts';

export interface LoginServerOptions {
  readonly tokens: Tokens;
  readonly people: readonly Person[];
  /** Whether the page came over https: the cookie then goes no other way. */
  readonly secure?: boolean;
}

const bodyBytesMax = 4_096;
/** Of one user in a minute; afterwards even the right one is refused until the minute is over. */
const wrongMax = 5;
const minuteMs = 60_000;
const sessionsMax = 100;
/** A shift; the cookie itself ends with the browser. */
const sessionMs = 12 * 3_600_000;
const cookieName = 'gate-login';

const asked = z.object({ user: z.string().max(64), password: z.string().max(256) });

interface Open {
  readonly user: string;
  readonly untilMs: number;
}

export class LoginServer {
  readonly #options: LoginServerOptions;
  readonly #people: Map<string, { readonly person: Person; readonly digest: Buffer }>;
  /** By the digest of the cookie. */
  readonly #open = new Map<string, Open>();
  readonly #wrong = new Map<string, { count: number; readonly sinceMs: number }>();
  /** To be told to whoever runs the room, once. */
  readonly passwords: ReadonlyMap<string, string>;

  constructor(options: LoginServerOptions) {
    this.#options = options;
    const made = options.people.map((person) => [person, newPassword()] as const);
    this.passwords = new Map(made.map(([{ user }, password]) => [user, password]));
    this.#people = new Map(
      made.map(([person, password]) => [person.user, { person, digest: digestOf(password) }]),
    );
  }

  /** Answers what is asked under /login; false where that is not for us. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path !== '/login' && !path.startsWith('/login/')) return false;
    response.setHeader('cache-control', 'no-store');
    this.#route(request, path.slice('/login'.length)).then(
      ({ status, body, cookie }) => {
        if (cookie !== undefined) response.setHeader('set-cookie', cookie);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? {}));
      },
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        response.writeHead(500).end();
      },
    );
    return true;
  }

  async #route(request: IncomingMessage, path: string): Promise<Answer> {
    if (request.method === 'GET' && path === '/keys')
      return { status: 200, body: await this.#options.tokens.jwks() };
    // What a form of another site can send is none of these.
    if (request.method !== 'POST' || !isJson(request)) return { status: 405 };
    const body = await bodyOf(request);
    if (body === null) return { status: 413 };
    const cookie = cookieOf(request);
    switch (path) {
      case '':
        return this.#enter(asked.safeParse(body).data ?? null);
      case '/token':
        return this.#renew(cookie);
      case '/end':
        this.#open.delete(keyOf(cookie));
        return { status: 200, cookie: this.#cookie('', 0) };
    }
    return { status: 404 };
  }

  async #enter(given: z.infer<typeof asked> | null): Promise<Answer> {
    if (!given) return { status: 400 };
    const nowMs = Date.now();
    const wrong = this.#wrong.get(given.user);
    if (wrong && nowMs - wrong.sinceMs < minuteMs && wrong.count >= wrongMax)
      return { status: 429 };
    const known = this.#people.get(given.user);
    const digest = digestOf(given.password);
    if (!known || !timingSafeEqual(known.digest, digest)) {
      if (known) this.#countWrong(given.user, nowMs);
      return { status: 401 };
    }
    this.#wrong.delete(given.user);
    const cookie = newPassword();
    this.#open.set(keyOf(cookie), { user: given.user, untilMs: nowMs + sessionMs });
    const [oldest] = this.#open.keys();
    if (this.#open.size > sessionsMax && oldest !== undefined) this.#open.delete(oldest);
    return { ...(await this.#grant(known.person)), cookie: this.#cookie(cookie) };
  }

  async #renew(cookie: string): Promise<Answer> {
    const open = this.#open.get(keyOf(cookie));
    const known = open && this.#people.get(open.user);
    if (!known || open.untilMs < Date.now()) return { status: 401 };
    return this.#grant(known.person);
  }

  async #grant(person: Person): Promise<Answer> {
    const { tokens } = this.#options;
    const token = await tokens.sign(person);
    // Times in a token are whole seconds.
    const validMs = tokens.validS * 1000 - (Date.now() % 1000);
    const terminals = person.terminals && [...person.terminals];
    const body: Granted = { ...person, terminals, token, validMs };
    return { status: 200, body };
  }

  #countWrong(user: string, nowMs: number): void {
    const before = this.#wrong.get(user);
    if (before && nowMs - before.sinceMs < minuteMs) before.count += 1;
    else this.#wrong.set(user, { count: 1, sinceMs: nowMs });
  }

  #cookie(value: string, maxAgeS?: number): string {
    const ends = maxAgeS === undefined ? '' : `; Max-Age=${maxAgeS}`;
    const secure = this.#options.secure ? '; Secure' : '';
    return `${cookieName}=${value}; Path=/login; HttpOnly; SameSite=Strict${secure}${ends}`;
  }
}

interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly cookie?: string;
}

const newPassword = (): string => randomBytes(15).toString('base64url');
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const keyOf = (cookie: string): string => digestOf(cookie).toString('hex');

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.split(';')[0] === 'application/json';

const cookieOf = ({ headers }: IncomingMessage): string =>
  new RegExp(`(?:^|; )${cookieName}=([^;]*)`).exec(headers.cookie ?? '')?.[1] ?? '';

/** null: too large, or no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > bodyBytesMax) return null;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
