// A person's login: name and password go to the login address once, what stays is a cookie that no script
// can read, and a token in the memory of this page alone. The cookie outlives a reload and is the same in
// all windows; the token is fetched anew with it, long before its time is over.

import { type Granted, granted } from '../../contract.ts';
import { type ClientClock, systemClock } from './clock.ts';
import { Emitter } from './emitter.ts';
import type { Credential } from './link.ts';

export type LoginState =
  /** Not asked yet; see `resume`. */
  | { readonly state: 'unknown' }
  /** `ended`: it was in, and the login address does not know it any more. */
  | { readonly state: 'out'; readonly why: 'new' | 'left' | 'ended' }
  | ({ readonly state: 'in' } & Omit<Granted, 'token' | 'validMs'>);

/** What became of `enter`. `too-many`: wrong too often, wait a minute. */
export type Entered = 'in' | 'wrong' | 'too-many' | 'unreachable';

export interface LoginOptions {
  /** Address, on the page's own origin. */
  readonly url?: string;
  readonly clock?: ClientClock;
  readonly fetch?: typeof fetch;
}

/** A token that has this share of its time left is not fetched anew. */
const freshShare = 0.7;

interface Held extends Granted {
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** The login address cannot be asked now. */
export class LoginUnreachable extends Error {}
/** Nobody is logged in. */
export class LoggedOut extends Error {}

export class Login extends Emitter<{ changed: LoginState }> {
  readonly #url: string;
  readonly #clock: ClientClock;
  readonly #fetch: typeof fetch;
  #state: LoginState = { state: 'unknown' };
  #held: Held | null = null;
  #asking: Promise<Held> | null = null;

  constructor({ url = '/login', clock = systemClock, fetch: fetcher }: LoginOptions = {}) {
    super();
    this.#url = url;
    this.#clock = clock;
    // A bare `fetch` kept as a property would be called on the wrong object.
    this.#fetch = fetcher ?? ((...asked) => fetch(...asked));
  }

  get state(): LoginState {
    return this.#state;
  }

  /** After a load of the page: in again by the cookie, or out. Rejects with `LoginUnreachable`. */
  async resume(): Promise<LoginState> {
    await this.#token().catch((error: unknown) => {
      if (!(error instanceof LoggedOut)) throw error;
    });
    return this.#state;
  }

  async enter(user: string, password: string): Promise<Entered> {
    try {
      const answer = await this.#ask('', { user, password });
      if (answer.status === 401) return 'wrong';
      if (answer.status === 429) return 'too-many';
      await this.#take(answer);
      return 'in';
    } catch (error) {
      if (error instanceof LoginUnreachable) return 'unreachable';
      throw error;
    }
  }

  /** Ends the login in all windows of this browser. */
  async leave(): Promise<void> {
    this.#out('left');
    await this.#ask('/end');
  }

  /** For `ClientOptions.password`. Rejects with `LoginUnreachable` or `LoggedOut`. */
  readonly credential = async (): Promise<Credential> => {
    const { token, validMs, sinceMs } = await this.#token();
    return { password: token, validMs: validMs - (this.#clock.monoMs() - sinceMs) };
  };

  /** For `ClientOptions.terminals`. */
  readonly terminals = (): readonly string[] | null => this.#held?.terminals ?? null;

  #token(): Promise<Held> {
    const held = this.#held;
    const ageMs = held ? this.#clock.monoMs() - held.sinceMs : 0;
    if (held && ageMs < held.validMs * (1 - freshShare)) return Promise.resolve(held);
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #renew(): Promise<Held> {
    const answer = await this.#ask('/token');
    if (answer.status !== 401) return this.#take(answer);
    this.#out(this.#held ? 'ended' : 'new');
    throw new LoggedOut('nobody is logged in');
  }

  async #take(answer: Response): Promise<Held> {
    if (!answer.ok) throw new LoginUnreachable(`the login address answers ${answer.status}`);
    const read = granted.safeParse(await answer.json());
    if (!read.success) throw new LoginUnreachable(read.error.message);
    const held = { ...read.data, sinceMs: this.#clock.monoMs() };
    this.#held = held;
    const { token: _, validMs: __, ...who } = read.data;
    this.#turn({ state: 'in', ...who });
    return held;
  }

  async #ask(what: '' | '/token' | '/end', body: object = {}): Promise<Response> {
    try {
      return await this.#fetch(`${this.#url}${what}`, {
        ...{ method: 'POST', credentials: 'same-origin', cache: 'no-store' },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    } catch (error) {
      throw new LoginUnreachable('the login address does not answer', { cause: error });
    }
  }

  #out(why: 'new' | 'left' | 'ended'): void {
    this.#held = null;
    this.#turn({ state: 'out', why });
  }

  #turn(state: LoginState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.emit('changed', state);
  }
}
