// A dispatcher's desk: the client of the contract and all that hangs on it, as signals that the views draw.
// Decides when it rings, which pictures run, and what is said where a terminal refuses.

import { effect } from '@preact/signals';
import { rights } from '../../../contract.ts';
import type { CommandVerb, Role, Verb } from '../../../core/command.ts';
import { BrowserClient } from '../../client/browser.ts';
import type { ClientOptions } from '../../client/client.ts';
import { type ClientClock, systemClock } from '../../client/clock.ts';
import { type Args, CommandRefused, NoAnswer, type Result } from '../../client/commands.ts';
import { every } from '../../page/every.ts';
import { keep, kept } from '../../page/kept.ts';
import { brokerUrl, type ConsoleConfig } from '../config.ts';
import type { Case } from '../model/case.ts';
import { isWaiting } from '../model/case.ts';
import { said, t } from '../texts.ts';
import { Bell } from './bell.ts';
import { Book } from './book.ts';
import { Calls } from './calls.ts';
import { Files } from './files.ts';
import { Hand } from './hand.ts';
import { iceFrom } from './ice.ts';
import { Lights } from './lights.ts';
import { Notes } from './notes.ts';
import { Past } from './past.ts';
import { Pictures } from './pictures.ts';
import { SeenTeller } from './seen.ts';
import { Sticks } from './sticks.ts';
import { Watch } from './watch.ts';
import { Windows } from './windows.ts';

/** Who sits here, and how the broker is told. */
export interface Me extends Pick<ClientOptions, 'password' | 'terminals'> {
  readonly role: Role;
  readonly user: string;
  readonly username: string;
}

/** Rings that are remembered over a reload. */
const rungMax = 300;

export class Desk {
  readonly clock: ClientClock = systemClock;
  readonly config: ConsoleConfig;
  readonly me: Me;
  readonly client: BrowserClient;
  readonly watch: Watch;
  readonly hand: Hand;
  readonly book: Book;
  readonly bell = new Bell();
  readonly notes: Notes;
  readonly pictures: Pictures;
  readonly calls: Calls;
  readonly sticks: Sticks;
  readonly lights: Lights;
  readonly seen: SeenTeller;
  readonly files: Files;
  readonly windows: Windows;
  readonly #past: Past;
  readonly #ends: (() => void)[] = [];
  readonly #rung = new Set<string>();
  #remindedMs = 0;
  #isClosed = false;

  constructor(config: ConsoleConfig, me: Me) {
    this.config = config;
    this.me = me;
    const url = brokerUrl(config.broker, location.href);
    const { ice } = config;
    this.client = new BrowserClient({
      ...{ ...me, url },
      ...(ice === null ? {} : { ice: iceFrom(ice, this.clock) }),
    });
    this.watch = new Watch(this.client, this.clock, config.silence);
    this.hand = new Hand(this.watch);
    this.book = new Book(this.client, this.watch);
    this.notes = new Notes(this.clock);
    this.pictures = new Pictures(this);
    this.calls = new Calls(this);
    this.sticks = new Sticks(this);
    this.lights = new Lights(this);
    this.seen = new SeenTeller(this);
    this.files = new Files(this);
    this.windows = new Windows(this);
    this.#past = new Past(this);
  }

