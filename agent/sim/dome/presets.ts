// The simulated dome's presets and its home: where each looks.

import type { Position } from './motion.ts';

export interface Preset {
  readonly token: string;
  readonly name: string;
  /** Somewhere of its own where it is not given. */
  readonly position?: Position;
}

const presetsMax = 300;
const origin: Position = { pan: 0, tilt: 0, zoom: 0 };

/** The first looks straight ahead, the others each somewhere else. */
const somewhere = (n: number): Position => ({
  pan: n === 0 ? 0 : (((n * 0.2 + 0.7) % 1.4) - 0.7) * (n % 2 ? 1 : -1),
  tilt: n === 0 ? 0 : -0.2,
  zoom: n === 0 ? 0 : 0.25,
});

export class Presets {
  home: Position = origin;
  readonly #all = new Map<string, { readonly name: string; readonly position: Position }>();

  constructor(given: readonly Preset[]) {
    given.forEach(({ token, name, position }, n) => {
      this.#all.set(token, { name, position: position ?? somewhere(n) });
    });
  }

  get all(): { readonly token: string; readonly name: string; readonly position: Position }[] {
    return [...this.#all].map(([token, one]) => ({ token, ...one }));
  }

  at(token: string): Position | undefined {
    return this.#all.get(token)?.position;
  }

  /** Token of the preset, new unless one is given; null where there is no room or no such preset. */
  set(token: string | null, name: string | null, position: Position): string | null {
    const old = token === null ? undefined : this.#all.get(token);
    if (token !== null && !old) return null;
    if (token === null && this.#all.size >= presetsMax) return null;
    const key = token ?? this.#unused();
    this.#all.set(key, { name: name ?? old?.name ?? `Preset ${key}`, position });
    return key;
  }

  remove(token: string): boolean {
    return this.#all.delete(token);
  }

  #unused(): string {
    for (let n = 1; ; n++) if (!this.#all.has(`${n}`)) return `${n}`;
  }
}
