// What goes on the wire next. Order: waiting alarms, answers to commands, birth, then health, events
// and telemetry; nothing overtakes an alarm that is ready. Knows no link: it is given a `publish`
// and told when the broker has answered.

import type { topicsOf } from '../contract.ts';
import type { Lane, Notice, Reply } from '../core/message.ts';
import type { Clock } from '../ports.ts';
import type { Backlog } from './backlog.ts';
import type { Publish } from './connection.ts';
import type { Held } from './lane.ts';
import { birthOf, type HealthFigures, healthOf, type Presence, type Self } from './presence.ts';
import { refusalOf } from './reason.ts';
import type { Troubles } from './troubles.ts';
import { Window } from './window.ts';

const replyExpiryS = 10;
const repliesMax = 64;

interface Flight {
  readonly bytes: number;
  readonly sentMs: number;
  readonly what: Lane | 'birth' | 'reply';
  readonly held: Held | null;
}

export interface SenderOptions {
  readonly self: Self;
  readonly topics: ReturnType<typeof topicsOf>;
  readonly clock: Clock;
  readonly health: () => HealthFigures;
  readonly healthEveryMs: number;
  readonly backlog: Backlog;
  readonly presence: Presence;
  readonly troubles: Troubles;
  readonly publish: (message: Publish, answered?: (reasonCode: number | null) => void) => void;
  /** The broker has answered something: there is room again, and perhaps ids in `takeAcked`. `alarm`: it
   * has taken one. */
  readonly answered: (alarm: boolean) => void;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #window = new Window<Flight>();
  readonly #refused = new Set<Flight['what']>();
  #replies: (Reply | Notice)[] = [];
  /** Answers that go when nothing else does. */
  #bulk: Reply[] = [];
  #repliesDropped = 0;
  #acked: string[] = [];
  #healthMs = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** `birthAgainMs`: monotonic time at which birth is told once more. */
  up(receiveMaximum: number, nowMs: number, birthAgainMs?: number): void {
    this.#window.open(receiveMaximum);
    this.#options.presence.up(nowMs, birthAgainMs);
    this.#options.backlog.reconnected();
    this.#healthMs = nowMs;
  }

  /** Answers are worthless when late. */
  down(): void {
    this.#repliesDropped += this.#replies.length + this.#bulk.length;
    this.#replies = [];
    this.#bulk = [];
  }

