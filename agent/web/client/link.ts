// The line to the broker: connects for ever, subscribes again at each connect, and says nothing twice:
// what was under way when it broke is dropped, because whoever asked asks again. Where the login is good
// for a time alone, the next line is made beside it beforehand, so that nothing is missed in between.

import type { ClientClock } from './clock.ts';
import { Line, type LineSetup, type Post } from './line.ts';

export type { Post } from './line.ts';

/** What the broker is shown. */
export interface Credential {
  readonly password: string;
  /** How long the broker lets a connection with it be, milliseconds from now; absent: for ever. */
  readonly validMs?: number;
}

export interface LinkOptions extends Pick<LineSetup, 'url' | 'clientId' | 'trouble'> {
  readonly username?: string | undefined;
  /** Asked at each connect; where it rejects, it is asked again after a while. */
  readonly password?: (() => string | Promise<Credential>) | undefined;
  /** Asked at each connect. */
  readonly subscribe: () => readonly string[];
  readonly will?: LineSetup['will'];
  readonly clock: ClientClock;
  /** Connected and subscribed, or no longer. */
  readonly up: (up: boolean) => void;
  /** `isLate`: from a line in whose place another one is already. */
  readonly message: (topic: string, json: unknown, isLate: boolean) => void;
}

const retryMs = 1_000;
/** Of the time that is left the next line is made after this share. */
const renewAfter = 0.6;
/** What was under way on the line before still comes by it. */
const lingerMs = 1_000;

export class Link {
  readonly #options: LinkOptions;
  #isOpen = false;
  /** The one that is up. */
  #line: Line | null = null;
  /** The one that is being made. */
  #next: Line | null = null;
  /** Those that have been replaced, for a moment. */
  readonly #late = new Set<Line>();
  #isAsking = false;
  #connections = 0;
  /** Of the next attempt: after a failure, or because the login runs out. */
  #cancel: () => void = () => undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#line !== null;
  }

  /** Begins to connect, and goes on until `close`. */
  open(): void {
    this.#isOpen = true;
    this.#connect();
  }

  /** False, and nothing was sent, while there is no line. */
  post(topic: string, payload: object, how: Post): boolean {
    if (!this.#line) return false;
    this.#line.post(topic, payload, how);
    return true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancel();
    const lines = [this.#line, this.#next, ...this.#late];
    this.#line = null;
    this.#next = null;
    await Promise.all(lines.map((line) => line?.close()));
  }

  #connect(): void {
    if (this.#next || this.#isAsking) return;
    this.#isAsking = true;
    Promise.resolve(this.#options.password?.())
      .finally(() => {
        this.#isAsking = false;
      })
      .then(
        (given) => this.#dial(typeof given === 'string' ? { password: given } : given),
        (error: unknown) => {
          this.#options.trouble(error instanceof Error ? error.message : String(error));
          this.#connectIn(retryMs);
        },
      );
  }

  #connectIn(delayMs: number): void {
    this.#cancel();
    if (this.#isOpen) this.#cancel = this.#options.clock.after(delayMs, () => this.#connect());
  }

  #dial(credential: Credential | undefined): void {
    if (!this.#isOpen) return;
    const { url, clientId, username, will, trouble, subscribe } = this.#options;
    this.#connections += 1;
    const nth = this.#connections === 1 ? '' : `.${this.#connections}`;
    const line: Line = new Line({
      ...{ url, clientId: `${clientId}${nth}`, username, will, trouble },
      ...{ password: credential?.password, subscribe: subscribe() },
      up: () => this.#isUp(line, credential?.validMs),
      down: () => this.#isDown(line),
      message: (topic, payload) => this.#message(line, topic, payload),
    });
    this.#next = line;
    line.open();
  }

  #isUp(line: Line, validMs: number | undefined): void {
    const before = this.#line;
    this.#line = line;
    this.#next = null;
    this.#cancel();
    if (validMs !== undefined) this.#connectIn(validMs * renewAfter);
    if (!before) return this.#options.up(true);
    this.#late.add(before);
    this.#options.clock.after(lingerMs, () => {
      this.#late.delete(before);
      void before.close();
    });
  }

  #isDown(line: Line): void {
    // One that was replaced is missed by nobody.
    if (this.#late.has(line)) return;
    if (line === this.#next) this.#next = null;
    const wasUp = line === this.#line;
    if (wasUp) this.#line = null;
    this.#connectIn(retryMs);
    if (wasUp) this.#options.up(false);
  }

  #message(line: Line, topic: string, payload: string): void {
    // An empty retained message clears the topic: nothing was said.
    if (payload === '' || !this.#isOpen) return;
    try {
      this.#options.message(topic, JSON.parse(payload), this.#late.has(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#options.trouble(`${topic}: not JSON`);
    }
  }
}
