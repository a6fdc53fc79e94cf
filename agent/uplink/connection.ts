// The MQTT.js client: connects, keeps trying, publishes what it is given, and nothing else.
// Rules (field notes): nothing is queued in the client, so what was in flight when the link went is
// taken out of its store and given back; full jitter between tries; handlers before connecting;
// a message from the broker is acknowledged only when the turn that holds it is done.

import type { IPublishPacket, MqttClient } from 'mqtt';
import type { Ids } from '../ports.ts';
import { clientOf, jitter, loadMqtt, optionsOf, type Way, type Will } from './client.ts';
import { disconnectReason, errorReason, isCut } from './reason.ts';
import { Takeover } from './takeover.ts';
import type { Level, Version } from './version.ts';

export interface Retry {
  /** First try after a loss falls within this, at random; doubles up to `maxMs`. A fleet of 10,000
   * came back in 42 s with 20 s, and never with a fixed 1 s (field notes). */
  readonly firstMs: number;
  readonly maxMs: number;
}

export interface Listener {
  up(receiveMaximum: number, level: Level): void;
  /** `wasUp`: the link went; otherwise one more try failed. */
  down(reason: string, wasUp: boolean): void;
  /** Another client uses our client id: the broker has ended our link for its sake. */
  takenOver(): void;
  /** `done` sends the PUBACK. */
  message(packet: IPublishPacket, done: () => void): void;
  /** The broker refused a subscription. */
  unheard(reason: string): void;
  alarmWaiting(): boolean;
}

export interface Publish {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
  readonly expiryS?: number;
  /** base64 */
  readonly correlation?: string | null;
}

export interface ConnectionOptions extends Way {
  readonly ids: Ids;
  readonly will: Will;
  /** What is known of the broker's MQTT. */
  readonly version: Version;
  readonly subscribe: readonly string[];
  readonly retry: Retry;
  /** Tries that came before, elsewhere: the pauses go on from there. */
  readonly tries?: number;
  readonly listener: Listener;
}

const takenOverCode = 142;
/** With an alarm waiting the first try comes within this. */
const hurriedMs = 500;
const hurryEveryMs = 10_000;

