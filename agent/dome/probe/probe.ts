// Finds out how a dome switches its things, by trying: one way after another, on and off again, with
// whatever proof a machine can have and the word of who stands before it. What was switched on is
// switched off, however the try ends.

import type { Credentials } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { asDomeError, type DomeError } from '../error.ts';
import { perform } from '../perform.ts';
import {
  type DomeFunction,
  functions,
  nameOf,
  type Profile,
  type Proof,
  type Recipe,
} from '../profile.ts';
import type { Reach } from '../reach.ts';
import type { Abilities } from './abilities.ts';
import { candidatesFor, isContact } from './candidates.ts';
import { presetFor } from './names.ts';
import { Eyes, type Picture, showsRedAndBlue } from './pictures.ts';
import { RelayEvents } from './relay-events.ts';

export interface Question {
  readonly what: DomeFunction;
  readonly recipe: Recipe;
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

export interface Try {
  readonly what: DomeFunction;
  readonly recipe: string;
  readonly outcome: 'works' | 'not-seen' | 'refused' | 'stays-on';
  readonly detail: string;
}

export interface ProbeOptions {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly ca: string | null;
  readonly abilities: Abilities;
  /** Of its make. */
  readonly maker: Profile | null;
  readonly ask: (question: Question) => Promise<Answer>;
  readonly told?: (one: Try) => void;
  readonly only?: readonly DomeFunction[];
}

export interface Probed {
  readonly abilities: Abilities;
  readonly recipes: { readonly [what in DomeFunction]: readonly Recipe[] };
  readonly preset: Profile['preset'];
  readonly tries: readonly Try[];
}

/** Fallbacks beyond are nobody's help. */
const recipesEnough = 3;
const callMs = 5000;
const looks = { before: 4, after: 9 } as const;

/** Rejects with a `DomeError` where the dome is lost meanwhile. */
export async function probe(reach: Reach, options: ProbeOptions): Promise<Probed> {
  const { abilities, maker, only = functions } = options;
  const bench = new Bench(reach, options);
  const recipes: Record<DomeFunction, Recipe[]> = {
    ...{ strobe: [], siren: [], tracking: [], wiper: [], light: [], dayNight: [] },
  };
  const known = new Set<string>();
  for (const what of functions) {
    if (!only.includes(what)) continue;
    for (const candidate of candidatesFor(what, abilities, maker)) {
      if (recipes[what].length >= recipesEnough) break;
      // What switches one thing is not asked about another.
      if (known.has(keyOf(candidate))) continue;
      const recipe = await bench.attempt(what, candidate);
      if (recipe) recipes[what].push(recipe);
    }
    for (const recipe of recipes[what]) known.add(keyOf(recipe));
  }
  const { presets } = abilities;
  const preset = { alarm: presetFor('alarm', presets), guard: presetFor('guard', presets) };
  return { abilities, recipes, preset, tries: bench.tries };
}

/** What it sends, whatever is known about it. */
const keyOf = ({ source: _, proven: __, ...sent }: Recipe): string =>
  JSON.stringify({ ...sent, verify: null });

class Bench {
  readonly #reach: Reach;
  readonly #options: ProbeOptions;
  readonly #eyes: Eyes;
  readonly #relays: RelayEvents;
  #dark: readonly Picture[] | null = null;
  readonly tries: Try[] = [];

  constructor(reach: Reach, options: ProbeOptions) {
    const { clock, credentials, ca, abilities } = options;
    this.#reach = reach;
    this.#options = options;
    this.#eyes = new Eyes({ url: abilities.streams.snapshot, clock, credentials, ca });
    this.#relays = new RelayEvents(reach);
  }