  reply(reply: Reply | Notice, up: boolean): void {
    if (!up || this.#replies.length + this.#bulk.length >= repliesMax) this.#repliesDropped += 1;
    else if ('bulk' in reply) this.#bulk.push(reply);
    else this.#replies.push(reply);
  }

  /** Rows that the broker has taken since the last call. */
  takeAcked(): readonly string[] {
    const ids = this.#acked;
    this.#acked = [];
    return ids;
  }

  /** Publishes all that may go out now. */
  sendAll(): void {
    const at = this.#options.clock.now();
    while (this.#sendNext(at));
  }

  get oldestSentMs(): number {
    return this.#window.oldest?.sentMs ?? Infinity;
  }

  /** The health message of now, as a test of another broker publishes it. */
  healthNow(): Publish {
    const at = this.#options.clock.now();
    const payload = healthOf(this.#options.self, this.#options.health(), at);
    return { topic: this.#options.topics.health, payload, qos: 0 };
  }

  get healthDueMs(): number {
    return this.#healthMs;
  }

  figures() {
    return {
      inFlight: this.#window.count,
      bytesInFlight: this.#window.bytes,
      repliesDropped: this.#repliesDropped,
    };
  }

  /** Publishes what comes next; false where nothing may or nothing fits. */
  #sendNext(at: ReturnType<Clock['now']>): boolean {
    const nowMs = at.monoMs;
    const quiet = this.#options.backlog.alarmsAnswered(nowMs);
    const birthDue = this.#options.presence.dueMs(quiet) <= nowMs;
    // Alarms that never end must not hold birth back: whoever commands needs its boot id.
    const overdue = birthDue && !quiet && this.#options.presence.dueMs(false) <= nowMs;
    const alarm = this.#options.backlog.next('alarm');
    if (alarm && !overdue) return this.#sendRow(alarm);
    const [reply] = this.#replies;
    if (reply) return this.#sendReply(reply);
    if (birthDue) return this.#sendBirth(at);
    if (!this.#options.presence.gateOpen(nowMs) || !this.#options.backlog.drained('alarm', nowMs))
      return false;
    if (nowMs >= this.#healthMs && quiet) return this.#sendHealth(at);
    const event = this.#options.backlog.next('event');
    if (event) return this.#sendRow(event);
    if (!this.#options.backlog.drained('event', nowMs)) return false;
    const telemetry = this.#options.backlog.next('telemetry');
    return telemetry ? this.#sendRow(telemetry) : this.#sendBulk();
  }

  /** Alone, and its bytes do not count: an alarm that comes meanwhile does not wait for its PUBACK. */
  #sendBulk(): boolean {
    const [word] = this.#bulk;
    if (!word || this.#window.count > 0) return false;
    this.#bulk.shift();
    const { topic, correlation, answer } = word;
    const payload = JSON.stringify({ v: 1, ...answer });
    const piece = { topic, payload, qos: 1, expiryS: replyExpiryS, correlation } as const;
    this.#fly(piece, 'reply', null, 0);
    return true;
  }

  #sendRow(held: Held): boolean {
    const { lane, payload } = held.row;
    if (!this.#window.fits(lane === 'alarm', held.bytes)) return false;
    this.#options.backlog.sent(held);
    this.#fly({ topic: this.#options.topics[lane], payload, qos: 1 }, lane, held);
    return true;
  }

  #sendReply(word: Reply | Notice): boolean {
    const { topic } = word;
    const correlation = 'answer' in word ? word.correlation : null;
    const payload = JSON.stringify({ v: 1, ...('answer' in word ? word.answer : word.notice) });
    if (!this.#window.fits(true, payload.length)) return false;
    this.#replies.shift();
    this.#fly({ topic, payload, qos: 1, expiryS: replyExpiryS, correlation }, 'reply', null);
    return true;
  }

  #sendBirth(at: ReturnType<Clock['now']>): boolean {
    const { status } = this.#options.presence;
    if (!status) return false;
    const payload = birthOf(this.#options.self, status, at);
    if (!this.#window.fits(true, payload.length)) return false;
    this.#options.presence.sent(at.monoMs);
    this.#fly({ topic: this.#options.topics.state, payload, qos: 1, retain: true }, 'birth', null);
    return true;
  }

  #sendHealth(at: ReturnType<Clock['now']>): boolean {
    this.#healthMs = at.monoMs + this.#options.healthEveryMs;
    this.#options.publish(this.healthNow());
    return true;
  }

  #fly(
    message: Publish,
    what: Flight['what'],
    held: Held | null,
    bytes = held?.bytes ?? Buffer.byteLength(message.payload),
  ): void {
    const flight: Flight = { bytes, what, held, sentMs: this.#options.clock.now().monoMs };
    this.#window.add(flight);
    this.#options.publish(message, (reasonCode) => this.#answered(flight, reasonCode));
  }

  #answered(flight: Flight, reasonCode: number | null): void {
    this.#window.done(flight);
    const { what, held } = flight;
    if (what === 'birth') this.#options.presence.answered();
    if (reasonCode === null) {
      if (held) this.#options.backlog.lost(held);
      return;
    }
    // 16: the broker took it and nobody is subscribed, so nobody has it.
    const outcome = reasonCode >= 128 ? 'refused' : reasonCode === 16 ? 'nobody' : 'taken';
    this.#tell(what, outcome === 'refused' ? reasonCode : null, outcome === 'nobody');
    if (held) {
      this.#options.backlog.answered(held, this.#options.clock.now().monoMs, outcome);
      if (outcome === 'taken') this.#acked.push(held.row.id);
    }
    this.#options.answered(what === 'alarm' && outcome === 'taken');
  }

  #tell(what: Flight['what'], refusedCode: number | null, nobody: boolean): void {
    if (refusedCode !== null) {
      this.#refused.add(what);
      const detail = `The broker refuses to take ${what} messages: ${refusalOf(refusedCode)}.`;
      this.#options.troubles.raise('uplink.refused', detail);
    } else if (this.#refused.delete(what) && this.#refused.size === 0) {
      this.#options.troubles.clear('uplink.refused');
    }
    if (what !== 'alarm') return;
    const detail = 'The broker took an alarm and nobody is subscribed to it; is the platform up?';
    if (nobody) this.#options.troubles.raise('uplink.nobody', detail);
    else if (refusedCode === null) this.#options.troubles.clear('uplink.nobody');
  }
}
