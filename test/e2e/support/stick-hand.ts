// The other end of a hand on the stick (stick-hand.child.ts): starts it, moves it, kills it.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { until, within } from '#test/support/wait.ts';

export interface HandSetup {
  readonly broker: string;
  readonly terminal: string;
  readonly role: string;
  readonly user: string;
  /** Its connection lets the stick go when it breaks. */
  readonly will: boolean;
}

export interface HandOrder {
  readonly lease: string;
  readonly pan: number;
}

export class Hand {
  readonly #child: ChildProcess;
  /** Moves said so far. */
  said = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ n }: { n: number }) => {
      this.said = n;
    });
  }

  /** Connected. */
  static async start(setup: HandSetup): Promise<Hand> {
    const file = join(import.meta.dirname, 'stick-hand.child.ts');
    const child = fork(file, [JSON.stringify(setup)], { stdio: 'inherit' });
    await within(once(child, 'message'), { withinMs: 30_000, what: 'the hand' });
    return new Hand(child);
  }

  /** Says it from now on; resolves when it has been said. */
  async hold(order: HandOrder): Promise<void> {
    const before = this.said;
    this.#child.send(order);
    await until(() => this.said !== before, { withinMs: 5_000, what: 'a move' });
  }

  /** Answers nothing and says nothing, and its connection stays open. */
  freeze(): number {
    const atMs = monotonicMs();
    this.#child.kill('SIGSTOP');
    return atMs;
  }

  /** CLOCK_MONOTONIC, milliseconds, of its SIGKILL. */
  async kill(): Promise<number> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return monotonicMs();
    const exit = once(this.#child, 'exit');
    const atMs = monotonicMs();
    this.#child.kill('SIGKILL');
    await within(exit, { withinMs: 5_000, what: 'the end of the hand' });
    return atMs;
  }
}
