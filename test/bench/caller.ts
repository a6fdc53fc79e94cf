// A dispatcher who is in a call all the time, by the client library and libwebrtc: offers again by himself
// what is lost, and calls anew where the call has ended with a case.

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { GateClient } from '#agent/web/client/client.ts';
import type { Offer, Peer, PeerHooks } from '#agent/web/client/peer.ts';
import type { Session } from '#agent/web/client/session.ts';
import { type PeerSaid, Peers } from '#test/support/media/peer.ts';
import { until } from '#test/support/wait.ts';
import { type Rig, terminal } from './rig.ts';

const withinMs = 30_000;

export class Caller {
  readonly #client: GateClient;
  readonly #peers: Peers;
  readonly #file: string;
  readonly #hooks = new Map<string, PeerHooks>();
  #session: Session | null = null;
  #calls = 0;
  #closed = false;

  constructor({ plainPort, dir }: Rig) {
    this.#client = new GateClient({
      ...{ url: `mqtt://127.0.0.1:${plainPort}`, role: '110-city', user: 'caller' },
    });
    this.#peers = new Peers((said) => this.#hear(said));
    this.#file = join(dir, 'caller');
  }

  get isConnected(): boolean {
    return this.#session?.status.state === 'connected';
  }

  /** In the call. */
  async open(): Promise<void> {
    // What he hears is of no interest.
    for (const heard of ['speaker', 'microphone'])
      symlinkSync('/dev/null', `${this.#file}.${heard}`);
    await this.#peers.open();
    this.#client.open();
    const knows = () => this.#client.up && this.#client.terminal(terminal);
    await until(knows, { withinMs, what: 'the caller to know the terminal' });
    this.#call();
    await until(() => this.isConnected, { withinMs, what: 'the call' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
    await this.#peers.kill();
  }

  #call(): void {
    const asked = { kind: 'talk' } as const;
    const session = this.#client.session(terminal, asked, (hooks) => this.#peer(hooks));
    this.#session = session;
    session.on('status', ({ state }) => {
      if (state === 'over' && !this.#closed) this.#call();
    });
  }

  #peer(hooks: PeerHooks): Peer {
    this.#calls += 1;
    const id = `call-${this.#calls}`;
    this.#hooks.set(id, hooks);
    const rtc = { iceServers: [], iceTransportPolicy: 'all' } as const;
    const peers = this.#peers;
    const file = this.#file;
    return {
      async offer(): Promise<Offer> {
        peers.tell({ ...{ t: 'call', id, heard: 'tone:500' }, file, ...rtc });
        const made = () => peers.of('offer', id)[0];
        const { sdp } = await until(made, { withinMs, what: 'an offer' });
        return { sdp, turn: null };
      },
      answer: async (sdp) => peers.tell({ t: 'answer', id, sdp }),
      async add(candidates) {
        for (const one of candidates) if (one) peers.tell({ t: 'candidate', id, ...one });
      },
      close: () => {
        this.#hooks.delete(id);
        peers.tell({ t: 'close', id });
      },
    };
  }

  #hear(said: PeerSaid): void {
    if (!('id' in said)) return;
    const hooks = this.#hooks.get(said.id);
    if (said.t === 'candidate') hooks?.candidate({ candidate: said.candidate, mid: said.mid });
    if (said.t !== 'state') return;
    const { state } = said;
    if (state === 'connected' || state === 'disconnected' || state === 'failed')
      hooks?.state(state);
  }
}
