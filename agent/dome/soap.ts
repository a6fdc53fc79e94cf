// Thin SOAP 1.2 client: envelope, WS-UsernameToken or HTTP digest (whichever the dome turns out to want),
// answer checked against the operation, faults as types. A wrong password is tried once: several makes lock
// a user out for half an hour. Loads the XML parser in open().

import { type Credentials, Digest, digestTriesMax, type Signed } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { addressing } from './addressing.ts';
import { DomeError } from './error.ts';
import type { Endpoint, HttpReply, Line } from './line.ts';
import { getSystemDateAndTime, namespaces, type Operation, type Service } from './operations.ts';
import { refusalOf, refused, responseOf } from './reply.ts';
import { beside, UsernameToken } from './username-token.ts';
import { at, openXml, type ParseXml, type XmlNode } from './xml.ts';

export interface CallOptions {
  /** For all of the call: connecting, authenticating, retrying. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Sends no user and no password, and learns nothing from a refusal. */
  readonly anonymous?: boolean;
  /** Fails rather than being sent twice. */
  readonly once?: boolean;
}

/** Skew from which a refused token is blamed on the clock and not on the password, ms. */
const skewMs = 2000;

/** A dome that claims a later date is not believed, ms. */
const latestMs = Date.UTC(9990, 0);

interface Limits extends CallOptions {
  readonly byMs: number;
}

export class SoapClient {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #digest: Digest;
  readonly #usernameToken: UsernameToken;
  readonly #endpoints: Map<Service, Endpoint>;
  /** Headers of a subscription's own. */
  readonly #echoed = new Map<Service, string>();
  #parse: ParseXml | null = null;
  /** `open` until the dome refuses a call without credentials and so tells what it wants. */
  #scheme: 'open' | 'token' | 'digest' = 'open';
  #barred: DomeError | null = null;
  #proving: Promise<void> | null = null;
  /** The dome's wall clock minus our monotonic one: our own wall clock may jump meanwhile. */
  #offsetMs: number | null = null;

  constructor(line: Line, clock: Clock, credentials: Credentials, device: Endpoint) {
    this.#line = line;
    this.#clock = clock;
    this.#digest = new Digest(credentials);
    this.#usernameToken = new UsernameToken(credentials);
    this.#endpoints = new Map([['device', device]]);
  }

  async open(): Promise<void> {
    this.#parse = await openXml();
  }

  get scheme(): string {
    return this.#scheme;
  }

  /** Learns authentication anew; what is known of addresses stays good. */
  restart(): void {
    this.#barred = null;
    this.#scheme = 'open';
    this.#digest.forget();
  }

  /** The dome's clock minus ours, ms; null: it has told none. */
  get offMs(): number | null {
    const { monoMs, wallMs } = this.#clock.now();
    return this.#offsetMs === null ? null : this.#offsetMs + monoMs - wallMs;
  }

  /** `echoed`: headers that calls there carry, as XML. */
  locate(service: Service, endpoint: Endpoint, echoed = ''): void {
    this.#endpoints.set(service, endpoint);
    this.#echoed.set(service, echoed);
  }

  knows(service: Service): boolean {
    return this.#endpoints.has(service);
  }

  /** Set when user or password were refused beyond doubt; no call sends them any more. */
  get barred(): DomeError | null {
    return this.#barred;
  }

