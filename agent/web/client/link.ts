// The line to the broker: MQTT 5, over WebSocket in a browser. Connects for ever, subscribes again at
// each connect, and says nothing twice: what was under way when the line broke is dropped, because
// whoever asked asks again.

import mqtt, { type MqttClient } from 'mqtt';

export interface LinkOptions {
  /** `ws://` or `wss://`; outside a browser `mqtt://` and `mqtts://` too. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  /** Asked at each connect: it may be short-lived. */
  readonly password?: (() => string) | undefined;
  readonly subscribe: readonly string[];
  /** What the broker says, at QoS 0, when the line breaks. */
  readonly will?: { readonly topic: string; readonly payload: object };
  /** Connected and subscribed, or no longer. */
  readonly up: (up: boolean) => void;
  readonly message: (topic: string, json: unknown) => void;
  /** What cannot be read, or is refused by the broker. */
  readonly trouble: (detail: string) => void;
}

export interface Post {
  readonly qos: 0 | 1;
  readonly expiryS: number;
  readonly responseTopic?: string;
}

const keepaliveS = 15;
const retryMs = 1_000;

export class Link {
  readonly #options: LinkOptions;
  #client: MqttClient | null = null;
  #up = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Begins to connect, and goes on until `close`. */
  open(): void {
    const { url, clientId, username, password, will, trouble } = this.#options;
    const client = mqtt.connect(url, {
      ...{ clientId, protocolVersion: 5, clean: true, keepalive: keepaliveS },
      ...{ reconnectPeriod: retryMs, reconnectOnConnackError: true },
      ...{ resubscribe: false, queueQoSZero: false },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password() }),
      ...(will ? { will: { ...will, payload: JSON.stringify(will.payload), qos: 0 } } : {}),
    });
    this.#client = client;
    client.on('reconnect', () => {
      if (password) client.options.password = password();
    });
    client.on('connect', () => this.#subscribe(client));
    client.on('close', () => {
      forget(client);
      if (client === (this.#client ?? client)) this.#turn(false);
    });
    client.on('error', ({ message }) => trouble(message));
    client.on('message', (topic, payload) => this.#message(topic, payload.toString()));
  }

  /** False, and nothing was sent, while there is no line. */
  post(topic: string, payload: object, { qos, expiryS, ...reply }: Post): boolean {
    if (!this.#up || !this.#client) return false;
    const properties = { messageExpiryInterval: expiryS, ...reply };
    this.#client.publish(topic, JSON.stringify(payload), { qos, properties });
    return true;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (!client) return;
    await new Promise<void>((done) => {
      client.end(!client.connected, () => done());
    });
  }

  #subscribe(client: MqttClient): void {
    client.subscribe([...this.#options.subscribe], { qos: 1 }, (error, granted) => {
      if (client !== this.#client || !client.connected) return;
      const refused = granted?.find(({ qos }) => qos >= 128);
      if (!error && !refused) return this.#turn(true);
      this.#options.trouble(error?.message ?? `the broker refuses ${refused?.topic}`);
    });
  }

  #turn(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#options.up(up);
  }

  #message(topic: string, payload: string): void {
    // An empty retained message clears the topic: nothing was said.
    if (payload === '') return;
    try {
      this.#options.message(topic, JSON.parse(payload));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#options.trouble(`${topic}: not JSON`);
    }
  }
}

function forget(client: MqttClient): void {
  for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
}
