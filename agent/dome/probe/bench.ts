// One try of one way: switched on, looked at, switched off again, with whatever proof a machine can have and
// the word of who stands there. What was switched on is switched off, however the try ends; a relay that was
// of no use is put back as it was found.

import { asDomeError, type DomeError } from '../error.ts';
import { setRelayOutputState } from '../operations.ts';
import { perform } from '../perform.ts';
import { type DomeFunction, type Following, nameOf, type Proof, type Recipe } from '../profile.ts';
import type { Reach } from '../reach.ts';
import { isContact } from './candidates.ts';
import { Eyes, isBrighter, type Picture, showsRedAndBlue } from './pictures.ts';
import type { ProbeOptions } from './probe.ts';
import { RelayEvents } from './relay-events.ts';
import { look } from './sight.ts';
import type { Try } from './witness.ts';

const callMs = 5000;
const looks = { before: 4, after: 9, light: 2 } as const;
/** Somebody walks past; or whatever there is to see. */
const sightS = { person: 30, nobody: 8 } as const;

export class Bench {
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
    const found = await this.#attempt(what, candidate);
    if (!found && candidate.kind === 'relay') await this.#putBack(candidate.token);
    return found;
  }

  /** The agent's own following, with what the dome's analytics see. */
  async follow(): Promise<Following | null> {
    const { clock, credentials, witness } = this.#options;
    const { isPerson } = witness;
    const recipe: Following = {
      ...({ kind: 'agent', rate: 0.5, repeatEveryS: 30 } as const),
      source: 'ONVIF metadata stream, boxes of its analytics',
    };
    const waitS = isPerson ? sightS.person : sightS.nobody;
    if (isPerson) witness.walk(waitS);
    try {
      const { pictures, objects } = await look(this.#reach, {
        ...{ clock, credentials, waitMs: waitS * 1000 },
        // Nobody may walk there while nobody probes: that its analytics speak is all there is to see.
        enough: (sight) => (isPerson ? sight.objects > 0 : sight.pictures > 0),
      });
      const proven = isPerson ? objects > 0 : pictures > 0;
      const proofs: Proof[] = proven ? ['boxes'] : [];
      const asked = { what: 'tracking', recipe, on: true, proofs, proven } as const;
      const answer = isPerson ? { yes: proven } : await witness.ask(asked);
      const seen = `pictures told: ${pictures}, boxes in them: ${objects}`;
      this.#told('tracking', recipe, answer.yes ? 'works' : 'not-seen', seen);
      if (!answer.yes) return null;
      return proven ? { ...recipe, proven: proofs } : recipe;
    } catch (error) {
      return this.#told('tracking', recipe, 'refused', endsHere(error, recipe).message);
    }
  }

  /** Says off to what is known to work: another way to the same contact may have moved it. */
  async rest(recipes: readonly Following[]): Promise<void> {
    for (const recipe of recipes) if (recipe.kind !== 'agent') await this.#switchOff(recipe);
  }

  tell(one: Try): void {
    this.tries.push(one);
    this.#options.told?.(one);
  }

  async #attempt(what: DomeFunction, candidate: Recipe): Promise<Recipe | null> {
    if (candidate.kind === 'relay') await this.#relays.heard(0);
    const before = await this.#before(what, candidate);
    const lit = await this.#switchOn(what, candidate);
    if (!lit) return null;
    const { recipe, verified } = lit;
    const proofs = await this.#proofs(what, recipe, { verified, before });
    const proven = suffices(proofs, recipe);
    const { witness } = this.#options;
    const answer = await witness.ask({ what, recipe, on: true, proofs, proven });
    const trouble = await this.#switchOff(recipe);
    if (!answer.yes) return this.#told(what, recipe, 'not-seen', proofs.join(', '));
    if (trouble !== null) return this.#told(what, recipe, 'stays-on', trouble);
    if (answer.person && !stopsByItself(recipe)) {
      const gone = await witness.ask({ what, recipe, on: false, proofs, proven });
      if (!gone.yes) return this.#told(what, recipe, 'stays-on', 'it was still on');
    }
    const all: Proof[] = [...(answer.person ? (['person'] as const) : []), ...proofs];
    this.#told(what, recipe, 'works', all.join(', '));
    return all.length > 0 ? { ...recipe, proven: all } : recipe;
  }

  /** How it looks while it is off; what is lit at rest is switched off for that. */
  async #before(what: DomeFunction, candidate: Recipe): Promise<readonly Picture[]> {
    const isReversed = candidate.kind === 'relay' && candidate.activeState === 'inactive';
    if (isReversed) await this.#switchOff(candidate);
    if (what === 'light') return await this.#eyes.look(looks.light);
    if (what !== 'strobe') return [];
    if (isReversed) return await this.#eyes.look(looks.before);
    this.#dark ??= await this.#eyes.look(looks.before);
    return this.#dark;
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

  async #putBack(token: string): Promise<void> {
    const state = this.#relays.atFirst(token) ? 'active' : 'inactive';
    const { soap } = this.#reach;
    try {
      await soap.call(setRelayOutputState, { token, state }, { deadlineMs: callMs });
    } catch (error) {
      const failure = asDomeError(error);
      if (failure.kind === 'unreachable') throw failure;
    }
  }

  async #proofs(
    what: DomeFunction,
    recipe: Recipe,
    seen: { readonly verified: boolean; readonly before: readonly Picture[] },
  ): Promise<Proof[]> {
    const proofs: Proof[] = seen.verified ? ['read-back'] : [];
    if (recipe.kind === 'relay') {
      const heard = await this.#relays.heard(1);
      const active = recipe.activeState === 'active';
      if (heard.findLast(({ token }) => token === recipe.token)?.active === active)
        proofs.push('relay-event');
    }
    const shows =
      (what === 'strobe' && showsRedAndBlue(seen.before, await this.#eyes.look(looks.after))) ||
      (what === 'light' && isBrighter(seen.before, await this.#eyes.look(looks.light)));
    return shows ? [...proofs, 'picture'] : proofs;
  }

  #told(what: DomeFunction, recipe: Following, outcome: Try['outcome'], detail: string): null {
    this.tell({ what, recipe: nameOf(recipe), outcome, detail });
    return null;
  }
}

/** A picture shows the thing itself; a status does, unless it is that of a bare contact. */
const suffices = (proofs: readonly Proof[], recipe: Recipe): boolean =>
  proofs.includes('picture') || (proofs.includes('read-back') && !isContact(recipe));

const stopsByItself = (recipe: Recipe): boolean => recipe.kind === 'http' && recipe.off === null;

/** The recipe's own failure; the dome's is thrown on. */
function endsHere(error: unknown, { kind }: Following): DomeError {
  const failure = asDomeError(error);
  // The maker's own HTTP may have users of its own.
  const isRefused = failure.kind === 'unauthorized' && kind !== 'http';
  if (failure.kind === 'unreachable' || isRefused) throw failure;
  return failure;
}
