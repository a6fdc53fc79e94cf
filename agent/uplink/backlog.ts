// Which row is published next, and when one is published again. Rules: a lane goes out in seq order;
// a row leaves memory when it is settled, not at its PUBACK; without a receipt it is published
// again, the same bytes, after 30 s, then at longer intervals, and at each reconnect.
// Pure: rows, pages and times come in as arguments.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import type { AlarmNeed } from './failover.ts';
import { type Held, LaneQueue, pageRows, readyRowsMax } from './lane.ts';

export const lanes = ['alarm', 'event', 'telemetry'] as const satisfies readonly Lane[];

/** Published and without a receipt: the lane group waits at these. Rule 9 keeps alarms far below.
 * EMQX and mosquitto queue 1,000 messages for a subscriber by default and drop what is beyond, PUBACK
 * or not: with 4,000 on the way a drain of 100,000 lost 366 and took 40 s instead of 7. */
export const unreceiptedMax = {
  alarm: { rows: 20_000, bytes: 16 * 1024 * 1024 },
  other: { rows: 800, bytes: 512 * 1024 },
} as const;
/** Rows that the disk does not have yet, held in memory; beyond it they are left to the store. */
export const unstoredRowsMax = 5_000;
export const againMsMax = 300_000;
/** The same where nobody was subscribed. */
export const nobodyAgainMs = 2_000;
/** A page that takes longer no longer holds up the lanes below: the disk may be hanging. */
export const pageStallMs = 1_000;

export interface BacklogOptions {
  readonly receipts: 'platform' | 'none';
  /** No receipt this long after the PUBACK: published again. */
  readonly againAfterMs: number;
  readonly chance: () => number;
}

interface Open {
  rows: number;
  bytes: number;
}

export interface PageRequest {
  readonly lane: Lane;
  readonly afterSeq: number;
  readonly limit: number;
}

const groupOf = (lane: Lane): 'alarm' | 'other' => (lane === 'alarm' ? 'alarm' : 'other');

export class Backlog {
  readonly #options: BacklogOptions;
  readonly #lanes: { readonly [L in Lane]: LaneQueue };
  readonly #held = new Map<string, Held>();
  readonly #open: { readonly alarm: Open; readonly other: Open };
  #alarmsFlying = 0;
  #alarmsUntaken = 0;
  #unstoredRows = 0;
  #againDueMs = Number.POSITIVE_INFINITY;

  constructor(options: BacklogOptions) {
    this.#options = options;
    const queue = (lane: Lane) => new LaneQueue(lane);
    this.#lanes = { alarm: queue('alarm'), event: queue('event'), telemetry: queue('telemetry') };
    this.#open = { alarm: { rows: 0, bytes: 0 }, other: { rows: 0, bytes: 0 } };
  }

