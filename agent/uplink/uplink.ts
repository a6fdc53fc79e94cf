// The line to the platform: drains the outbox over MQTT 5, brings receipts and commands in.
// Order on the wire: subscriptions, waiting alarms, birth, then events, telemetry and health; answers
// to commands go right behind alarms. Decides nothing about an alarm: it publishes a row until the
// terminal says that it is settled. One timer; nothing is stored here that is not in the outbox.

import type { IPublishPacket } from 'mqtt';
import { topicsOf } from '../contract.ts';
import type { Lane, Notice, Reply } from '../core/message.ts';
import type { TerminalStatus } from '../core/target.ts';
import type { Outbox, OutboxRow, Sink, Uplink } from '../ports.ts';
import { Backlog } from './backlog.ts';
import { Dates } from './dates.ts';
import { readInbound } from './inbound.ts';
import { defaults, type FullOptions, type UplinkOptions } from './options.ts';
import { Presence, willOf } from './presence.ts';
import { Route, type Up } from './route.ts';
import { Sender } from './sender.ts';
import { takeoverTimes } from './takeover.ts';
import { oldBroker, Troubles, takenOver, unheard } from './troubles.ts';

export type { UplinkOptions } from './options.ts';
export { defaults };

const downFaultMs = 30_000;
const closeWithinMs = 1_500;
const pageRetryMs = 1_000;
/** Consecutive deadlines missed double the next one, up to this factor: a line may just be slow. */
const patienceMax = 4;

