// One step in the making: the machines write here, step() hands it out. Mutable inside one step,
// never seen outside it.

import type { Answer, Command } from './command.ts';
import type { Fact, Now } from './fact.ts';
import type { Lane, Message, MessageBody, Notice, Reply } from './message.ts';
import type { Durable, Live, Moment, Site, State, TableName } from './state.ts';
import { momentOf } from './state.ts';

const freshSite: Site = { id: 'site', nextSeq: 1, strobe: 'auto', siren: 'auto', headTold: '' };

export class Draft {
  readonly now: Now;
  readonly at: Moment;
  readonly enqueue: Message[] = [];
  readonly settle: string[] = [];
  readonly send: Reply[] = [];
  readonly notices: Notice[] = [];
  /** Facts that go into the chain beside the one being stepped. */
  readonly record: Fact[] = [];
  #durable: Durable;
  #live: Live;

  constructor(state: State, now: Now) {
    this.#durable = state.durable;
    this.#live = state.live.clock === now.clock ? state.live : { ...state.live, clock: now.clock };
    this.now = now;
    this.at = momentOf(now);
  }

  get durable(): Durable {
    return this.#durable;
  }

  get live(): Live {
    return this.#live;
  }

  get state(): State {
    return { durable: this.#durable, live: this.#live };
  }

  get site(): Site {
    return this.#durable.site.site ?? freshSite;
  }

  /** Writes one row. */
  put<T extends TableName>(table: T, row: Durable[T][string]): void {
    const rows = { ...this.#durable[table], [row.id]: row };
    this.#durable = { ...this.#durable, [table]: rows };
  }

  drop(table: TableName, ids: readonly string[]): void {
    if (ids.length === 0) return;
    const gone = new Set(ids);
    const rows = Object.fromEntries(
      Object.entries(this.#durable[table]).filter(([id]) => !gone.has(id)),
    );
    this.#durable = { ...this.#durable, [table]: rows };
  }

  patchLive(patch: Partial<Live>): void {
    this.#live = { ...this.#live, ...patch };
  }

  /** Id of the message that is told next: the first of a fact carries the fact's id. */
  get nextId(): string {
    const n = this.enqueue.length;
    return n === 0 ? this.now.id : `${this.now.id}.${n}`;
  }

  /** Puts a message into the outbox. Returns its id. */
  tell(lane: Lane, body: MessageBody): string {
    const { site, nextId: id } = this;
    this.put('site', { ...site, nextSeq: site.nextSeq + 1 });
    this.enqueue.push({ id, seq: site.nextSeq, lane, at: this.at, body });
    return id;
  }

  answer(
    { replyTo: topic, correlation }: Pick<Command, 'replyTo' | 'correlation'>,
    answer: Answer,
    size?: 'bulk',
  ): void {
    this.send.push({ topic, correlation, answer, ...(size ? { bulk: true } : {}) });
  }
}

/** How long ago `since` was; null across a reboot, where monotonic time says nothing. */
export const elapsedMs = (since: Moment, now: Pick<Now, 'bootId' | 'monoMs'>): number | null =>
  since.bootId === now.bootId ? now.monoMs - since.monoMs : null;
