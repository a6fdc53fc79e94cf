// A subscriber that sees everything on the broker, in the order of its arrival there.

import { connectAsync, type MqttClient } from 'mqtt';
import type { Platform } from '#agent/sim/platform.ts';
import { until } from '#test/support/wait.ts';

export interface Heard {
  readonly topic: string;
  /** Last level of the topic of what a terminal tells: `alarm`, `state`, `event` .. */
  readonly what: string;
  readonly payload: string;
}

export class Watcher {
  readonly heard: Heard[] = [];
  readonly #url: string;
  #client: MqttClient | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /** Subscribed to everything when it resolves. */
  async open(): Promise<void> {
    const client = await connectAsync(this.#url, { protocolVersion: 5, reconnectPeriod: 0 });
    this.#client = client;
    client.on('message', (topic, payload) => {
      if (topic.startsWith('gate/v1/probe/')) return;
      const what = topic.split('/')[3] ?? '';
      this.heard.push({ topic, what, payload: payload.toString() });
    });
    await client.subscribeAsync('#', { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  /** Resolves when the platform hears what is published, as after a restart of the broker. */
  async untilHeardBy(platform: Platform): Promise<void> {
    let isHeard = false;
    const end = platform.watch(({ topic }) => {
      isHeard ||= topic === 'gate/v1/probe/telemetry';
    });
    try {
      await until(
        async () => {
          await this.#client?.publishAsync('gate/v1/probe/telemetry', '{}', { qos: 1 });
          return isHeard;
        },
        { withinMs: 10_000, what: 'the platform to be subscribed' },
      );
    } finally {
      end();
    }
  }
}