  /** The recipe as it goes into the profile; null where it is no good. */
  async attempt(what: DomeFunction, candidate: Recipe): Promise<Recipe | null> {
    if (what === 'strobe') this.#dark ??= await this.#eyes.look(looks.before);
    if (candidate.kind === 'relay') await this.#relays.heard(0);
    const lit = await this.#switchOn(what, candidate);
    if (!lit) return null;
    const { recipe, verified } = lit;
    const proofs = await this.#proofs(what, recipe, verified);
    const proven = suffices(proofs, recipe);
    const answer = await this.#options.ask({ what, recipe, on: true, proofs, proven });
    const trouble = await this.#switchOff(recipe);
    if (!answer.yes) return this.#told(what, recipe, 'not-seen', proofs.join(', '));
    if (trouble !== null) return this.#told(what, recipe, 'stays-on', trouble);
    if (answer.person && !stopsByItself(recipe)) {
      const gone = await this.#options.ask({ what, recipe, on: false, proofs, proven });
      if (!gone.yes) return this.#told(what, recipe, 'stays-on', 'it was still on');
    }
    const all: Proof[] = [...(answer.person ? (['person'] as const) : []), ...proofs];
    this.#told(what, recipe, 'works', all.join(', '));
    return all.length > 0 ? { ...recipe, proven: all } : recipe;
  }

  /** A dome whose answer to `verify` is another than ours may switch all the same: then without it. */
  async #switchOn(what: DomeFunction, candidate: Recipe) {
    const on = (recipe: Recipe) => perform(this.#reach, recipe, true, { deadlineMs: callMs });
    try {
      return { recipe: candidate, verified: await on(candidate) };
    } catch (error) {
      const failure = endsHere(error, candidate);
      if (failure.kind === 'unverified' && candidate.kind === 'http') {
        const { verify: _, ...recipe } = candidate;
        return { recipe, verified: false };
      }
      this.#told(what, candidate, 'refused', failure.message);
      // It may have done it all the same.
      if (failure.kind !== 'fault' && failure.kind !== 'http') await this.#switchOff(candidate);
      return null;
    }
  }

  /** Null, or why it could not be switched off. */
  async #switchOff(recipe: Recipe): Promise<string | null> {
    let trouble = '';
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        await perform(this.#reach, recipe, false, { deadlineMs: callMs });
        return null;
      } catch (error) {
        trouble = endsHere(error, recipe).message;
      }
    }
    return trouble;
  }

  async #proofs(what: DomeFunction, recipe: Recipe, verified: boolean): Promise<Proof[]> {
    const proofs: Proof[] = verified ? ['read-back'] : [];
    if (recipe.kind === 'relay') {
      const heard = await this.#relays.heard(1);
      const active = recipe.activeState === 'active';
      if (heard.findLast(({ token }) => token === recipe.token)?.active === active)
        proofs.push('relay-event');
    }
    if (what === 'strobe') {
      const lit = await this.#eyes.look(looks.after);
      if (showsRedAndBlue(this.#dark ?? [], lit)) proofs.push('picture');
    }
    return proofs;
  }

  #told(what: DomeFunction, recipe: Recipe, outcome: Try['outcome'], detail: string): null {
    const one: Try = { what, recipe: nameOf(recipe), outcome, detail };
    this.tries.push(one);
    this.#options.told?.(one);
    return null;
  }
}

/** A picture shows the thing itself; a status does, unless it is that of a bare contact. */
const suffices = (proofs: readonly Proof[], recipe: Recipe): boolean =>
  proofs.includes('picture') || (proofs.includes('read-back') && !isContact(recipe));

const stopsByItself = (recipe: Recipe): boolean => recipe.kind === 'http' && recipe.off === null;

/** The recipe's own failure; the dome's is thrown on. */
function endsHere(error: unknown, { kind }: Recipe): DomeError {
  const failure = asDomeError(error);
  // The maker's own HTTP may have users of its own.
  const isRefused = failure.kind === 'unauthorized' && kind !== 'http';
  if (failure.kind === 'unreachable' || isRefused) throw failure;
  return failure;
}
