// What the page holds: the stream, what may be asked, where the person is. The guard's part is always there;
// the installer's opens with a session and closes with it.

import { computed, effect, signal } from '@preact/signals';
import type { SessionView, Text } from '../../panel/api.ts';
import type { ClientClock } from '../client/clock.ts';
import { type Answer, Asks, isProblem, paths } from './asks.ts';
import { Stream } from './stream.ts';

/** A PIN pad that nobody touches goes away. */
const padMs = 60_000;
const noteMs = 10_000;

export class Panel {
  readonly clock: ClientClock;
  readonly stream: Stream;
  readonly asks: Asks;
  /** Said for a moment. */
  readonly note = signal<Text | null>(null);
  readonly #isAtDoor = signal(false);
  #forgetDoor: () => void = () => {};
  #forgetNote: () => void = () => {};

  constructor(clock: ClientClock) {
    this.clock = clock;
    this.stream = new Stream(clock, paths.events);
    this.asks = new Asks(clock);
  }

  readonly place = computed<'guard' | 'door' | 'work'>(() => {
    if (this.stream.session.value?.session) return 'work';
    return this.#isAtDoor.value ? 'door' : 'guard';
  });

  /** `over`: said when a session has ended. `renewed`: the server has another page than this by now. */
  open(over: Text, renewed: () => void): void {
    this.stream.open();
    let ours: string | null = null;
    effect(() => {
      // A screen at a guard's desk stays open for years, and outlives many a release.
      if (this.stream.begun.value === 0) return;
      void this.asks.page().then((answer) => {
        if (isProblem(answer) || answer.body === null) return;
        ours ??= answer.body;
        if (answer.body !== ours) renewed();
      });
    });
    let was = false;
    effect(() => {
      const session = this.stream.session.value;
      if (!session) return;
      const is = session.session !== null;
      if (was && !is) {
        this.leave();
        this.say(over);
      }
      was = is;
    });
  }

  close(): void {
    this.stream.close();
    this.#forgetDoor();
    this.#forgetNote();
  }

  /** To the PIN pad; again with each touch of it. */
  atDoor(): void {
    this.#forgetDoor();
    this.#forgetDoor = this.clock.after(padMs, () => this.leave());
    this.#isAtDoor.value = true;
  }

  leave(): void {
    this.#forgetDoor();
    this.#isAtDoor.value = false;
  }

  async signIn(pin: string, name: string): Promise<Answer<SessionView>> {
    return this.#session(await this.asks.signIn({ pin, name }));
  }

  async signOut(): Promise<void> {
    this.#session(await this.asks.signOut());
  }

  #session(answer: Answer<SessionView>): Answer<SessionView> {
    if (!isProblem(answer)) {
      this.stream.session.value = answer.body;
      this.stream.openAnew();
    }
    return answer;
  }

  say(text: Text): void {
    this.#forgetNote();
    this.note.value = text;
    this.#forgetNote = this.clock.after(noteMs, () => {
      this.note.value = null;
    });
  }
}