  /** `trouble` is told what the broker refuses. */
  async open(trouble: (detail: string) => void): Promise<void> {
    for (const ring of (kept('rung') ?? '').split(' ')) this.#rung.add(ring);
    this.#ends.push(this.client.on('trouble', ({ detail }) => trouble(detail)));
    this.watch.open();
    await this.book.open();
    // Each a task of its own: the page is not held up while it begins.
    await this.#breath();
    if (this.#isClosed) return;
    this.bell.open();
    await this.#breath();
    if (this.#isClosed) return;
    this.hand.open();
    this.pictures.open();
    this.seen.open();
    this.#past.open();
    this.#ends.push(
      effect(() => this.#ring(this.watch.cases.value)),
      effect(() => this.#ringForGone()),
      every(this.clock, 1_000, () => this.#remind()),
    );
    // The byes go out while the page is going.
    const going = () => void this.close();
    addEventListener('pagehide', going);
    this.#ends.push(() => removeEventListener('pagehide', going));
    this.client.open();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#ends.splice(0)) end();
    for (const part of [this.watch, this.hand, this.pictures, this.calls, this.seen, this.#past])
      part.close();
    this.book.close();
    await this.bell.close();
    await this.client.close();
  }

  #breath(): Promise<void> {
    return new Promise((done) => this.clock.after(0, done));
  }

  /** What the role may ask for; the terminal judges it again. */
  may(verb: Verb): boolean {
    return rights[this.me.role].includes(verb);
  }

  isMe(who: { readonly role: string; readonly user: string } | null): boolean {
    return who !== null && who.role === this.me.role && who.user === this.me.user;
  }

  /** Asks, and says so on the page where the terminal refuses or does not answer. Null: it did not. */
  async tryTo<V extends CommandVerb>(
    terminal: string,
    verb: V,
    args: Args<V>,
    how: 'aloud' | 'quietly' = 'aloud',
  ): Promise<Result<V> | null> {
    try {
      return await this.client.command(terminal, verb, args);
    } catch (error) {
      if (!(error instanceof CommandRefused || error instanceof NoAnswer)) throw error;
      if (how === 'aloud') this.refused(error);
      return null;
    }
  }

  /** Says why not; rethrows what is none of the terminal's. */
  refused(error: unknown): void {
    if (error instanceof NoAnswer) this.notes.say(t('noAnswer'), 'refused');
    else if (error instanceof CommandRefused)
      this.notes.say([said(error.reason), error.message].filter(Boolean).join(': '), 'refused');
    else throw error;
  }

  /** Ends a case: asked until the terminal has answered. */
  async resolve({ id, terminal, mark }: Case, reason: string, note: string): Promise<void> {
    // One that was made real meanwhile is none that we have seen the end of.
    const asked = { incident: id, reason, note: note.trim() || null, as: mark ?? 'real' } as const;
    try {
      await this.client.resolve(terminal, asked);
      this.hand.leave(id);
    } catch (error) {
      this.refused(error);
    }
  }

  /** What was pressed as a drill or in service is an alarm from now on; asked until it is answered. */
  async makeReal({ id, terminal }: Case): Promise<void> {
    try {
      await this.client.makeReal(terminal, id);
    } catch (error) {
      this.refused(error);
    }
  }

  /** Once for each new alarm, and once more where a drill becomes one. */
  #ring(cases: readonly Case[]): void {
    const fresh = cases.filter((one) => !this.#rung.has(ringOf(one)));
    if (fresh.length === 0) return;
    for (const one of fresh) {
      this.#rung.add(ringOf(one));
      this.bell.ring(one.mark === null && one.kind !== 'test' ? 'alarm' : 'marked');
    }
    this.#remindedMs = this.clock.monoMs();
    keep('rung', [...this.#rung].slice(-rungMax).join(' '));
  }

  #ringForGone(): void {
    const loud = this.watch.gone.value.filter(({ loudness }) => loudness === 'alarm');
    const fresh = loud.filter(({ view, sinceMs }) => !this.#rung.has(`${view.id}@${sinceMs}`));
    for (const { view, sinceMs } of fresh) this.#rung.add(`${view.id}@${sinceMs}`);
    if (fresh.length > 0) this.bell.ring('gone');
  }

  /** A real case that nobody has taken is heard again from time to time. */
  #remind(): void {
    const { remindS } = this.config.sound;
    const nowMs = this.clock.monoMs();
    if (remindS === null || nowMs - this.#remindedMs < remindS * 1000) return;
    this.#remindedMs = nowMs;
    const waits = (one: Case) => isWaiting(one) && one.mark === null && one.kind !== 'test';
    if (this.watch.cases.peek().some(waits)) this.bell.ring('waiting');
  }
}

const ringOf = ({ id, mark }: Case): string => `${id}/${mark ?? 'real'}`;
