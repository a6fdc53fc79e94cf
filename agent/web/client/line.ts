// One connection to the broker: MQTT 5, over WebSocket in a browser. It is made, it subscribes, it ends,
// and is never used again; `link.ts` makes the next.

import mqtt, { type MqttClient } from 'mqtt';

export interface LineSetup {
  /** `ws://` or `wss://`; outside a browser `mqtt://` and `mqtts://` too. */
  readonly url: string;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly subscribe: readonly string[];
  /** What the broker says, at QoS 0, when the line breaks. */
  readonly will: { readonly topic: string; readonly payload: object } | undefined;
  /** Connected and subscribed. */
  readonly up: () => void;
  /** It is gone, or never came to be. Once. */
  readonly down: () => void;
  readonly message: (topic: string, payload: string) => void;
  /** What is refused by the broker, or went wrong on the way to it. */
  readonly trouble: (detail: string) => void;
}

export interface Post {
  readonly qos: 0 | 1;
  readonly expiryS: number;
  readonly responseTopic?: string;
}

const keepaliveS = 15;

export class Line {
  readonly #setup: LineSetup;
  #client: MqttClient | null = null;
  #isOver = false;

  constructor(setup: LineSetup) {
    this.#setup = setup;
  }

  open(): void {
    const { url, clientId, username, password, will, message, trouble } = this.#setup;
    const client = mqtt.connect(url, {
      ...{ clientId, protocolVersion: 5, clean: true, keepalive: keepaliveS },
      ...{ reconnectPeriod: 0, resubscribe: false, queueQoSZero: false },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(will ? { will: { ...will, payload: JSON.stringify(will.payload), qos: 0 } } : {}),
    });
    this.#client = client;
    client.on('connect', () => this.#subscribe(client));
    client.on('close', () => this.#ended(client));
    client.on('error', (error) => trouble(error.message));
    client.on('message', (topic, payload) => message(topic, payload.toString()));
  }

  post(topic: string, payload: object, { qos, expiryS, ...reply }: Post): void {
    const properties = { messageExpiryInterval: expiryS, ...reply };
    this.#client?.publish(topic, JSON.stringify(payload), { qos, properties });
  }

  /** Says good-bye, so that the will is not said. `down` is not told. */
  async close(): Promise<void> {
    this.#isOver = true;
    const client = this.#client;
    if (!client) return;
    await new Promise<void>((done) => {
      client.end(!client.connected, () => done());
    });
  }

  #subscribe(client: MqttClient): void {
    const { subscribe, up, trouble } = this.#setup;
    if (subscribe.length === 0) return up();
    client.subscribe([...subscribe], { qos: 1 }, (error, granted) => {
      if (this.#isOver || !client.connected) return;
      const refused = granted?.find(({ qos }) => qos >= 128);
      if (!error && !refused) return up();
      trouble(error?.message ?? `the broker refuses ${refused?.topic}`);
    });
  }

  #ended(client: MqttClient): void {
    if (this.#isOver) return;
    this.#isOver = true;
    client.end(true);
    this.#setup.down();
  }
}
