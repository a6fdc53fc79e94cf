// Brings sealed turns to disk, in order and each once, through a worker that may fail, hang or die.
// One batch is under way at a time. A batch that failed is tried again every second and with each new
// turn; a dead worker is replaced, at once the first time and then with growing pauses; a slow one is
// awaited in the background. While it is known to be slow nobody blocks on it.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import { Backlog } from './backlog.ts';
import type { ChainAt } from './chain.ts';
import type { Disk, First, WriterEvents, WriterOptions, Written } from './disk.ts';
import { Link } from './link.ts';
import { Pages } from './pages.ts';
import { type Result, rehearsal, type SealedTurn } from './protocol.ts';

const retryMs = 1000;
const pollMs = 50;
const respawnMsMax = 30_000;

export class Writer implements Disk {
  readonly #options: WriterOptions;
  readonly #events: WriterEvents;
  readonly #backlog: Backlog;
  readonly #pages = new Pages();
  #link: Link | null = null;
  #first: First | null = null;
  #opened = false;
  #inFlight = false;
  /** A wait has timed out, and nothing was heard since. */
  #slow = false;
  /** A turn was reported as not durable, and not everything is on disk yet. */
  #behind = false;
  #lostTold = false;
  /** Rows of the outbox when some were given up; null while there is room. */
  #fullAtRows: number | null = null;
  #closing = false;
  #reason = 'the storage thread is not open yet';
  #retryAtMs = 0;
  #deaths = 0;
  #onDisk = 0;
  #outboxRows = 0;
  #transactions = 0;
  #cancelPoll: (() => void) | null = null;

  constructor(options: WriterOptions, events: WriterEvents) {
    this.#options = options;
    this.#events = events;
    this.#backlog = new Backlog(options.backlogCharsMax);
  }

