// Requests outside ONVIF, for what ONVIF has no name for: a maker's own HTTP, with digest where the dome
// asks for it. Its protection space is its own: makes that refuse one interface may accept the other.

import { type Credentials, Digest, digestTriesMax } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { DomeError } from './error.ts';
import type { Endpoint, HttpReply, Line } from './line.ts';
import { type HttpRequest, patternOf, type Verify } from './profile.ts';
import type { CallOptions } from './soap.ts';

export class Vendor {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #at: Omit<Endpoint, 'path'>;
  readonly #digest: Digest;
  /** Set by a refused password: not tried again before a restart, makes lock users out. */
  #barred = false;

  constructor(line: Line, clock: Clock, credentials: Credentials, at: Omit<Endpoint, 'path'>) {
    this.#line = line;
    this.#clock = clock;
    this.#at = at;
    this.#digest = new Digest(credentials);
  }

  async send(request: HttpRequest, options: CallOptions): Promise<void> {
    const reply = await this.#ask(request, options);
    if (reply.status !== request.expectStatus)
      throw new DomeError('http', `HTTP ${reply.status} instead of ${request.expectStatus}`);
  }

  /** Whether the dome says that it is on; null where its answer says neither. */
  async read(verify: Verify, options: CallOptions): Promise<boolean | null> {
    const reply = await this.#ask(verify, options);
    if (reply.status !== 200) throw new DomeError('http', `HTTP ${reply.status} at ${verify.path}`);
    if (patternOf(verify.on)?.test(reply.body)) return true;
    return patternOf(verify.off)?.test(reply.body) ? false : null;
  }

  async #ask(
    request: {
      method: string;
      path: string;
      body?: string | undefined;
      contentType?: string | undefined;
    },
    options: CallOptions,
  ): Promise<HttpReply> {
    if (this.#barred)
      throw new DomeError(
        'unauthorized',
        'password refused before; not tried again until a restart',
      );
    const { method, path, body = '', contentType } = request;
    const byMs = this.#clock.now().monoMs + options.deadlineMs;
    for (let tries = 1; ; tries += 1) {
      const signed = this.#digest.sign(method, path);
      const headers: Record<string, string> = {
        ...(contentType ? { 'Content-Type': contentType } : {}),
        ...(signed ? { Authorization: signed.header } : {}),
      };
      const to = { ...this.#at, path };
      const reply = await this.#line.send({
        method,
        to,
        headers,
        body,
        byMs,
        signal: options.signal,
      });
      if (reply.status !== 401) return reply;
      const refused = this.#digest.refused(signed, reply.challenges);
      if (refused === 'again' && tries < digestTriesMax) continue;
      // Without a challenge it is no word about the password: some say 401 to too many connections.
      this.#barred = refused === 'password';
      throw refused === 'again'
        ? new DomeError('http', `a digest was refused ${tries} times, each time as too old`)
        : new DomeError('unauthorized', 'user or password refused');
    }
  }
}