  /** Rejects with a `DomeError`. Asks before it first awaits: a strobe does not wait a turn of the loop. */
  async call<A, R>(operation: Operation<A, R>, args: A, options: CallOptions): Promise<R> {
    const limits: Limits = { ...options, byMs: this.#clock.now().monoMs + options.deadlineMs };
    const inner = operation.body(args);
    let tried = await this.#attempt(operation, inner, limits, 1);
    if ('value' in tried) return tried.value;
    if (!tried.again) throw tried.refusal;
    // What three commands learnt at once is tried by one of them: a dome counts wrong passwords.
    const before = this.#proving;
    let proven = () => {};
    this.#proving = new Promise((done) => {
      proven = done;
    });
    try {
      await before;
      for (let tries = 2; ; tries += 1) {
        tried = await this.#attempt(operation, inner, limits, tries);
        if ('value' in tried) return tried.value;
        if (!tried.again) throw tried.refusal;
      }
    } finally {
      proven();
    }
  }

  async #attempt<A, R>(
    operation: Operation<A, R>,
    inner: string,
    limits: Limits,
    tries: number,
  ): Promise<{ value: R } | { refusal: DomeError; again: boolean }> {
    const scheme = limits.anonymous ? 'open' : this.#scheme;
    if (scheme !== 'open' && this.#barred) throw this.#barred;
    const signed =
      scheme === 'digest' ? this.#digest.sign('POST', this.#whereTo(operation.service).path) : null;
    const login = scheme === 'token' ? 'token' : signed;
    const reply = await this.#post(operation, inner, limits, login);
    const answer = this.#answer(reply);
    if (!refused(reply, answer)) {
      if (signed) this.#digest.prepare('POST', this.#whereTo(operation.service).path);
      else if (login) this.#usernameToken.prepare();
      return { value: operation.read(responseOf(operation.name, reply, answer), reply.body) };
    }
    const refusal = refusalOf(reply, answer);
    if (limits.anonymous) return { refusal, again: false };
    const again = await this.#learn(scheme, signed, reply, limits, tries);
    if (again && tries >= digestTriesMax)
      throw new DomeError('http', `it refused ${tries} logins, each time as too old`);
    // A digest with a nonce of this very call is refused for its password. A token may also be
    // refused for what its user may not do: that is for the link to find out.
    if (again === 'password') this.#barred = refusal;
    return { refusal, again: again === true };
  }

  /** Measures the dome's clock without credentials. Returns the jump since the last measurement, ms. */
  async measureClock(options: CallOptions): Promise<number> {
    const { utcMs } = await this.call(getSystemDateAndTime, null, { ...options, anonymous: true });
    return utcMs === null ? 0 : this.#setClock(utcMs);
  }

  #setClock(domeMs: number): number {
    // No date of a token can say it, and none of a clock that works is there.
    if (domeMs < 0 || domeMs > latestMs) return 0;
    const offsetMs = domeMs - this.#clock.now().monoMs;
    const jumpMs = this.#offsetMs === null ? 0 : offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    return jumpMs;
  }

  /** What a refusal teaches: whether the call is worth sending again. */
  async #learn(
    sentWith: string,
    signed: Signed | null,
    reply: HttpReply,
    limits: Limits,
    tries: number,
  ): Promise<boolean | 'password'> {
    if (sentWith === 'open') {
      if (this.#scheme === 'open') {
        this.#scheme = this.#digest.adopt(reply.challenges) ? 'digest' : 'token';
        // A dome that wants a password even for its clock still sends a Date header.
        if (this.#offsetMs === null && reply.dateMs !== null) this.#setClock(reply.dateMs);
      }
      return true;
    }
    if (sentWith === 'digest') {
      const said = this.#digest.refused(signed, reply.challenges);
      return said === 'again' || (said === 'password' && reply.status === 401 && said);
    }
    if (tries > 1 && this.#offsetMs !== null) return false;
    const before = this.#offsetMs;
    await this.#remeasure(reply, limits);
    return before === null || Math.abs((this.#offsetMs ?? before) - before) > skewMs;
  }

  async #remeasure(reply: HttpReply, limits: Limits): Promise<void> {
    const { byMs, signal } = limits;
    const deadlineMs = byMs - this.#clock.now().monoMs;
    try {
      await this.measureClock(signal ? { deadlineMs, signal } : { deadlineMs });
    } catch (error) {
      if (!(error instanceof DomeError && error.kind === 'unauthorized')) throw error;
      if (reply.dateMs !== null) this.#setClock(reply.dateMs);
    }
  }

  #whereTo(service: Service): Endpoint {
    const to = this.#endpoints.get(service);
    if (!to) throw new DomeError('missing', `the dome tells no address of its ${service} service`);
    return to;
  }

  #post<A, R>(
    operation: Operation<A, R>,
    inner: string,
    limits: Limits,
    login: Signed | 'token' | null,
  ) {
    const namespace = namespaces[operation.service];
    const to = this.#whereTo(operation.service);
    const action = operation.action ?? `${namespace}/${operation.name}`;
    const headers: Record<string, string> = {
      'Content-Type': `application/soap+xml; charset=utf-8; action="${action}"`,
    };
    if (login !== null && login !== 'token') headers.Authorization = login.header;
    const token = login === 'token' ? this.#token() : '';
    const echoed = this.#echoed.get(operation.service) ?? '';
    const header = operation.action
      ? beside(token, addressing(operation.action, this.#line.urlOf(to), echoed))
      : token;
    const body =
      '<?xml version="1.0" encoding="utf-8"?>' +
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${header}<s:Body>` +
      `<n:${operation.name} xmlns:n="${namespace}">${inner}</n:${operation.name}>` +
      '</s:Body></s:Envelope>';
    return this.#line.send({
      method: 'POST',
      to,
      headers,
      body,
      byMs: limits.byMs,
      signal: limits.signal,
      once: limits.once,
    });
  }

  #token(): string {
    const { monoMs, wallMs } = this.#clock.now();
    return this.#usernameToken.header(this.#offsetMs === null ? wallMs : this.#offsetMs + monoMs);
  }

  /** The body of the envelope, or the reason why there is none. */
  #answer(reply: HttpReply): XmlNode | DomeError {
    if (!this.#parse) throw new Error('the SOAP client is not open');
    try {
      const body = at(this.#parse(reply.body), 'Envelope', 'Body');
      return body ?? new DomeError('malformed', `HTTP ${reply.status} and no SOAP envelope`);
    } catch (error) {
      if (error instanceof DomeError) return error;
      throw error;
    }
  }
}
