// Makes the patrol that core wants: looks at one part after the other and tells what it found. Stops where it
// is not wanted any more.

import type { PatrolPart } from '../core/patrol.ts';
import type { Patrol, Sink } from '../ports.ts';
import type { Look, PatrolWorld } from './look.ts';
import { partNames } from './names.ts';

/** Of a look. */
const partMs = 9_000;

export class PatrolDriver implements Patrol {
  readonly #world: PatrolWorld;
  #sink: Sink | null = null;
  #id: string | null = null;

  constructor(world: PatrolWorld) {
    this.#world = world;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
  }

  want(id: string | null): void {
    if (id === this.#id) return;
    this.#id = id;
    if (id !== null) void this.#make(id);
  }

  async close(): Promise<void> {
    this.#sink = null;
    this.#id = null;
  }

  async #make(id: string): Promise<void> {
    const { lookAt } = await import('./parts.ts');
    const parts: PatrolPart[] = [];
    for (const part of partNames) {
      if (this.#id !== id) return;
      const { ok, detail, told } = await this.#within(lookAt(part, this.#world));
      parts.push({ part, ok, detail, ...(told === undefined ? {} : { told }) });
    }
    if (this.#id === id) this.#sink?.emit({ kind: 'patrol.ended', id, parts });
  }

  #within(looking: Promise<Look>): Promise<Look> {
    return new Promise((done) => {
      const detail = `it could not be looked at: no answer in ${partMs / 1000} s`;
      const cancel = this.#world.clock.after(partMs, () => done({ ok: false, detail }));
      void looking.then((look) => {
        cancel();
        done(look);
      });
    });
  }
}
