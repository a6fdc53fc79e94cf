// One alarm at a dome that does all it can, from the press to the last resolution, in the simulator's own
// state: siren said again where it stops by itself, a reboot in the middle, everything off and as it was.

import { expect, test } from 'vitest';
import {
  asked,
  ears,
  opened,
  pass,
  patient,
  soon,
  speed,
} from '#test/contract/dome-quirks-bench.ts';
import { until } from '#test/support/wait.ts';
import { alarm, dark, recipes } from './support.ts';

test('an alarm, a reboot in its middle, and its end', patient, async (context) => {
  const profile = {
    ...{ strobe: [recipes.coaxial, recipes.relay], siren: [recipes.clip] },
    ...{ dayNight: [recipes.picture], tracking: [recipes.track] },
  };
  const one = await opened(context, {
    ...{ profile, dome: { ears } },
    sim: { auth: 'digest', sirenStopsMs: 6000 / speed },
  });
  const { sim } = one;
  const { actuators, imaging, motion, presets } = sim;
  const at = (token: string) => () =>
    actuators.preset === token && motion.position.pan === presets.at(token)?.pan;
  const isAll = () =>
    actuators.strobe && actuators.siren && actuators.tracking && imaging.irCutFilter === 'ON';
  await until(at('1'), soon('the guard preset'));

  one.dome.want(alarm);
  await until(() => isAll() && at('2')(), soon('all that it can'));
  const changesOf = (what: string) => actuators.history.filter((change) => change.what === what);
  const followed = changesOf('tracking').length;
  // It stops by itself after 6 s, and is said again every 4.
  await pass(one, 14);
  expect(changesOf('siren')).toHaveLength(1);
  expect(actuators.siren).toBe(true);
  expect(changesOf('tracking')).toHaveLength(followed);

  await sim.down({ forget: true });
  imaging.irCutFilter = 'AUTO';
  motion.absolute({ pan: -0.9, tilt: 0.5 });
  await pass(one, 4);
  expect(actuators).toMatchObject({ strobe: false, siren: false, tracking: false });
  await sim.up();
  await until(() => isAll() && at('2')(), soon('all of it again'));

  one.forgetLog();
  one.dome.want(dark);
  const isDark = () => !actuators.strobe && !actuators.siren && !actuators.tracking;
  await until(() => isDark() && imaging.irCutFilter === 'AUTO', soon('everything off'));
  await until(at('1'), soon('the guard preset'));
  const turns = actuators.history.filter(({ what }) => what === 'preset' || what === 'tracking');
  expect(turns.at(-1)).toMatchObject({ what: 'preset', on: '1' });
  // Off is looked at, where it can be.
  const looks = () => sim.log.findIndex(({ what }) => what.includes('getStatus'));
  await until(() => looks() > 0, soon('a look whether it is off'));
  expect(asked(one, 'GetPlayingAudioClips').length).toBeGreaterThan(0);
  expect(asked(one, 'GetImagingSettings').length).toBeGreaterThan(0);
  await pass(one, 12);
  expect(isDark() && at('1')() && imaging.irCutFilter === 'AUTO').toBe(true);
  expect(one.facts.faults.replaceAll(/[+-]dome\.(lost|events) ?/g, '')).toBe('');
});
