// Who comes in: the PIN, how often it may be tried, the session that it opens. The duress PIN opens one like
// any other, on the same way and in the same time; only the daemon is told of the difference.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import type { Clock } from '../ports.ts';
import { noBody, panelLimits, type SessionView, signInBody } from './api.ts';
import type { Daemon } from './daemon.ts';
import { Guesses } from './guesses.ts';
import { checkPin, pinStamp, readPinFile } from './pin.ts';
import { sendJson } from './reply.ts';
import { bodyOf, type Route, Turned } from './request.ts';
import { type Session, Sessions } from './sessions.ts';

export interface Asking {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  readonly route: Route;
}

export interface DoorOptions {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info'>;
  readonly pinFile: string;
}

/** From so many wrong PINs within an hour on the platform is told. */
const tellGuessesFrom = 10;
const lookAgainMs = 60_000;

export class Door {
  readonly #options: DoorOptions;
  readonly #daemon: Daemon;
  readonly #sessions: Sessions;
  readonly #guesses: Guesses;
  #isTold = false;
  #cancel: (() => void) | null = null;
  #pinStamp: string | null = null;

  constructor(options: DoorOptions, daemon: Daemon) {
    this.#options = options;
    this.#daemon = daemon;
    this.#sessions = new Sessions(options.clock);
    this.#guesses = new Guesses(options.clock);
  }

  close(): void {
    this.#cancel?.();
  }

  /** Whoever a request's cookies name. Another PIN signs everybody out. */
  find(cookies: string | undefined, isUse: boolean): Session | null {
    const stamp = pinStamp(this.#options.pinFile);
    if (stamp !== this.#pinStamp) this.#sessions.closeAll();
    this.#pinStamp = stamp;
    return this.#sessions.find(cookies, isUse);
  }

  isOpen(session: Session): boolean {
    return this.#sessions.isOpen(session);
  }

  view(session: Session | null): SessionView {
    const pinSet = readPinFile(this.#options.pinFile) !== null;
    return { session: this.#sessions.view(session), pinSet };
  }

  /** Throws `Turned`. */
  readonly signIn = async ({ request, response, address }: Asking, before: Session | null) => {
    const { pin, name } = await bodyOf(request, signInBody);
    const file = readPinFile(this.#options.pinFile);
    if (!file) throw new Turned('no-pin');
    const waitMs = this.#guesses.waitMs(address);
    if (waitMs > 0) throw new Turned('too-many', waitMs);
    this.#guesses.tried(address);
    const which = await checkPin(file, pin);
    if (which === null) {
      this.#tellGuesses();
      throw new Turned('wrong-pin', this.#guesses.waitMs(address));
    }
    this.#guesses.right(address);
    this.#tellGuesses();
    if (before) this.#sessions.close(before);
    const duress = which === 'duress';
    const { session, cookie } = this.#sessions.open(oneLine(name), duress);
    const user = session.name || 'panel';
    await this.#daemon.insist({ user, duress, act: { do: 'sign-in', from: address } });
    this.#options.log.info({ from: address, name: session.name }, 'signed in');
    response.setHeader('Set-Cookie', cookie);
    sendJson(response, this.view(session));
  };

  readonly signOut = async ({ request, response }: Asking, session: Session | null) => {
    await bodyOf(request, noBody);
    response.setHeader('Set-Cookie', this.#sessions.close(session));
    if (session) {
      const { name, duress } = session;
      await this.#daemon.insist({ user: name || 'panel', duress, act: { do: 'sign-out' } });
    }
    sendJson(response, this.view(null));
  };

  /** The platform hears of it once, and when it is over. */
  #tellGuesses(): void {
    const wrong = this.#guesses.wrongLately;
    const isGuessing = wrong >= tellGuessesFrom;
    if (isGuessing !== this.#isTold) {
      this.#isTold = isGuessing;
      const act = { do: 'guessing', wrong: isGuessing ? wrong : 0 } as const;
      void this.#daemon.insist({ user: 'panel', duress: false, act });
    }
    this.#cancel?.();
    this.#cancel = isGuessing
      ? this.#options.clock.after(lookAgainMs, () => this.#tellGuesses())
      : null;
  }
}

const oneLine = (name: string): string =>
  name
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, panelLimits.nameChars);