export class MqttUplink implements Uplink {
  readonly #options: FullOptions;
  readonly #dates: Dates;
  readonly #topics: ReturnType<typeof topicsOf>;
  readonly #backlog: Backlog;
  readonly #presence = new Presence();
  readonly #troubles = new Troubles();
  readonly route: Route;
  readonly #sender: Sender;
  #sink: Sink | null = null;
  #outbox: Outbox | null = null;
  #open = false;
  #up = false;
  #secure = false;
  #upMs = 0;
  /** Since when there is no link that a broker acknowledges anything on; Infinity: there is one. */
  #downSinceMs = 0;
  #downReason = 'not connected yet';
  #patience = 1;
  #flushing = false;
  #pumping = false;
  #wake: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(options: UplinkOptions) {
    const { clock, ids, broker, second, failover, receipts, terminal } = options;
    this.#options = { ...defaults, ...options };
    this.#dates = new Dates(clock, options.knownTime ?? null);
    this.#topics = topicsOf(terminal);
    this.#backlog = new Backlog({
      receipts,
      againAfterMs: this.#options.receiptWithinMs,
      chance: ids.chance,
    });
    this.route = new Route({
      ...{ broker, second, failover, dates: this.#dates },
      clock,
      ids,
      will: {
        topic: this.#topics.state,
        payload: willOf(terminal, clock.now().bootId),
        delayS: this.#options.willDelayS,
      },
      subscribe: [this.#topics.receipt, this.#topics.commands],
      retry: this.#options.retry,
      listener: {
        up: (up) => this.#isUp(up),
        down: (reason, wasUp) => this.#isDown(reason, wasUp),
        takenOver: () => this.#troubles.raise('uplink.taken-over', takenOver),
        message: (packet, done) => this.#inbound(packet, done),
        unheard: (reason) => this.#troubles.raise('uplink.unheard', unheard(reason)),
        alarmWaiting: () => this.#backlog.alarmWaiting,
        alarmNeed: () => this.#backlog.alarmNeed,
        later: () => this.#later(),
        judged: (reason, second) => options.judged?.(reason, second),
      },
      probeMessage: () => this.#sender.healthNow(),
    });
    const { health, healthEveryMs } = this.#options;
    this.#sender = new Sender({
      ...{ self: options, topics: this.#topics, clock, health, healthEveryMs },
      ...{ backlog: this.#backlog, presence: this.#presence, troubles: this.#troubles },
      publish: (message, answered) => this.route.publish(message, answered),
      answered: (alarm) => {
        this.#patience = 1;
        this.#downSinceMs = Infinity;
        this.#troubles.clear('uplink.down');
        if (alarm) this.route.advanced('taken');
        this.#later();
      },
    });
  }

  async open(sink: Sink, outbox: Outbox): Promise<void> {
    this.#sink = sink;
    this.#outbox = outbox;
    this.#open = true;
    this.#troubles.open(sink);
    this.#tellTime();
    this.#downSinceMs = this.#options.clock.now().monoMs;
    this.#pump();
    await this.route.open();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#wake?.cancel();
    await this.route.close(closeWithinMs);
  }

  /** Makes the packets. The stream is corked, so that not a byte leaves before `offer`. */
  prepare(rows: readonly OutboxRow[]): void {
    if (!this.#up) return;
    this.route.hold();
    this.#backlog.offer(rows, true);
    this.#pump();
  }

  offer(rows: readonly OutboxRow[], durable: boolean): void {
    this.#backlog.offer(rows, durable);
    if (!this.#up && rows.some(({ lane }) => lane === 'alarm')) this.route.hurry();
    this.#pump();
    this.route.flush();
  }

  settled(ids: readonly string[]): void {
    this.#backlog.settled(ids);
    this.#later();
  }

  reply(word: Reply | Notice): void {
    this.#sender.reply(word, this.#up);
    this.#later();
  }

  want(status: TerminalStatus): void {
    this.#presence.want(status, this.#options.clock.now().monoMs);
    this.#later();
  }

  /** What is shown to the broker has changed. */
  relogin = (why: string): void => this.route.relogin(why);

  /** For `status` and tests. */
  figures() {
    return {
      online: this.#up,
      broker: this.route.url,
      heldRows: this.#backlog.heldRows,
      ...this.#sender.figures(),
    };
  }

  #isUp({ receiveMaximum, level, second, secure, birthAgainMs }: Up): void {
    const nowMs = this.#options.clock.now().monoMs;
    this.#up = true;
    this.#upMs = nowMs;
    this.#secure = secure;
    this.#tellTime();
    this.#sender.up(receiveMaximum, nowMs, birthAgainMs);
    this.#troubles.clear('uplink.unheard');
    const { url, firstReason } = this.route;
    const first = this.#options.broker.url;
    const onSecond = `The first broker (${first}) fails: ${firstReason}. The line is over ${url}.`;
    this.#troubles.set('uplink.on-second', second ? onSecond : null);
    this.#troubles.set('uplink.mqtt-3-1-1', level === 4 ? oldBroker(url) : null);
    this.#sink?.emit({ kind: 'uplink.online', broker: url });
    this.#pump();
  }

  #isDown(reason: string, wasUp: boolean): void {
    this.#downReason = reason;
    this.#sender.down();
    if (!wasUp) return;
    this.#up = false;
    this.#downSinceMs = Math.min(this.#downSinceMs, this.#options.clock.now().monoMs);
    this.#sink?.emit({ kind: 'uplink.offline', reason });
    this.#arm();
  }

  #inbound(packet: IPublishPacket, done: () => void): void {
    const read = readInbound(this.#options.terminal, packet);
    if (!this.#sink || !this.#open || read.kind === 'foreign') return done();
    if (read.kind === 'command') return this.#sink.emit(read.fact, done);
    if (read.kind === 'receipt.malformed') {
      const detail = `A receipt of the platform cannot be read: ${read.detail}.`;
      this.#troubles.raise('uplink.receipt-malformed', detail);
      return done();
    }
    this.#troubles.clear('uplink.receipt-malformed');
    const ids = this.#backlog.awaited(read.ids);
    if (ids.length === 0) return done();
    this.#backlog.received(ids);
    this.route.advanced('received');
    this.#sink.emit({ kind: 'uplink.received', ids }, done);
  }

  /** Once, when all that arrived in one piece has been read. */
  #later(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      const ids = this.#sender.takeAcked();
      if (ids.length > 0) this.#sink?.emit({ kind: 'uplink.acked', ids });
      this.#pump();
    });
  }

  #pump(nowMs = this.#options.clock.now().monoMs): void {
    if (!this.#open || this.#pumping) return;
    this.#pumping = true;
    this.#backlog.sweep(nowMs);
    this.#readPages(nowMs);
    this.route.due();
    if (this.#up) this.#sender.sendAll();
    this.#pumping = false;
    this.#arm(nowMs);
  }

  #readPages(nowMs: number): void {
    const failed = (lane: Lane, error: unknown) => {
      this.#backlog.pageFailed(lane, this.#options.clock.now().monoMs + pageRetryMs);
      const why = error instanceof Error ? error.message : String(error);
      this.#troubles.raise('uplink.outbox-unread', `The outbox cannot be read: ${why}.`);
      this.#later();
    };
    for (const { lane, afterSeq, limit } of this.#backlog.wantPages(nowMs)) {
      const page = this.#outbox?.page(lane, afterSeq, limit);
      page?.then(
        (rows) => {
          this.#troubles.clear('uplink.outbox-unread');
          this.#backlog.paged(lane, rows);
          this.#later();
        },
        (error: unknown) => failed(lane, error),
      );
    }
  }

  #tellTime(): void {
    this.#troubles.set('clock.behind', this.#dates.behind);
    if (this.#up && this.#secure) this.#dates.proven();
  }

  /** Something was due by now: the PUBACK's deadline, a receipt, birth, health, 30 s without a link. */
  #due(): void {
    const nowMs = this.#options.clock.now().monoMs;
    this.#tellTime();
    if (nowMs - this.#downSinceMs >= downFaultMs)
      this.#troubles.raise('uplink.down', `No link to the platform: ${this.#downReason}.`);
    if (this.#up && nowMs - this.#upMs >= takeoverTimes.goneMs)
      this.#troubles.clear('uplink.taken-over');
    if (this.#up && nowMs >= this.#sender.oldestSentMs + this.#pubackMs) {
      this.#patience = Math.min(patienceMax, this.#patience * 2);
      this.route.drop('the broker does not acknowledge; the link is half-open or too slow');
    }
    this.#pump(nowMs);
  }

  get #pubackMs(): number {
    return this.#options.pubackWithinMs * this.#patience;
  }

  #nextDueMs(nowMs: number): number {
    const later = (...dues: number[]) => Math.min(...dues.filter((due) => due > nowMs), Infinity);
    const down = this.#downSinceMs + downFaultMs;
    const always = later(...this.#backlog.pageDueMs, this.route.dueMs(), down);
    if (!this.#up) return always;
    const presence = later(...this.#presence.wakesMs);
    const receipts = this.#backlog.againDueMs;
    const puback = this.#sender.oldestSentMs + this.#pubackMs;
    return Math.min(always, presence, receipts, puback, later(this.#sender.healthDueMs));
  }

  /** One timer for all of it. It is left alone where it comes soon enough, since that is cheap. `nowMs` is
   * what was taken as now when things were looked at: what fell due since is still to come. */
  #arm(nowMs = this.#options.clock.now().monoMs): void {
    const { clock } = this.#options;
    const atMs = this.#nextDueMs(nowMs);
    if (!this.#open || (this.#wake && this.#wake.atMs <= atMs)) return;
    this.#wake?.cancel();
    this.#wake = null;
    if (atMs === Infinity) return;
    const cancel = clock.after(Math.max(1, atMs - nowMs), () => {
      this.#wake = null;
      this.#due();
    });
    this.#wake = { atMs, cancel };
  }
}
