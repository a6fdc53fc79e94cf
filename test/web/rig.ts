// A real mosquitto with a WebSocket listener, a scripted terminal on TCP, a client on WebSocket.

import { GateClient } from '#agent/web/client/client.ts';
import { type ClientClock, systemClock } from '#agent/web/client/clock.ts';
import type { Peer, PeerHooks } from '#agent/web/client/peer.ts';
import { freePort, listens, Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { ScriptedTerminal } from './terminal.ts';

export interface Rig {
  readonly broker: Mosquitto;
  readonly terminal: ScriptedTerminal;
  readonly client: GateClient;
  /** Until the client knows the terminal, with this boot. */
  readonly known: () => Promise<unknown>;
  readonly up: () => Promise<unknown>;
  /** Delays of the client's timers that are running, milliseconds. */
  readonly timers: () => number[];
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const port = await freePort();
  const config = [`listener ${port} 127.0.0.1`, 'protocol websockets'];
  const broker = await Mosquitto.start({ config });
  await until(() => listens(port), { withinMs: 5_000, what: 'the WebSocket listener' });
  const terminal = new ScriptedTerminal();
  await terminal.open(broker.url);
  const running = new Set<{ readonly delayMs: number }>();
  const clock: ClientClock = {
    ...systemClock,
    after(delayMs, call) {
      const timer = { delayMs };
      running.add(timer);
      const cancel = systemClock.after(delayMs, () => {
        running.delete(timer);
        call();
      });
      return () => {
        running.delete(timer);
        cancel();
      };
    },
  };
  const client = new GateClient({
    ...{ url: `ws://127.0.0.1:${port}`, role: '110-city', user: 'desk-1', clock },
  });
  client.open();
  return {
    ...{ broker, terminal, client },
    known: () =>
      until(() => client.terminal(terminal.id)?.bootId === terminal.bootId, {
        ...{ withinMs: 10_000, what: 'the birth' },
      }),
    up: () => until(() => client.up, { withinMs: 10_000, what: 'the line' }),
    timers: () => [...running].map(({ delayMs }) => delayMs),
    async close() {
      await client.close();
      await terminal.close();
      await broker.remove();
    },
  };
}

/** A peer connection that does what a test says. */
export class ScriptedPeer implements Peer {
  readonly hooks: PeerHooks;
  readonly sdp: string;
  readonly heard: unknown[] = [];
  closed = false;

  constructor(hooks: PeerHooks, nth: number) {
    this.hooks = hooks;
    this.sdp = `offer ${nth}`;
  }

  offer() {
    return Promise.resolve({ sdp: this.sdp, turn: null });
  }

  async answer(sdp: string): Promise<void> {
    this.heard.push(sdp);
  }

  async add(candidates: readonly unknown[]): Promise<void> {
    this.heard.push(...candidates);
  }

  close(): void {
    this.closed = true;
  }
}
