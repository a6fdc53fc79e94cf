// What the dome switches on and off in an alarm: light, siren, the picture's settings, its tracking; each an
// actuator with the profile's recipes, and a fault of its own.

import type { Clock } from '../ports.ts';
import { Actuator } from './actuator.ts';
import type { Following, Profile } from './profile.ts';
import type { Part, Troubles } from './troubles.ts';

/** Said again no sooner: a dome that is told to follow whom it follows already may begin anew. */
const followAgainS = 30;

export interface SwitchesParts {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly perform: (recipe: Following, on: boolean, signal: AbortSignal) => Promise<boolean>;
  readonly troubles: Troubles;
}

const names = {
  strobe: ['strobe', 'the strobe'],
  siren: ['siren', 'the siren'],
  dayNight: ['day-night', 'the picture for the light'],
  tracking: ['tracking', "the dome's tracking"],
} as const satisfies { readonly [name: string]: readonly [Part, string] };
type Name = keyof typeof names;

export class Switches {
  readonly strobe: Actuator;
  readonly siren: Actuator;
  readonly dayNight: Actuator;
  readonly tracking: Actuator;

  constructor({ profile, clock, chance, perform, troubles }: SwitchesParts) {
    const actuator = (name: Name, recipes: readonly Following[]) => {
      const [part, words] = names[name];
      return new Actuator({
        ...{ recipes, clock, chance, perform },
        outcome: (trouble) =>
          troubles.part(part, trouble && `${words} ${trouble}; test it, and the dome's profile`),
      });
    };
    this.strobe = actuator('strobe', profile.strobe);
    this.siren = actuator('siren', profile.siren);
    this.dayNight = actuator('dayNight', profile.dayNight);
    const seldom = (recipe: Following): Following => ({
      ...recipe,
      repeatEveryS: Math.max(followAgainS, recipe.repeatEveryS),
    });
    this.tracking = actuator('tracking', profile.tracking.map(seldom));
  }

  get #all(): readonly Actuator[] {
    return [this.strobe, this.siren, this.dayNight, this.tracking];
  }

  /** Something is wanted on, or off is not said yet. */
  get busy(): boolean {
    return this.#all.some(({ busy }) => busy);
  }

  /** The recipes that an alarm will need first. */
  get preferred(): readonly (Following | null)[] {
    return this.#all.map(({ preferred }) => preferred);
  }

  /** All but the tracking, which has its turn when the dome looks where it should. */
  assert(fresh: boolean): void {
    for (const one of [this.strobe, this.siren, this.dayNight]) void one.assert(fresh);
  }

  close(): void {
    for (const one of this.#all) one.close();
  }
}
