// The dome's contract on the fake and on the real driver, with each way to prove who we are and with
// a dome that is wired to its relays or has a light of its own.

import { type BenchOptions, bench, Facts, quickClock, recipes } from '#test/dome/support.ts';
import { FakeDome } from '#test/fakes/dome.ts';
import { type DomeRig, domeSuite } from './dome.suite.ts';

domeSuite('fake', async () => {
  const clock = quickClock();
  const dome = new FakeDome(clock);
  return {
    dome,
    facts: new Facts(),
    look: () => ({ ...dome.actuators }),
    standsAt: () => dome.standsAt,
    strobeChanges: () => dome.history.filter(({ what }) => what === 'strobe').length,
    meddle: (what) => Object.assign(dome.actuators, what),
    withoutEffect: (commands) => {
      dome.withoutEffect = commands;
    },
    async lose({ forget }) {
      if (forget) dome.forget();
      dome.lose();
    },
    restore: async () => dome.restore(),
    nowMs: () => clock.now().monoMs,
    close: () => dome.close(),
  };
});

const names: { readonly [token: string]: string } = { '1': 'guard', '2': 'alarm' };

async function real(options: BenchOptions, latencyMs = 0): Promise<DomeRig> {
  const { sim, dome, facts, clock, close } = await bench(options);
  const { actuators } = sim;
  sim.quirks.latencyMs = latencyMs;
  return {
    dome,
    facts,
    look: () => ({
      strobe: actuators.strobe,
      siren: actuators.siren,
      preset: names[actuators.preset] ?? actuators.preset,
    }),
    standsAt: () => (sim.motion.stillSinceMs === null ? null : sim.motion.position.pan),
    strobeChanges: () => actuators.history.filter(({ what }) => what === 'strobe').length,
    meddle({ strobe, preset }) {
      if (strobe !== undefined) actuators.set('strobe', strobe);
      if (preset !== undefined) actuators.goto(preset);
    },
    withoutEffect: (commands) => {
      sim.quirks.withoutEffect = commands;
    },
    lose: ({ forget }) => sim.down({ forget }),
    restore: () => sim.up(),
    nowMs: () => clock.now().monoMs,
    close,
  };
}

domeSuite('relays, UsernameToken', () => real({ sim: { auth: 'token' } }));
domeSuite('light of its own, digest, a slow dome', async () => {
  const sim = { auth: 'digest', algorithms: ['MD5'] } as const;
  return real({ sim, profile: { strobe: [recipes.coaxial, recipes.ptz] } }, 15);
});
