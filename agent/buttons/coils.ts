// Outputs of a Modbus module: how each is wanted, and what is known of how it is. Says which is to be
// written next, and writes nothing itself.

import { type Light, type Switch, Switches } from '../lamp/switches.ts';
import type { Clock } from '../ports.ts';

/** A module that was without power for a moment has forgotten. */
export const assertEveryMs = 5000;

/** Numbers of outputs, from 1 as printed on the module. */
export interface ModuleOutputs {
  readonly lamp: { readonly [L in Light]?: number | undefined } | null;
  readonly buzzer: number | null;
}

export class Coil implements Switch {
  readonly number: number;
  #isWanted = false;
  /** As it was written or read last; null: never. */
  #isOn: boolean | null = null;
  #knownMs = 0;

  constructor(number: number) {
    this.number = number;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  set(isOn: boolean): void {
    this.#isWanted = isOn;
  }

  get isPending(): boolean {
    return this.#isOn !== this.#isWanted;
  }

  isDue(nowMs: number): boolean {
    return this.isPending || nowMs - this.#knownMs >= assertEveryMs;
  }

  /** It has been written, or read. */
  is(isOn: boolean, nowMs: number): void {
    this.#isOn = isOn;
    this.#knownMs = nowMs;
  }
}

/** The outputs of one module, and the guard's lamp and buzzer on them. */
export class Coils {
  readonly all: readonly Coil[];
  readonly indicator: Switches;

  constructor({ lamp, buzzer }: ModuleOutputs, clock: Clock) {
    const lights = Object.entries(lamp ?? {}).flatMap(([light, number]) =>
      number === undefined ? [] : [[light, new Coil(number)] as const],
    );
    const sound = buzzer === null ? null : new Coil(buzzer);
    this.all = [...lights.map(([, coil]) => coil), ...(sound ? [sound] : [])];
    this.indicator = new Switches({ lamp: Object.fromEntries(lights), buzzer: sound, clock });
  }

  /** What is wanted otherwise than it is goes before what is only told again. */
  next(nowMs: number): Coil | null {
    const due = this.all.filter((coil) => coil.isDue(nowMs));
    return due.find((coil) => coil.isPending) ?? due[0] ?? null;
  }
}