  /** Starts the thread; safe to call again. */
  start(): void {
    if (this.#link || this.#closing) return;
    const { file, sizes } = this.#options;
    const onExit = (link: Link, reason: string) => this.#exited(link, reason);
    this.#link = new Link({ file, sizes, onPage: this.#pages.answered, onExit });
    this.#link.start();
    this.#pages.attach(this.#link);
  }

  /** Blocks until the worker has the database open or says why not; null after `ms`. */
  opened(ms: number): First | null {
    this.start();
    this.#await(() => this.#first !== null, ms);
    return this.#first;
  }

  write(sealed: SealedTurn, meanwhile?: () => void): Written {
    this.#backlog.add(sealed);
    this.#collect();
    this.#post();
    meanwhile?.();
    const { waitMs } = this.#options;
    const settled = () => this.#onDisk >= sealed.turn || !this.#underWay;
    if (!this.#slow && !this.#await(settled, waitMs)) {
      this.#slow = true;
      this.#reason = `the disk has not answered in ${waitMs} ms`;
    }
    if (this.#onDisk >= sealed.turn) {
      this.#tellIfRecovered();
      return { durable: true, reason: null };
    }
    this.#behind = true;
    this.#poll();
    return { durable: false, reason: this.#reason };
  }

  /** The worker goes through a turn and takes it back, while the loop decides on the real one. */
  rehearse(): void {
    if (this.#opened && !this.#inFlight && !this.#slow) this.#link?.post(rehearsal);
  }

  /** The same without waiting: what is no news to anybody. */
  post(sealed: SealedTurn): void {
    this.#backlog.add(sealed);
    this.#post();
    this.#poll();
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    return this.#pages.ask(lane, afterSeq, limit);
  }

  get pages(): Pages {
    return this.#pages;
  }

  /** First record that is not known to be on disk. */
  get firstBehind(): ChainAt | null {
    return this.#backlog.firstRecord;
  }

  /** Lets go of a database that cannot be opened. */
  abandon(): void {
    this.#closing = true;
    this.#cancelPoll?.();
    this.#link?.abandon();
    this.#pages.close();
  }

  get figures() {
    const { turns: behind, rows } = this.#backlog;
    return { behind, outboxRows: this.#outboxRows + rows, transactions: this.#transactions };
  }

  /** The worker as it is now: tests end it. */
  get link(): Link | null {
    return this.#link;
  }

  /** Finishes what is in hand. False where the worker did not come back in `ms`: only SIGKILL ends
   * such a process, everything else waits for its fsync. */
  async close(ms: number): Promise<boolean> {
    this.#closing = true;
    this.#cancelPoll?.();
    const deadlineMs = this.#nowMs() + ms;
    this.#collect();
    this.#post();
    await this.#until(() => {
      this.#collect();
      return !this.#underWay;
    }, deadlineMs);
    const link = this.#link;
    link?.post(null);
    await this.#until(() => link?.exited ?? true, deadlineMs);
    this.#pages.close();
    if (link?.exited ?? true) return true;
    link?.abandon();
    return false;
  }

  get #underWay(): boolean {
    return this.#inFlight || (this.#link !== null && !this.#opened);
  }

  #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }

  /** Blocks until `done`; false after `ms`. */
  #await(done: () => boolean, ms: number): boolean {
    const deadlineMs = this.#nowMs() + ms;
    for (;;) {
      // Read before the results are taken: one that comes after that changes it.
      const seen = this.#link?.signal ?? 0;
      this.#collect();
      if (done()) return true;
      if (!this.#link) return false;
      const leftMs = deadlineMs - this.#nowMs();
      if (leftMs <= 0) return false;
      if (this.#link.signal === seen) this.#link.wait(seen, leftMs);
    }
  }

  async #until(done: () => boolean, deadlineMs: number): Promise<void> {
    while (!done() && this.#nowMs() < deadlineMs) {
      await new Promise<void>((next) => this.#options.clock.after(5, next));
    }
  }

  #post(): void {
    if (!this.#link || !this.#opened || this.#inFlight || this.#backlog.turns === 0) return;
    this.#inFlight = true;
    this.#link.post(JSON.stringify(this.#backlog.take()));
  }

  #collect(): void {
    const link = this.#link;
    if (!link) return;
    const { gone } = link;
    for (let result = link.receive(); result; result = link.receive()) this.#take(result);
    // What a dying worker had posted was there before it was gone.
    if (gone && link === this.#link) this.#replace();
  }

  #take(result: Result): void {
    this.#slow = false;
    if (result.kind === 'opened' || result.kind === 'refused') this.#first ??= result;
    switch (result.kind) {
      case 'opened':
        this.#opened = true;
        if (this.#lostTold) this.#events.back();
        this.#lostTold = false;
        this.#confirm(result);
        if (result.replaced && result !== this.#first) this.#events.replaced(result);
        return;
      case 'done':
        this.#inFlight = false;
        this.#deaths = 0;
        this.#transactions++;
        this.#confirm(result);
        this.#tellRoom(result.dropped);
        return;
      case 'failed':
        this.#inFlight = false;
        this.#backlog.returned();
        this.#reason = result.reason;
        this.#retryAtMs = this.#nowMs() + retryMs;
        return;
      case 'refused':
        this.#deaths = Math.max(1, this.#deaths);
        this.#reason = result.reason;
        return;
    }
  }

  #confirm({ turn, outboxRows }: { readonly turn: number; readonly outboxRows: number }): void {
    this.#onDisk = turn;
    this.#outboxRows = outboxRows;
    this.#backlog.confirm(turn);
    this.#post();
  }

  #tellRoom(dropped: number): void {
    if (dropped > 0) {
      if (this.#fullAtRows === null) this.#events.full(dropped);
      this.#fullAtRows = this.#outboxRows;
    } else if (this.#fullAtRows !== null && this.#outboxRows <= this.#fullAtRows / 2) {
      this.#fullAtRows = null;
      this.#events.roomy();
    }
  }

  /** The worker is gone: whatever was under way is posted again by the next one. */
  #replace(): void {
    this.#link = null;
    this.#opened = false;
    this.#inFlight = false;
    const pauseMs = this.#deaths === 0 ? 0 : Math.min(respawnMsMax, 500 * 2 ** this.#deaths);
    if (this.#deaths === 0) this.#reason = 'the storage thread ended';
    this.#deaths++;
    this.#retryAtMs = this.#nowMs() + pauseMs;
    if (this.#first === null || this.#first.kind === 'refused') return;
    if (pauseMs === 0) this.start();
    this.#poll();
  }

  #exited(link: Link, reason: string): void {
    if (this.#closing) return;
    this.#reason = reason;
    this.#events.lost(reason);
    if (link !== this.#link && this.#opened) this.#events.back();
    else this.#lostTold = true;
    this.#collect();
    this.#poll();
  }

  /** Looks after what nobody waits for, until everything is on disk. */
  #poll(): void {
    if (this.#cancelPoll || this.#closing) return;
    this.#cancelPoll = this.#options.clock.after(pollMs, () => {
      this.#cancelPoll = null;
      this.#collect();
      if (this.#nowMs() >= this.#retryAtMs) {
        this.start();
        this.#post();
      }
      if (!this.#opened || this.#backlog.turns > 0) this.#poll();
      else this.#tellIfRecovered();
    });
  }

  #tellIfRecovered(): void {
    if (!this.#behind || this.#backlog.turns > 0) return;
    this.#behind = false;
    this.#events.recovered();
  }
}
