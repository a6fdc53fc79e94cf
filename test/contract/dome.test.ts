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
    changes: () => dome.history.map(({ what }) => what),
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

/** `moved`: it follows people until it is turned or stopped, as after MoveAndStartTracking. */
async function real(
  options: BenchOptions,
  { latencyMs = 0, moved = false } = {},
): Promise<DomeRig> {
  const { sim, dome, facts, clock, close } = await bench(options);
  const { actuators } = sim;
  sim.quirks.latencyMs = latencyMs;
  return {
    dome,
    facts,
    look: () => ({
      strobe: actuators.strobe,
      siren: actuators.siren,
      dayNight: sim.imaging.irCutFilter === 'ON',
      tracking: actuators.tracking,
      preset: names[actuators.preset] ?? actuators.preset,
    }),
    changes: () => actuators.history.map(({ what }) => what),
    standsAt: () => (sim.motion.stillSinceMs === null ? null : sim.motion.position.pan),
    strobeChanges: () => actuators.history.filter(({ what }) => what === 'strobe').length,
    meddle({ preset, ...switched }) {
      for (const what of ['strobe', 'siren', 'tracking'] as const) {
        const on = switched[what];
        if (on !== undefined) actuators.set(what, on);
      }
      if (switched.tracking && moved) sim.motion.turned = () => actuators.set('tracking', false);
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

const { coaxial, ptz, clip, following, picture, track } = recipes;

domeSuite('relays, UsernameToken', () => {
  const profile = { dayNight: [picture], tracking: [following] };
  return real({ sim: { auth: 'token' }, profile });
});
domeSuite('light of its own, a clip for a siren, digest, a slow dome', async () => {
  const sim = { auth: 'digest', algorithms: ['MD5'] } as const;
  const profile = { strobe: [coaxial, ptz], siren: [clip], dayNight: [picture], tracking: [track] };
  return real({ sim, profile }, { latencyMs: 15, moved: true });
});
