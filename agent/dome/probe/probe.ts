// Finds out how a dome switches its things, by trying: where it looks first, so that everything is seen from
// there; then for each thing one way after another (bench.ts); and the agent's following where the dome has
// none. It is left dark, at the place of its rest.

import type { Credentials } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import {
  type DomeFunction,
  type Following,
  functions,
  type Profile,
  type Recipe,
} from '../profile.ts';
import type { Reach } from '../reach.ts';
import type { Abilities } from './abilities.ts';
import { Bench } from './bench.ts';
import { candidatesFor, isContact, reversedRelays } from './candidates.ts';
import { Places } from './places.ts';
import type { Try, Witness } from './witness.ts';

export interface ProbeOptions {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly ca: string | null;
  readonly abilities: Abilities;
  /** Of its make. */
  readonly maker: Profile | null;
  readonly witness: Witness;
  readonly told?: (one: Try) => void;
  /** What comes next, and how many ways there are. */
  readonly begins?: (what: DomeFunction, ways: number) => void;
  /** Nothing is switched, and it is turned nowhere. */
  readonly asksOnly?: boolean;
}

type Recipes = Readonly<Record<DomeFunction, Following[]>>;

export interface Probed {
  readonly abilities: Abilities;
  readonly recipes: { readonly [what in DomeFunction]: readonly Following[] };
  readonly preset: Profile['preset'];
  readonly tries: readonly Try[];
  /** By a person. */
  readonly attended: boolean;
}

/** Fallbacks beyond are nobody's help. */
const recipesEnough = 3;

/** Rejects with a `DomeError` where the dome is lost meanwhile. */
export async function probe(reach: Reach, options: ProbeOptions): Promise<Probed> {
  const { abilities, clock, witness, asksOnly = false } = options;
  const recipes: Recipes = {
    ...{ strobe: [], siren: [], tracking: [], wiper: [], light: [], dayNight: [] },
  };
  const attended = witness.isPerson;
  if (asksOnly)
    return { abilities, recipes, attended, preset: Places.named(abilities.presets), tries: [] };
  const bench = new Bench(reach, options);
  const places = new Places(reach, { clock, witness, tell: (one) => bench.tell(one) });
  const preset = abilities.moves ? await places.find() : { alarm: null, guard: null };
  await tryAll(bench, options, recipes);
  const canFollow = abilities.moves && abilities.tellsWhatItSees;
  const following = canFollow && recipes.tracking.length === 0 ? await bench.follow() : null;
  if (following) recipes.tracking.push(following);
  await places.leaveAt(preset.guard ?? preset.alarm);
  return { abilities, recipes, attended, preset, tries: bench.tries };
}

async function tryAll(bench: Bench, options: ProbeOptions, recipes: Recipes): Promise<void> {
  const { abilities, maker, begins } = options;
  // What switches one thing is not asked about another.
  const known = new Set<string>();
  for (const what of functions) {
    const usual = candidatesFor(what, abilities, maker);
    begins?.(what, usual.length);
    const tryEach = async (candidates: readonly Recipe[]) => {
      for (const candidate of candidates) {
        if (recipes[what].length >= recipesEnough) break;
        if (known.has(keyOf(candidate))) continue;
        const recipe = await bench.attempt(what, candidate);
        if (recipe) known.add(keyOf(recipe));
        if (recipe) recipes[what].push(recipe);
        else if (isContact(candidate)) await bench.rest(Object.values(recipes).flat());
      }
    };
    await tryEach(usual);
    if (recipes[what].length === 0) await tryEach(reversedRelays(what, abilities));
  }
}

/** What it sends, whatever is known about it; a relay is one thing, whichever way round. */
function keyOf(recipe: Recipe): string {
  if (recipe.kind === 'relay') return `relay ${recipe.token}`;
  const { source: _, proven: __, ...sent } = recipe;
  return JSON.stringify({ ...sent, verify: null });
}
