// The way to the platform: one connection at a time, to the first broker or to the second. Decides
// nothing itself (failover.ts does); carries a switch out: the old connection ends before the new one
// begins, so that a row is never on two lines, and the outbox sends again what has no receipt.

import { type Broker, keepaliveS } from './client.ts';
import { Connection, type ConnectionOptions, type Listener, type Publish } from './connection.ts';
import { type AlarmNeed, Failover, type FailoverTimes } from './failover.ts';
import { probe } from './probe.ts';
import { type Level, Version } from './version.ts';

export interface Up {
  readonly receiveMaximum: number;
  readonly level: Level;
  /** Over the second broker. */
  readonly second: boolean;
  /** Over TLS. */
  readonly secure: boolean;
  /** Monotonic time at which birth must be told once more. */
  readonly birthAgainMs: number;
}

export interface RouteListener extends Omit<Listener, 'up'> {
  up(up: Up): void;
  alarmNeed(): AlarmNeed;
  /** `dueMs` has changed. */
  later(): void;
  /** How the newest link went: why it failed, or null when the broker has acknowledged something on it. */
  judged(reason: string | null, second: boolean): void;
}

export interface RouteOptions extends Omit<ConnectionOptions, 'listener' | 'tries' | 'version'> {
  readonly second?: Broker | undefined;
  readonly failover?: Partial<FailoverTimes> | undefined;
  /** What a test of the first broker publishes. */
  readonly probeMessage: () => Publish;
  readonly listener: RouteListener;
}

const goodbyeWithinMs = 1_500;

export class Route {
  readonly #options: RouteOptions;
  readonly #failover: Failover;
  /** Of the first broker and of the second. */
  readonly #versions = [new Version(), new Version()] as const;
  #connection: Connection;
  #up = false;
  /** The broker has acknowledged something on this link. */
  #proven = false;
  /** Tries since anything was acknowledged anywhere. */
  #tries = 0;
  #firstReason = '';
  /** The link before this one was left without a goodbye: its broker will tell our will. */
  #willDue = false;
  #switching = false;
  #probing = false;
  #relogging = false;
  #closed = false;

  constructor(options: RouteOptions) {
    this.#options = options;
    this.#failover = new Failover(options.ids.chance, options.failover);
    this.#connection = this.#connectionTo(options.broker);
  }

  /** Address of the broker in use. */
  get url(): string {
    return this.#broker.url;
  }

  /** Why the first broker was left. */
  get firstReason(): string {
    return this.#firstReason;
  }

