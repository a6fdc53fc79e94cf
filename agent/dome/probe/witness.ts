// Who says what came of a try: a person before the dome, or nobody, and what was said beforehand stands.

import type { DomeFunction, Following, Proof } from '../profile.ts';
import type { Place } from './names.ts';

export interface Question {
  readonly what: DomeFunction;
  readonly recipe: Following;
  /** It has just been switched on, or off. */
  readonly on: boolean;
  /** What a machine has seen of it; the dome's own yes is no proof. */
  readonly proofs: readonly Proof[];
  /** The proofs suffice without a person. */
  readonly proven: boolean;
}

/** `person`: eyes and ears said so. */
export interface Answer {
  readonly yes: boolean;
  readonly person: boolean;
}

/** `alarm`: where it looks in an alarm; `guard`: where it rests. */
export type PlaceName = 'alarm' | 'guard';

export interface PlaceQuestion {
  readonly what: PlaceName;
  readonly places: readonly Place[];
  /** By its name. */
  readonly suggested: Place | null;
}

/** `here`: where it looks now is to be stored for this; null: there is none. */
export type PlaceAnswer = Place | 'here' | null;

export interface Witness {
  /** Somebody stands before the dome: asked again, waited for. */
  readonly isPerson: boolean;
  ask(question: Question): Promise<Answer>;
  place(question: PlaceQuestion): Promise<PlaceAnswer>;
  /** It was sent there. `arrived`: read back; null: it does not tell where it looks. */
  looks(what: PlaceName, place: Place, arrived: boolean | null): Promise<boolean>;
  /** For so long it is watched whether the dome sees anybody. */
  walk(seconds: number): void;
}

export interface Try {
  readonly what: DomeFunction | `${PlaceName} preset`;
  readonly recipe: string;
  readonly outcome: 'works' | 'not-seen' | 'refused' | 'stays-on';
  readonly detail: string;
}
