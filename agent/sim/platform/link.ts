// The platform's own MQTT client: connects, subscribes again at each connect, publishes.

import { connect, type IPublishPacket, type MqttClient } from 'mqtt';

/** Sees each message in both directions, as it is on the line. */
export type Tap = (
  direction: 'heard' | 'said',
  packet: Pick<IPublishPacket, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>,
) => void;

interface PublishOptions {
  readonly qos: 1;
  readonly retain?: boolean;
  readonly properties?: NonNullable<IPublishPacket['properties']>;
}

export interface LinkOptions {
  readonly broker: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** A session that outlives a restart, so that nothing is lost meanwhile. */
  readonly persistent: boolean;
  readonly subscribe: readonly string[];
  readonly message: (packet: IPublishPacket) => void;
  readonly tap?: Tap | undefined;
  /** Connected and subscribed, each time. */
  readonly up: () => void;
}

const sessionS = 86_400;
const retryMs = 200;

export class Link {
  readonly #options: LinkOptions;
  #client: MqttClient | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Resolves once connected and subscribed for the first time. */
  open(): Promise<void> {
    const { broker, clientId, persistent, subscribe, message, tap, up, ...login } = this.#options;
    const { username, password, ca, cert, key } = login;
    const given = Object.entries({ username, password, ca, cert, key });
    const client = connect(broker, {
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      clientId,
      clean: !persistent,
      protocolVersion: 5,
      reconnectPeriod: retryMs,
      reconnectOnConnackError: true,
      resubscribe: false,
      queueQoSZero: false,
      ...(persistent ? { properties: { sessionExpiryInterval: sessionS } } : {}),
    });
    this.#client = client;
    client.handleMessage = (packet, done) => {
      tap?.('heard', packet);
      message(packet);
      done();
    };
    return new Promise((opened, failed) => {
      client.on('connect', () => {
        client.subscribe([...subscribe], { qos: 1 }, (error) => {
          if (error && client.connected) failed(error);
          if (error) return;
          up();
          opened();
        });
      });
    });
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  /** Dropped, and false, while there is no link: the platform repeats what was not answered. */
  publish(topic: string, payload: string, options: PublishOptions): boolean {
    if (!this.#client?.connected) return false;
    this.#options.tap?.('said', { topic, payload, retain: false, ...options });
    this.#client.publish(topic, payload, options);
    return true;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (!client) return;
    for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
    await new Promise<void>((done) => {
      client.end(!client.connected, () => done());
    });
  }
}