  open(): Promise<void> {
    return this.#connection.open();
  }

  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    await this.#connection.close(withinMs);
  }

  publish(message: Publish, answered?: (reasonCode: number | null) => void): void {
    this.#connection.publish(
      message,
      answered &&
        ((reasonCode) => {
          if (reasonCode !== null) this.#prove();
          answered(reasonCode);
        }),
    );
  }

  hold(): void {
    this.#connection.hold();
  }

  flush(): void {
    this.#connection.flush();
  }

  hurry(): void {
    this.#connection.hurry();
  }

  /** The broker does not acknowledge. */
  drop(reason: string): void {
    this.#proven = false;
    this.#connection.drop(reason);
  }

  /** Off the line for so long, without a goodbye, as if the cable were out: for tests of the whole. */
  cut(forMs: number): void {
    if (this.#switching || this.#closed) return;
    const wasUp = this.#up;
    this.#switching = true;
    this.#part();
    this.#options.clock.after(forMs, () => {
      this.#switching = false;
      if (!this.#closed) this.#reopen();
    });
    if (wasUp) this.#options.listener.down('cut off for a test', true);
  }

  /** Milliseconds from a publish to its PUBACK; null: none within the time. */
  roundTrip(withinMs: number): Promise<number | null> {
    const fromMs = this.#nowMs;
    return new Promise((done) => {
      if (!this.#up) return done(null);
      const cancel = this.#options.clock.after(withinMs, () => done(null));
      this.publish({ ...this.#options.probeMessage(), qos: 1 }, (reasonCode) => {
        cancel();
        done(reasonCode === null || reasonCode >= 128 ? null : this.#nowMs - fromMs);
      });
    });
  }

  /** What is shown to the broker has changed: the line is begun anew, at once. */
  relogin(reason: string): void {
    if (this.#relogging) return;
    this.#relogging = true;
    // Not from within the client's own event: it is about to arrange its next try.
    queueMicrotask(() => {
      this.#relogging = false;
      // On the way to another broker it is shown there.
      if (this.#closed || this.#switching) return;
      const wasUp = this.#up;
      this.#tries = 0;
      this.#up = false;
      this.#connection.abandon();
      if (wasUp) this.#options.listener.down(reason, true);
      this.#reopen();
    });
  }

  /** An alarm was taken by the broker, or received by the platform. */
  advanced(what: 'taken' | 'received'): void {
    this.#failover.advanced(what, this.#nowMs);
  }

  /** Monotonic time of the next `due`. */
  dueMs(): number {
    if (!this.#options.second || this.#switching) return Infinity;
    this.#failover.alarms(this.#options.listener.alarmNeed(), this.#nowMs);
    const { leaveMs, probeMs } = this.#failover;
    return Math.min(leaveMs, this.#probing ? Infinity : probeMs);
  }

  /** Looks whether to switch or to test the first broker. */
  due(): void {
    if (!this.#options.second || this.#switching || this.#closed) return;
    const nowMs = this.#nowMs;
    this.#failover.alarms(this.#options.listener.alarmNeed(), nowMs);
    if (this.#failover.shouldLeave(nowMs)) this.#leave();
    else if (nowMs >= this.#failover.probeMs && !this.#probing) this.#probe();
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }

  get #broker(): Broker {
    const { broker, second } = this.#options;
    return this.#failover.at === 1 && second ? second : broker;
  }

  #prove(): void {
    if (!this.#proven) this.#judged(null);
    this.#proven = true;
    this.#failover.proven(this.#nowMs);
  }

  #judged(reason: string | null): void {
    if (!this.#relogging) this.#options.listener.judged(reason, this.#failover.at === 1);
  }

  #connectionTo(broker: Broker): Connection {
    const { listener } = this.#options;
    const connection: Connection = new Connection({
      ...this.#options,
      broker,
      version: this.#versions[this.#failover.at],
      tries: this.#tries,
      listener: {
        ...listener,
        up: (receiveMaximum, level) => this.#isUp(receiveMaximum, level),
        down: (reason, wasUp) => this.#isDown(reason, wasUp),
      },
    });
    return connection;
  }

  #isUp(receiveMaximum: number, level: Level): void {
    this.#up = true;
    this.#proven = false;
    const { listener, will } = this.#options;
    // Where both brokers are bridged the will of the link that was lost comes behind our birth.
    const willMs = (1.5 * keepaliveS + will.delayS + 5) * 1000;
    const birthAgainMs = this.#willDue ? this.#nowMs + willMs : Infinity;
    this.#willDue = false;
    const second = this.#failover.at === 1;
    const secure = this.#broker.url.startsWith('mqtts:');
    listener.up({ receiveMaximum, level, second, secure, birthAgainMs });
  }

  #isDown(reason: string, wasUp: boolean): void {
    this.#up = false;
    if (this.#failover.at === 0) this.#firstReason = reason;
    const isFailed = !wasUp || !this.#proven;
    if (isFailed) this.#failover.failed(this.#nowMs);
    this.#options.listener.down(reason, wasUp);
    if (isFailed) this.#judged(reason);
    // Not from within the client's own event: it is about to arrange its next try.
    queueMicrotask(() => this.due());
  }

  /** To the other broker at once: this one fails, so it hears no goodbye. */
  #leave(): void {
    if (this.#up && this.#failover.at === 0)
      this.#firstReason = 'it takes connections, and alarms do not get through';
    const wasUp = this.#up;
    this.#tries = this.#connection.tries + 1;
    this.#part();
    this.#failover.switched(this.#nowMs);
    if (wasUp) this.#options.listener.down('the other broker is tried', true);
    this.#reopen();
  }

  /** Without a goodbye: the broker will tell our will. */
  #part(): void {
    this.#willDue = true;
    this.#up = false;
    this.#connection.abandon();
  }

  #probe(): void {
    this.#probing = true;
    const { broker, probeMessage, clock, dates } = this.#options;
    const { level } = this.#versions[0];
    probe({ broker, dates, clock }, probeMessage(), level).then((reason) => {
      this.#probing = false;
      if (reason !== null) this.#firstReason = reason;
      if (this.#closed || this.#failover.at === 0) return;
      this.#failover.alarms(this.#options.listener.alarmNeed(), this.#nowMs);
      if (this.#failover.probed(reason === null, this.#nowMs)) this.#return();
      else this.#options.listener.later();
    });
  }

  /** Back to the first broker, in good order: goodbye here, birth there. */
  #return(): void {
    this.#switching = true;
    const wasUp = this.#up;
    this.#up = false;
    this.#tries = 0;
    if (wasUp) this.#options.listener.down('the first broker is well again', true);
    this.#connection.close(goodbyeWithinMs).then(() => {
      this.#switching = false;
      if (!this.#closed) this.#reopen();
    });
  }

  #reopen(): void {
    this.#connection = this.#connectionTo(this.#broker);
    void this.#connection.open();
  }
}
