// A probe of a simulated dome, by somebody who stands before it: every answer is the simulator's own state,
// and so is the judgement of the profile that comes out.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { perform } from '#agent/dome/perform.ts';
import { askAbilities } from '#agent/dome/probe/abilities.ts';
import { makerOf } from '#agent/dome/probe/candidates.ts';
import { type Probed, probe } from '#agent/dome/probe/probe.ts';
import type { Witness } from '#agent/dome/probe/witness.ts';
import { profileText } from '#agent/dome/probe/write.ts';
import { type DomeFunction, functions, type Profile, parseProfile } from '#agent/dome/profile.ts';
import { type Reach, reach } from '#agent/dome/reach.ts';
import { actuatorNames } from '#agent/sim/dome/actuators.ts';
import type { SimDome } from '#agent/sim/dome/dome.ts';
import { type Seeded, seeded, startSeeded } from '#agent/sim/dome/seed.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';

const clock = systemClock();
export const credentials = { username: 'admin', password: 'secret' };
const domes = join(import.meta.dirname, '../../config/domes');

export const readyProfile = (manufacturer: string): Profile | null => {
  const maker = makerOf(manufacturer);
  if (maker === null) return null;
  return parseProfile(readFileSync(join(domes, `${maker}.yaml`), 'utf8'), maker);
};

/** Whether it is on, as the simulator knows it. */
export const isOn = (sim: SimDome, what: DomeFunction): boolean =>
  what === 'dayNight' ? sim.imaging.irCutFilter === 'ON' : sim.actuators[what];

const tokens = { guard: '1', alarm: '2' } as const;

/** Eyes and ears, and who knows which preset is which; one that is missing is stored or not. */
export const person = (sim: SimDome, stores = false): Witness => ({
  isPerson: true,
  ask: async ({ what, on }) => ({ yes: isOn(sim, what) === on, person: true }),
  place: async ({ what, places }) =>
    places.find(({ token }) => token === tokens[what]) ?? (stores ? 'here' : null),
  looks: async (_, { token }, arrived) => {
    const { pan, tilt } = sim.motion.position;
    const place = sim.presets.at(token);
    const isThere = place && Math.hypot(place.pan - pan, place.tilt - tilt) < 0.05;
    return arrived === true && isThere === true;
  },
  walk: () => {},
});

export const reachOf = (sim: SimDome): Promise<Reach> =>
  reach({ url: sim.url, credentials, ca: null, clock });

export async function probeSim(
  sim: SimDome,
  witness: Witness,
): Promise<{ probed: Probed; text: string }> {
  const there = await reachOf(sim);
  try {
    const abilities = await askAbilities(there);
    const maker = readyProfile(abilities.device.manufacturer);
    const probed = await probe(there, { clock, credentials, ca: null, abilities, maker, witness });
    return { probed, text: profileText(probed, 'test') };
  } finally {
    there.close();
  }
}

/** What is wrong with a profile, one sentence each; none: it is right. */
export async function judge(sim: SimDome, one: Seeded, profile: Profile): Promise<string[]> {
  const wrong: string[] = [];
  const there = await reachOf(sim);
  try {
    await there.soap
      .measureClock({ deadlineMs: 4000, anonymous: true })
      .catch((error: Error) => error);
    await there.ptz.learn(4000).catch((error: Error) => error);
    for (const what of functions) {
      const own = what === 'dayNight' ? one.dayNight : one.ways[what];
      // Where it has no way of its own, the agent follows with what it sees.
      const follows = what === 'tracking' && own.length === 0 && one.options.analytics;
      const ways = follows ? ['agent'] : own;
      const recipes = profile[what];
      if (recipes.length > 0 !== ways.length > 0)
        wrong.push(
          `${what}: ${recipes.length} recipes, and in truth by ${ways.join() || 'nothing'}`,
        );
      if (profile.cannot.includes(what) !== (recipes.length === 0))
        wrong.push(`${what}: what it cannot says otherwise`);
      for (const recipe of recipes) {
        if (recipe.kind === 'agent' && !follows) wrong.push('tracking: by the agent, without need');
        if (recipe.kind === 'agent') continue;
        const others = actuatorNames.filter((name) => name !== what && isOn(sim, name));
        await perform(there, recipe, true, { deadlineMs: 4000 });
        if (!isOn(sim, what)) wrong.push(`${what}: not on by ${JSON.stringify(recipe)}`);
        const more = actuatorNames.filter((name) => name !== what && isOn(sim, name));
        if (more.join() !== others.join()) wrong.push(`${what}: switches ${more.join()}, too`);
        await perform(there, recipe, false, { deadlineMs: 4000 });
        if (recipe.kind === 'http' && recipe.off === null) await silent(sim);
        if (isOn(sim, what)) wrong.push(`${what}: not off by ${JSON.stringify(recipe)}`);
      }
    }
  } finally {
    there.close();
  }
  return wrong;
}

const silent = (sim: SimDome) =>
  until(() => !sim.actuators.siren, { withinMs: 20_000, what: 'the siren to stop by itself' });

/** Nobody learns anything from waiting for a slow head. */
export const brisk = { panPerSecond: 4, tiltPerSecond: 4, zoomPerSecond: 4 };

/** Probes the dome of a seed and judges what came of it. */
export async function probeSeed(seed: number): Promise<string[]> {
  const one = seeded(seed);
  const sim = await startSeeded(one, { sirenStopsMs: 3000, motion: brisk });
  try {
    const stores = seed % 2 === 0;
    const { text } = await probeSim(sim, person(sim, stores));
    const left = [...functions].filter((what) => isOn(sim, what) && what !== 'siren');
    const profile = parseProfile(text, `seed ${seed}`);
    const dark = left.map((what) => `${what} was left on`);
    return [
      ...dark,
      ...(await judge(sim, one, profile)),
      ...presetsWrong({ sim, one, stores }, profile),
    ];
  } finally {
    await sim.close();
  }
}

interface Probing {
  readonly sim: SimDome;
  readonly one: Seeded;
  readonly stores: boolean;
}

function presetsWrong({ sim, one, stores }: Probing, { preset }: Profile): string[] {
  const { offers = [], presets = [] } = one.options;
  return (['guard', 'alarm'] as const).flatMap((what) => {
    const had = presets.find(({ token }) => token === tokens[what]);
    const stored = sim.presets.all.find(({ name }) => name === `gate ${what}`)?.token;
    const truth = had?.token ?? (stores ? stored : null);
    const wanted = offers.includes('ptz') ? truth : null;
    return preset[what] === wanted
      ? []
      : [`${what} preset ${preset[what]}, and in truth ${wanted}`];
  });
}