  /** Fresh rows. Those on disk are taken only where nothing older is still in the outbox. */
  offer(rows: readonly OutboxRow[], durable: boolean): void {
    for (const row of rows) {
      if (this.#held.has(row.id)) continue;
      const queue = this.#lanes[row.lane];
      const room = queue.readyRows < readyRowsMax;
      const direct = queue.caughtUp && room;
      if (direct || (!durable && this.#unstoredRows < unstoredRowsMax)) {
        this.#take(row, queue, !durable);
        if (direct) queue.cursor = Math.max(queue.cursor, row.seq);
      } else {
        queue.caughtUp = false;
        queue.missed = true;
      }
    }
  }

  /** Lanes that want to be read now; the answer goes to `paged` or `pageFailed`. */
  wantPages(nowMs: number): PageRequest[] {
    return lanes.flatMap((lane) => {
      const queue = this.#lanes[lane];
      if (queue.caughtUp || queue.reading || nowMs < queue.readAgainMs) return [];
      if (queue.readyRows > readyRowsMax - pageRows) return [];
      queue.reading = { sinceMs: nowMs };
      queue.missed = false;
      return [{ lane, afterSeq: queue.cursor, limit: pageRows }];
    });
  }

  paged(lane: Lane, rows: readonly OutboxRow[]): void {
    const queue = this.#lanes[lane];
    queue.reading = null;
    for (const row of rows) {
      queue.cursor = Math.max(queue.cursor, row.seq);
      if (!this.#held.has(row.id)) this.#take(row, queue, false);
    }
    queue.caughtUp = rows.length < pageRows && !queue.missed;
  }

  pageFailed(lane: Lane, againMs: number): void {
    this.#lanes[lane].reading = null;
    this.#lanes[lane].readAgainMs = againMs;
  }

  /** The next row of a lane, or undefined where none is ready or too many wait for receipts. */
  next(lane: Lane): Held | undefined {
    const { rows, bytes } = this.#open[groupOf(lane)];
    const max = unreceiptedMax[groupOf(lane)];
    return rows < max.rows && bytes < max.bytes ? this.#lanes[lane].peek() : undefined;
  }

  /** `next(lane)` was published. */
  sent(held: Held): void {
    this.#lanes[held.row.lane].shift();
    held.tries += 1;
    this.#count(held, 1);
    held.state = 'flying';
    if (held.row.lane === 'alarm') this.#alarmsFlying += 1;
  }

  /** The broker answered. What it refused or had nobody for is published again, too. */
  answered(held: Held, nowMs: number, outcome: 'taken' | 'nobody' | 'refused'): void {
    this.#landed(held);
    if (outcome === 'taken') this.#taken(held);
    if (held.state !== 'flying') return;
    held.state = 'awaiting';
    if (outcome === 'taken' && this.#options.receipts === 'none') {
      held.againMs = Number.POSITIVE_INFINITY;
      return;
    }
    const { againAfterMs, chance } = this.#options;
    // After a restart of the broker the platform is often back a moment later than we are.
    const firstMs = outcome === 'nobody' ? Math.min(nobodyAgainMs, againAfterMs) : againAfterMs;
    const delayMs = Math.min(againMsMax, firstMs * 2 ** Math.min(held.tries - 1, 10));
    held.againMs = nowMs + delayMs * (1 + chance() / 4);
    this.#againDueMs = Math.min(this.#againDueMs, held.againMs);
  }

  /** The link went before the broker answered; `reconnected` puts the row back. */
  lost(held: Held): void {
    this.#landed(held);
  }

  /** Of these the ones that a receipt may still be for. While the outbox has not been read to its end
   * that is any of them; after that a flood of others costs nothing. */
  awaited(ids: readonly string[]): readonly string[] {
    if (lanes.some((lane) => !this.#lanes[lane].caughtUp)) return ids;
    return ids.filter((id) => (this.#held.get(id)?.state ?? 'received') !== 'received');
  }

  /** The platform has them: not published again while the terminal commits that. */
  received(ids: readonly string[]): void {
    for (const id of ids) {
      const held = this.#held.get(id);
      if (!held) continue;
      if (held.state === 'flying' || held.state === 'awaiting') this.#count(held, -1);
      this.#taken(held);
      held.state = 'received';
    }
  }

  settled(ids: readonly string[]): void {
    for (const id of ids) {
      const held = this.#held.get(id);
      if (!held) continue;
      this.#held.delete(id);
      this.#taken(held);
      if (held.unstored) this.#unstoredRows -= 1;
      if (held.state === 'flying' || held.state === 'awaiting') this.#count(held, -1);
      held.state = 'gone';
    }
  }

  /** Everything without a receipt goes out again, in order. */
  reconnected(): void {
    this.#again((held) => held.againMs < Number.POSITIVE_INFINITY || held.state === 'flying');
  }

  /** Rows whose receipt is overdue go out again. */
  sweep(nowMs: number): void {
    if (nowMs < this.#againDueMs) return;
    this.#again((held) => held.state === 'awaiting' && held.againMs <= nowMs);
  }

  /** Monotonic time of the next `sweep` that finds something, or infinity. */
  get againDueMs(): number {
    return this.#againDueMs;
  }

  /** An alarm is in memory that the platform does not have. */
  get alarmWaiting(): boolean {
    const { rows } = this.#open.alarm;
    return rows > 0 || this.#lanes.alarm.peek() !== undefined;
  }

  /** Where alarms stand, those included that may still be in the outbox. */
  get alarmNeed(): AlarmNeed {
    const untaken = this.#alarmsUntaken > 0;
    return { untaken, unreceipted: this.alarmWaiting || !this.#lanes.alarm.caughtUp };
  }

  /** Nothing of the lane is left to publish, as far as can be known without waiting for the disk. */
  drained(lane: Lane, nowMs: number): boolean {
    const queue = this.#lanes[lane];
    if (queue.peek() && this.next(lane)) return false;
    const { reading } = queue;
    return queue.caughtUp || nowMs < queue.readAgainMs || this.#stalled(reading, nowMs);
  }

  /** Alarms are drained, and the broker has answered for each of them. */
  alarmsAnswered(nowMs: number): boolean {
    return this.#alarmsFlying === 0 && this.drained('alarm', nowMs);
  }

  /** Monotonic times at which a page being read counts as hanging, or one is tried again. */
  get pageDueMs(): number[] {
    return lanes.map((lane) => {
      const { reading, readAgainMs } = this.#lanes[lane];
      return reading ? reading.sinceMs + pageStallMs : readAgainMs;
    });
  }

  get heldRows(): number {
    return this.#held.size;
  }

  #stalled(reading: { readonly sinceMs: number } | null, nowMs: number): boolean {
    return reading !== null && nowMs - reading.sinceMs >= pageStallMs;
  }

  #take(row: OutboxRow, queue: LaneQueue, unstored: boolean): void {
    const bytes = Buffer.byteLength(row.payload);
    const fresh = { state: 'ready', taken: false, tries: 0, againMs: 0 } as const;
    const held: Held = { row, bytes, unstored, ...fresh };
    if (unstored) this.#unstoredRows += 1;
    if (row.lane === 'alarm') this.#alarmsUntaken += 1;
    this.#held.set(row.id, held);
    queue.insert(held);
  }

  #again(which: (held: Held) => boolean): void {
    const back: { [L in Lane]: Held[] } = { alarm: [], event: [], telemetry: [] };
    this.#againDueMs = Number.POSITIVE_INFINITY;
    for (const held of this.#held.values()) {
      if (held.state !== 'awaiting' && held.state !== 'flying') continue;
      if (which(held)) {
        this.#count(held, -1);
        held.state = 'ready';
        back[held.row.lane].push(held);
      } else if (held.state === 'awaiting') {
        this.#againDueMs = Math.min(this.#againDueMs, held.againMs);
      }
    }
    for (const lane of lanes) this.#lanes[lane].merge(back[lane]);
  }

  #taken(held: Held): void {
    if (held.row.lane === 'alarm' && !held.taken) this.#alarmsUntaken -= 1;
    held.taken = true;
  }

  #landed(held: Held): void {
    if (held.row.lane === 'alarm') this.#alarmsFlying -= 1;
  }

  #count(held: Held, sign: 1 | -1): void {
    const open = this.#open[groupOf(held.row.lane)];
    open.rows += sign;
    open.bytes += sign * held.bytes;
  }
}
