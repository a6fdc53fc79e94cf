// One life of the process. SIGKILL may fall before or right after a commit has reached the disk: from
// then on nothing this process does has any effect, and no timer of it fires.

import type { Clock, Committed, Store, Turn } from '#agent/ports.ts';
import type { KillAt } from './action.ts';

export class Life {
  dead = false;
  /** Armed for the next commit. */
  #dies: KillAt | null = null;

  diesAt(when: 'before-commit' | 'after-commit'): void {
    this.#dies = when;
  }

  /** A death that was armed does not come any more. */
  spare(): void {
    this.#dies = null;
  }

  /** A driver that a dead process cannot reach any more. */
  port<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown =>
          this.dead ? undefined : Reflect.apply(value, target, args);
      },
    });
  }

  clock(clock: Clock): Clock {
    const whileAlive = (call: () => void) => () => {
      if (!this.dead) call();
    };
    return {
      now: () => clock.now(),
      after: (delayMs, call) => clock.after(delayMs, whileAlive(call)),
    };
  }

  /** `witness` hears of each commit that the store has taken, before anybody else does. */
  store(store: Store, witness: (turn: Turn, committed: Committed) => void): Store {
    const nothing: Committed = { durable: true, reason: null, rows: [] };
    return {
      open: (sink) => store.open(sink),
      page: (lane, afterSeq, limit) => store.page(lane, afterSeq, limit),
      expectTurn: () => store.expectTurn(),
      figures: () => store.figures(),
      close: () => (this.dead ? Promise.resolve() : store.close()),
      commit: (turn, meanwhile) => {
        if (this.#dies === 'before-commit') this.dead = true;
        if (this.dead) return nothing;
        const committed = store.commit(turn, meanwhile);
        witness(turn, committed);
        if (this.#dies === 'after-commit') this.dead = true;
        return committed;
      },
    };
  }
}
