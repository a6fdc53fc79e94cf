// Who sits at the desk. The city's login address knows people and gives short-lived tokens, renewed by
// themselves; or user and password go to the broker as they are, kept for this tab alone.

import { signal } from '@preact/signals';
import * as z from 'zod';
import { roles } from '../../core/command.ts';
import { type Entered, Login, LoginUnreachable } from '../client/login.ts';
import type { ConsoleConfig } from './config.ts';
import type { Me } from './desk/desk.ts';

/** `ended`: the desk was in use, and the login is no longer known. */
export type Outside = 'asking' | 'new' | 'left' | 'ended' | 'unreachable';

const tabKey = 'gate-console/login';
const remembered = z.object({ role: z.enum(roles), user: z.string(), password: z.string() });

export class Entrance {
  readonly me = signal<Me | null>(null);
  readonly outside = signal<Outside>('asking');
  readonly #config: ConsoleConfig['login'];
  readonly #login: Login | null;

  constructor({ login }: ConsoleConfig) {
    this.#config = login;
    this.#login = login.how === 'token' ? new Login({ url: login.url }) : null;
  }

  /** In again after a reload, or out. */
  async open(): Promise<void> {
    if (!this.#login) return this.#resume();
    this.#login.on('changed', () => this.#changed());
    try {
      await this.#login.resume();
    } catch (error) {
      if (!(error instanceof LoginUnreachable)) throw error;
      this.outside.value = 'unreachable';
    }
  }

  async enter(user: string, password: string): Promise<Entered> {
    if (this.#login) return this.#login.enter(user, password);
    if (this.#config.how !== 'password') return 'wrong';
    const { role } = this.#config;
    sessionStorage.setItem(tabKey, JSON.stringify({ role, user, password }));
    this.#resume();
    return 'in';
  }

  async leave(): Promise<void> {
    if (this.#login) return this.#login.leave();
    this.#out('left');
  }

  /** The broker takes this login no longer. */
  refused(): void {
    // A token that is renewed is another one; only its own address ends a login.
    if (!this.#login) this.#out('ended');
  }

  #out(why: Outside): void {
    sessionStorage.removeItem(tabKey);
    this.outside.value = why;
    this.me.value = null;
  }

  #resume(): void {
    const kept = sessionStorage.getItem(tabKey);
    const read = remembered.safeParse(kept === null ? null : JSON.parse(kept));
    if (!read.success) return this.#out('new');
    const { role, user, password } = read.data;
    this.me.value = { role, user, username: user, password: () => password };
  }

  #changed(): void {
    const login = this.#login;
    if (!login) return;
    const { state } = login;
    if (state.state === 'out') this.#out(state.why);
    if (state.state !== 'in') return;
    const { role, user } = state;
    const { credential: password, terminals } = login;
    const before = this.me.value;
    // A token that was renewed changes nobody.
    if (before?.role === role && before.user === user) return;
    this.me.value = { role, user, username: user, password, terminals };
  }
}
