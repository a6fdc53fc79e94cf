// The other end of `peer.child.ts`: viewers by the library, driven from a test or a benchmark.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until, within } from '#test/support/wait.ts';
import type { LiveRig } from './rig.ts';

interface Candidate {
  readonly candidate: string;
  readonly mid: string;
}

export interface PeerSeen {
  readonly packets: number;
  readonly keys: number;
  /** Numbers that did not follow on each other. */
  readonly gaps: number;
  readonly backwards: number;
  /** The last one, in hexadecimal: tells which stream it is. */
  readonly sps: string;
  readonly ssrc: number;
  readonly firstMs: number | null;
}

export type ToPeer = { readonly id: string } & (
  | { readonly do: 'offer'; readonly reports: boolean }
  | { readonly do: 'answer'; readonly sdp: string }
  | { readonly do: 'add'; readonly candidates: readonly Candidate[] }
  | { readonly do: 'candidates' | 'seen' | 'close' }
  | { readonly do: 'report'; readonly loss: number; readonly pli: boolean }
);

interface Answer {
  readonly n: number;
  readonly result?: unknown;
  readonly error?: string;
}

export class Peers {
  readonly #child: ChildProcess;
  readonly #rig: LiveRig;
  readonly #waiting = new Map<number, (result: unknown, error?: string) => void>();
  #n = 0;

  constructor(rig: LiveRig) {
    this.#rig = rig;
    this.#child = fork(join(import.meta.dirname, 'peer.child.ts'), {
      stdio: 'inherit',
      execArgv: [],
    });
    this.#child.on('message', ({ n, result, error }: Answer) => {
      this.#waiting.get(n)?.(result, error);
      this.#waiting.delete(n);
    });
  }

  /** Offers and connects. `reports`: receiver reports by themselves, as a browser sends them; then those
   * of `report` do not get out. */
  async watch(
    id: string,
    options: { readonly stream?: 'main' | 'sub' | 'auto'; readonly reports?: boolean } = {},
  ): Promise<void> {
    const { stream = 'main', reports = true } = options;
    const sdp = await this.#ask<string>({ do: 'offer', id, reports });
    const answer = await this.#rig.offer({ id, sdp, stream });
    await this.#ask({ do: 'answer', id, sdp: answer });
    this.#rig.candidates(id, await this.#ask<Candidate[]>({ do: 'candidates', id }));
    // On the loopback the first are enough.
    const theirs = () => this.#rig.gathered(id).filter((one) => one !== null);
    await until(() => theirs().length > 0, { withinMs: 10_000, what: `candidates for ${id}` });
    await this.#ask({ do: 'add', id, candidates: theirs() });
  }

  seen(id: string): Promise<PeerSeen> {
    return this.#ask({ do: 'seen', id });
  }

  /** One receiver report. */
  report(id: string, { loss = 0, pli = false } = {}): Promise<void> {
    return this.#ask({ do: 'report', id, loss, pli });
  }

  close(id: string): Promise<void> {
    return this.#ask({ do: 'close', id });
  }

  /** All of them go without a word. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await within(exit, { withinMs: 5_000, what: 'the end of the peers' });
  }

  #ask<T = void>(told: ToPeer): Promise<T> {
    const n = this.#n++;
    const answer = new Promise<T>((done, failed) => {
      this.#waiting.set(n, (result, error) => {
        if (error === undefined) return done(result as T);
        const { reason = 'open', detail = '' } = this.#rig.closed(told.id) ?? {};
        failed(new Error(`${told.do} of peer ${told.id} (${reason} ${detail}): ${error}`));
      });
    });
    this.#child.send({ ...told, n });
    return within(answer, { withinMs: 30_000, what: `${told.do} of peer ${told.id}` });
  }
}