export class Connection {
  readonly #options: ConnectionOptions;
  #client: MqttClient | null = null;
  #phase: 'connecting' | 'up' | 'waiting' | 'closed' = 'connecting';
  /** Rises with each loss: what belongs to an older link is dropped. */
  #generation = 0;
  #tries: number;
  #reason = '';
  #pubackReason = 0;
  /** Of the try under way: has the broker said anything, and did an error end it. */
  #heard = false;
  #failure: Error | null = null;
  readonly #takeover = new Takeover();
  #hurriedMs = Number.NEGATIVE_INFINITY;
  #cancelHurry: (() => void) | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#tries = options.tries ?? 0;
  }

  async open(): Promise<void> {
    const mqtt = await loadMqtt();
    if (this.#phase === 'closed') return;
    const { broker, will, version, retry, ids } = this.#options;
    const reconnectPeriod = jitter(retry.firstMs, ids);
    const options = { ...optionsOf(broker, will, version.level), reconnectPeriod };
    const client = clientOf(mqtt, this.#options, options);
    this.#client = client;
    client.handleMessage = (packet, callback) => {
      const generation = this.#generation;
      this.#options.listener.message(packet, () => {
        if (generation === this.#generation) callback();
      });
    };
    client.on('packetreceive', (packet) => {
      this.#heard = true;
      if (packet.cmd === 'puback') this.#pubackReason = packet.reasonCode ?? 0;
    });
    client.on('connect', (connack) => this.#up(client, connack.properties?.receiveMaximum));
    client.on('disconnect', (packet) => {
      this.#reason = disconnectReason(packet.reasonCode);
      if (packet.reasonCode === takenOverCode) this.#takeover.said();
    });
    client.on('error', (error) => {
      this.#failure ??= error;
      this.#reason ||= this.#options.dates.reason(error, this.#options.broker);
    });
    // Emitted before the wait for the first try begins: its length is set here, later ones below.
    client.on('offline', () => this.#waitFirst(client));
    client.on('reconnect', () => this.#trying(client));
    client.on('close', () => this.#down(client));
  }

  /** `answered` gets the PUBACK's reason code, or null where the link went before it came. */
  publish(message: Publish, answered?: (reasonCode: number | null) => void): void {
    const { topic, payload, qos, retain = false, expiryS, correlation } = message;
    const properties = {
      ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
      ...(correlation ? { correlationData: Buffer.from(correlation, 'base64') } : {}),
    };
    this.#client?.publish(topic, payload, { qos, retain, properties }, (error) => {
      // Not at CONNACK: one that takes connections and acknowledges nothing is spared, too.
      if (!error && qos === 1) this.#tries = 0;
      if (!error) answered?.(this.#pubackReason);
      else answered?.('code' in error && error.code >= 128 ? error.code : null);
    });
  }

  /** What is published from now on waits for `flush`. */
  hold(): void {
    this.#client?.stream.cork();
  }

  /** What was published leaves now. The client would send it at the end of the loop's turn, behind all
   * that the turn still wants: 0.9 ms later (of 3.9 from press to PUBACK). */
  flush(): void {
    const { stream } = this.#client ?? {};
    while (stream && stream.writableCorked > 0) stream.uncork();
  }

  /** An alarm waits: the next try comes at once, but not every one. */
  hurry(): void {
    const { clock, ids } = this.#options;
    const nowMs = clock.now().monoMs;
    if (this.#phase !== 'waiting' || this.#cancelHurry) return;
    if (nowMs - this.#hurriedMs < hurryEveryMs) return;
    this.#hurriedMs = nowMs;
    this.#cancelHurry = clock.after(ids.chance() * hurriedMs, () => {
      this.#cancelHurry = null;
      if (this.#phase === 'waiting') this.#client?.reconnect();
    });
  }

  /** The broker no longer answers: give the link up, try again. */
  drop(reason: string): void {
    this.#reason = reason;
    this.#client?.stream.destroy();
  }

  get tries(): number {
    return this.#tries;
  }

  /** Leaves at once, without a word: the broker will tell our will. */
  abandon(): void {
    this.#phase = 'closed';
    this.#cancelHurry?.();
    if (!this.#client) return;
    dropOutgoing(this.#client);
    endNow(this.#client);
  }

  /** Says the will itself and DISCONNECT; ends within `withinMs` whatever the broker does. */
  async close(withinMs: number): Promise<void> {
    const wasUp = this.#phase === 'up';
    this.#phase = 'closed';
    this.#cancelHurry?.();
    const client = this.#client;
    if (!client) return;
    const { topic, payload } = this.#options.will;
    const goodbye: Publish = { topic, payload, qos: 1, retain: true };
    dropOutgoing(client);
    await new Promise<void>((done) => {
      const cancel = this.#options.clock.after(withinMs, () => {
        endNow(client);
        done();
      });
      const end = () => {
        client.end(!wasUp, () => {
          cancel();
          done();
        });
      };
      if (wasUp) this.publish(goodbye, end);
      else end();
    });
  }

  #up(client: MqttClient, receiveMaximum = 65_535): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'up';
    this.#reason = '';
    const { subscribe, listener, version, clock } = this.#options;
    this.#takeover.up(clock.now().monoMs);
    version.up();
    const generation = this.#generation;
    // `rap`: a command published with the retain flag is seen as such, also when it comes live;
    // `rh`: a retained one is told once a session, not at every reconnect.
    client.subscribe([...subscribe], { qos: 1, rap: true, rh: 1 }, (error) => {
      if (error && generation === this.#generation) listener.unheard(errorReason(error));
    });
    listener.up(receiveMaximum, version.level);
  }

  #waitFirst(client: MqttClient): void {
    const { ids, clock, listener } = this.#options;
    const alarm = listener.alarmWaiting();
    if (alarm) this.#hurriedMs = clock.now().monoMs;
    const { readableEnded, errored } = client.stream;
    const silently = readableEnded && errored === null && this.#reason === '';
    const taken = this.#phase === 'up' && this.#takeover.lost(clock.now().monoMs, silently);
    if (taken) listener.takenOver();
    const calm = taken ? this.#takeover.pauseMs(ids.chance()) : jitter(this.#capMs, ids);
    client.options.reconnectPeriod = alarm ? jitter(hurriedMs, ids) : calm;
  }

  #trying(client: MqttClient): void {
    if (this.#phase !== 'closed') this.#phase = 'connecting';
    this.#tries += 1;
    this.#reason = '';
    client.options.reconnectPeriod = jitter(this.#capMs, this.#options.ids);
  }

  get #capMs(): number {
    const { firstMs, maxMs } = this.#options.retry;
    return Math.min(maxMs, firstMs * 2 ** Math.min(this.#tries, 10));
  }

  #down(client: MqttClient): void {
    this.#generation += 1;
    if (this.#phase === 'closed') return;
    const wasUp = this.#phase === 'up';
    this.#phase = 'waiting';
    dropOutgoing(client);
    if (this.#otherVersion(client, wasUp)) return;
    this.#options.listener.down(this.#reason || 'connection lost', wasUp);
    this.#reason = '';
  }

  /** True where nothing but the version was wrong: the next try, with the other, has begun. */
  #otherVersion(client: MqttClient, wasUp: boolean): boolean {
    const { version, clock, listener } = this.#options;
    const nowMs = clock.now().monoMs;
    const failure = this.#failure;
    const code = failure && 'code' in failure ? failure.code : null;
    const cut = failure === null || isCut(code);
    const ended = {
      refusedCode: typeof code === 'number' ? code : null,
      silent: cut && !this.#heard,
    };
    this.#heard = false;
    this.#failure = null;
    const atOnce = wasUp ? false : version.failed(ended, nowMs);
    if (!wasUp) this.#takeover.failed();
    if (wasUp) version.lost(nowMs, listener.alarmWaiting());
    client.options.protocolVersion = version.level;
    // Not from within the client's own event: it is about to arrange its next try.
    if (atOnce) queueMicrotask(() => this.#phase === 'waiting' && client.reconnect());
    return atOnce;
  }
}

function endNow(client: MqttClient): void {
  client.end(true);
  client.stream.destroy();
}

/** The client would send these again by itself, one at a time, before it says that it is connected,
 * and in an order of its own: the outbox does that better. Their callbacks are called. */
function dropOutgoing(client: MqttClient): void {
  for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
}
