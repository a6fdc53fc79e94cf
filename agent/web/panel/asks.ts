// What the page asks of its server, one function a route, each with its deadline. An answer that is no
// answer (a lost line, a server in the middle of a restart) is a problem like the server's own.

import type * as z from 'zod';
import type { TestPart } from '../../core/command.ts';
import type {
  claimed,
  done,
  problem,
  RouteName,
  routes,
  SessionView,
  SystemView,
  WindowBody,
  windowOpened,
} from '../../panel/api.ts';
import type { ClientClock } from '../client/clock.ts';
import { noAnswer } from './texts.ts';

/** The schemas stay with the server; its paths are checked against it all the same. */
export const paths = {
  events: '/api/events',
  falseAlarm: '/api/false-alarm',
  signIn: '/api/sign-in',
  signOut: '/api/sign-out',
  picture: '/api/picture',
  test: '/api/test',
  windowOpen: '/api/window/open',
  windowClose: '/api/window/close',
  mute: '/api/mute',
  reset: '/api/reset',
  restart: '/api/restart',
  system: '/api/system',
  support: '/api/support',
} as const satisfies { readonly [R in RouteName]?: (typeof routes)[R]['path'] };

type Problem = z.infer<typeof problem>;
export type Answer<T> = { readonly body: T } | { readonly problem: Problem };
export const isProblem = <T>(answer: Answer<T>): answer is { readonly problem: Problem } =>
  'problem' in answer;

export interface Picture {
  readonly jpeg: Blob;
  /** Null: the server did not say. */
  readonly takenWallMs: number | null;
}

const answersMs = 8_000;
/** The server gives a test 20 s. */
const testMs = 25_000;
const nothing = {};

export class Asks {
  readonly #clock: ClientClock;

  constructor(clock: ClientClock) {
    this.#clock = clock;
  }

  falseAlarm = () => this.#post<z.infer<typeof claimed>>(paths.falseAlarm, nothing);
  signIn = (body: { readonly pin: string; readonly name: string }) =>
    this.#post<SessionView>(paths.signIn, body);
  signOut = () => this.#post<SessionView>(paths.signOut, nothing);
  mute = () => this.#post<z.infer<typeof done>>(paths.mute, nothing);
  reset = () => this.#post<z.infer<typeof done>>(paths.reset, nothing);
  restart = () => this.#post<z.infer<typeof done>>(paths.restart, nothing);
  test = (part: TestPart) => this.#post<z.infer<typeof done>>(paths.test, { part }, testMs);
  windowOpen = (body: WindowBody) =>
    this.#post<z.infer<typeof windowOpened>>(paths.windowOpen, body);
  windowClose = () => this.#post<z.infer<typeof done>>(paths.windowClose, nothing);

  /** Which page the server gives now; null: nobody knows. */
  page = () =>
    this.#ask('/', { method: 'HEAD' }, answersMs, async ({ headers }) => headers.get('etag'));
  system = () => this.#ask<SystemView>(paths.system, {}, answersMs, (answer) => answer.json());
  picture = () =>
    this.#ask<Picture>(paths.picture, {}, answersMs, async (answer) => {
      const taken = Number(answer.headers.get('x-taken-wall-ms') ?? Number.NaN);
      return { jpeg: await answer.blob(), takenWallMs: Number.isFinite(taken) ? taken : null };
    });

  #post<T>(path: string, body: object, withinMs = answersMs): Promise<Answer<T>> {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    return this.#ask<T>(path, request, withinMs, (answer) => answer.json());
  }

  async #ask<T>(
    path: string,
    request: RequestInit,
    withinMs: number,
    read: (answer: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    const limit = new AbortController();
    const done = this.#clock.after(withinMs, () => limit.abort());
    try {
      const answer = await fetch(path, { ...request, cache: 'no-store', signal: limit.signal });
      if (answer.ok) return { body: await read(answer) };
      const problem: Problem = await answer.json();
      return { problem };
    } catch (error) {
      // No line, too late, or something between us and the server that speaks no JSON.
      if (
        !(
          error instanceof TypeError ||
          error instanceof DOMException ||
          error instanceof SyntaxError
        )
      )
        throw error;
      return { problem: { reason: 'failed', text: noAnswer } };
    } finally {
      done();
    }
  }
}
