// The guard's lamp and buzzer on switches, lines of this machine or outputs of a module: one light or
// several, and every pattern told by rhythm, so that a lamp of one colour tells them all.

import type { Clock, Indicator } from '../ports.ts';
import { buzzerScore, dark, lampScore, Player, type Sign } from './player.ts';

export const lights = { red: 'R', amber: 'Y', green: 'G', blue: 'B', white: 'W' } as const;
export type Light = keyof typeof lights;

/** Turns one light or sound on and off. */
export interface Switch {
  set(isOn: boolean): void;
}

export interface SwitchesParts {
  readonly lamp: { readonly [L in Light]?: Switch };
  readonly buzzer: Switch | null;
  readonly clock: Clock;
}

export class Switches implements Indicator {
  readonly #lamp: readonly (readonly [sign: Sign, light: Switch])[];
  readonly #lampPlayer: Player;
  readonly #buzzerPlayer: Player;
  #shown = { lamp: '', buzzer: '' };
  #isClosed = false;

  constructor({ lamp, buzzer, clock }: SwitchesParts) {
    this.#lamp = Object.entries(lights).flatMap(([light, sign]) => {
      const one = lamp[light as Light];
      return one ? [[sign, one] as const] : [];
    });
    this.#lampPlayer = new Player(clock, (sign) => this.#light(sign));
    this.#buzzerPlayer = new Player(clock, (sign) => buzzer?.set(sign !== dark));
  }

  open(): void {
    this.#isClosed = false;
  }

  /** The same again changes nothing: neither restarts, and the lamp may change beneath a sound. */
  show(signal: { readonly lamp: string; readonly buzzer: string }): void {
    if (this.#isClosed) return;
    const { lamp, buzzer } = this.#shown;
    this.#shown = { ...signal };
    if (signal.lamp !== lamp) this.#lampPlayer.play(lampScore(signal.lamp));
    if (signal.buzzer !== buzzer) this.#buzzerPlayer.play(buzzerScore(signal.buzzer));
  }

  /** Dark and silent. */
  close(): void {
    this.#isClosed = true;
    this.#shown = { lamp: '', buzzer: '' };
    this.#lampPlayer.stop();
    this.#buzzerPlayer.stop();
  }

  /** A colour that this lamp lacks lights all it has. */
  #light(sign: Sign): void {
    const hasIt = this.#lamp.some(([own]) => own === sign);
    for (const [own, one] of this.#lamp) one.set(sign !== dark && (own === sign || !hasIt));
  }
}
