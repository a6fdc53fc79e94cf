// What is wrong with the dome, told once, each in one sentence: what, why, what to do about it.
// A dome that is lost or refuses us has one fault and not four: what light, siren and preset cannot do
// meanwhile is no news. So a part's trouble is told when the link was looked at since, and found good.

import type { Fact } from '../core/fact.ts';
import type { DomeError, DomeErrorKind } from './error.ts';

export type Part =
  | 'strobe'
  | 'siren'
  | 'day-night'
  | 'tracking'
  | 'events'
  | 'clock'
  | 'preset'
  | 'stick';
export type Whole = 'lost' | 'unauthorized';

export interface TroubleParts {
  readonly emit: (fact: Fact) => void;
  /** Asks for a look at the link; `looked` follows when it is good. */
  readonly look: () => void;
}

export class Troubles {
  readonly #parts: TroubleParts;
  readonly #told = new Set<Part | Whole>();
  readonly #waiting = new Map<Part, string>();

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  /** What one part cannot do; null: it can again. */
  part(name: Part, detail: string | null): void {
    this.#waiting.delete(name);
    if (detail === null) this.#tell(name, null);
    else if (!this.#told.has(name) && !this.#isWhole()) {
      this.#waiting.set(name, detail);
      this.#parts.look();
    }
  }

  whole(name: Whole, detail: string | null): void {
    this.#tell(name, detail);
    if (detail !== null) this.#waiting.clear();
  }

  /** The dome was asked and is well: what a part cannot do is its own trouble. */
  looked(): void {
    if (!this.#isWhole()) for (const [name, detail] of this.#waiting) this.#tell(name, detail);
    this.#waiting.clear();
  }

  #isWhole(): boolean {
    return this.#told.has('lost') || this.#told.has('unauthorized');
  }

  /** Wording that changes from retry to retry is no news. */
  #tell(name: Part | Whole, detail: string | null): void {
    if (this.#told.has(name) === (detail !== null)) return;
    const fault = `dome.${name}`;
    if (detail === null) {
      this.#told.delete(name);
      this.#parts.emit({ kind: 'fault.cleared', fault });
    } else {
      this.#told.add(name);
      this.#parts.emit({ kind: 'fault.raised', fault, detail });
    }
  }
}

const looks = "see that the address is the dome's and that ONVIF is switched on, then restart it";
const restart = 'restart it; if it happens again, its firmware or the dome is to be replaced';
const sayings: { readonly [kind in DomeErrorKind]?: readonly [what: string, todo: string] } = {
  unreachable: ['the dome cannot be reached', 'check its power, its cable and its address'],
  broken: ['the dome ends the connection before its answer is whole', restart],
  timeout: ['the dome takes the connection and does not answer', restart],
  'too-large': ['the dome answers without end', restart],
  malformed: ['what the dome answers is not ONVIF', looks],
  'wrong-reply': ['the dome answers something else than it was asked', restart],
};

/** Why a dome is lost, as a person on the spot is told. */
export function lostSentence(failure: DomeError): string {
  const [what, todo] = sayings[failure.kind] ?? ['the dome answers and does not serve us', looks];
  return `${what} (${failure.message}); ${todo}`;
}
