// Domes that turn in ways of their own: judged by where the simulated one looks and whether it stands.

import { describe, expect, type TestContext } from 'vitest';
import {
  type Bench,
  type BenchOptions,
  bench,
  dark,
  quickClock,
  slow,
} from '#test/dome/support.ts';
import { until } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import { asked, patient, soon, well } from './dome-quirks-bench.ts';

/** Runs on until it is stopped. */
const runaway = { motion: { ignoresTimeout: true } };

/** Connected and standing. */
async function settled(
  context: TestContext,
  options: BenchOptions = { sim: runaway },
  times = slow,
): Promise<Bench> {
  const one = await bench({ clock: quickClock(times), ...options });
  context.onTestFinished(() => one.close());
  one.dome.want(dark);
  await one.open();
  await until(() => one.facts.of('dome.streams').length > 0, soon('its streams'));
  await standing(one);
  one.forgetLog();
  return one;
}

const standing = ({ sim }: Bench) =>
  until(() => sim.motion.stillSinceMs, soon('the dome to stand'));

async function turning(one: Bench, pan: number, ms: number): Promise<void> {
  const untilMs = one.clock.now().monoMs + ms;
  one.dome.want({ ...dark, preset: null, motion: { pan, tilt: 0, zoom: 0, untilMs } });
  await until(() => one.sim.motion.stillSinceMs === null, soon('the dome to turn'));
}

/** Let go of, it stands by its own clock within two seconds. */
async function letGo(one: Bench): Promise<void> {
  const { monoMs } = one.clock.now();
  one.dome.want({ ...dark, preset: null });
  expect((await standing(one)) - monoMs).toBeLessThan(2000);
  expect(well(one)).toBe(true);
}

describe.concurrent('a move', patient, () => {
  quirk('scrypted#2124', async (context) => {
    const one = await settled(context);
    await turning(one, 0.4, 500);
    const stoodMs = await standing(one);
    expect(one.clock.now().monoMs - stoodMs).toBeLessThan(2000);
    expect(one.sim.motion.position.pan).toBeGreaterThan(0.05);
    expect(one.sim.motion.position.pan).toBeLessThan(0.5);
  });

  quirk('Timeout or Zoom rejected', async (context) => {
    const one = await settled(context);
    one.sim.quirks.refuse.push('Timeout', 'Zoom');
    await turning(one, 0.4, 500);
    await standing(one);
    one.forgetLog();
    await turning(one, -0.4, 500);
    await standing(one);
    const moves = asked(one, 'ContinuousMove');
    expect(moves.every(({ status }) => status === 200)).toBe(true);
    expect(well(one)).toBe(true);
  });

  quirk('Stop ignored', async (context) => {
    const one = await settled(context);
    one.sim.quirks.ignore.push('Stop');
    await turning(one, 0.2, 60_000);
    await letGo(one);
    expect(asked(one, 'ContinuousMove').at(-1)?.body).toContain('<t:PanTilt x="0" y="0"/>');
  });

  quirk('MoveStatus', async (context) => {
    for (const moveStatus of ['missing', 'frozen', 'word'] as const) {
      const one = await settled(context);
      one.sim.quirks.moveStatus = moveStatus;
      await turning(one, 0.2, 60_000);
      await letGo(one);
    }
  });

  quirk('GetStatus 30 s late', async (context) => {
    const one = await settled(context, { sim: runaway }, 3);
    one.sim.quirks.statusLateMs = 30_000;
    await turning(one, 0.03, 40_000);
    await until(() => one.sim.motion.position.pan > 0.48, soon('32 s of turning'));
    const { monoMs } = one.clock.now();
    one.dome.want({ ...dark, preset: null });
    await until(() => one.clock.now().monoMs - monoMs > 12_000, soon('12 s'));
    expect(one.sim.motion.stillSinceMs).not.toBeNull();
    expect(well(one)).toBe(true);
  });
});

describe.concurrent('presets', patient, () => {
  /** The token that it was sent to. */
  const sentTo = async (one: Bench, token: string) => {
    one.dome.want({ ...dark, preset: 'alarm' });
    await until(() => one.sim.actuators.preset === token, soon(`preset ${token}`));
    expect(well(one)).toBe(true);
  };

  quirk('300 empty presets', async (context) => {
    const empty = (n: number) => ({ token: `P${n}`, name: '' });
    const sim = { presets: Array.from({ length: 300 }, (_, n) => empty(n)) };
    const profile = { preset: { alarm: 'P299', guard: 'P0' } };
    const one = await settled(context, { sim, profile }, 3);
    one.sim.quirks.placelessPresets = true;
    await one.sim.reboot({ downMs: 200 });
    await sentTo(one, 'P299');
  });

  quirk('names missing', async (context) => {
    const presets = ['home', 'gate'].map((token) => ({ token, name: '' }));
    const profile = { preset: { alarm: 'gate', guard: 'home' } };
    await sentTo(await settled(context, { sim: { presets }, profile }, 3), 'gate');
  });

  quirk('name is not token', async (context) => {
    const presets = [
      { token: '1', name: '2' },
      { token: '2', name: '1' },
      { token: '7', name: 'gate' },
    ];
    const by = async (alarm: string) => {
      const profile = { preset: { alarm, guard: '1' } };
      return await settled(context, { sim: { presets }, profile }, 3);
    };
    await sentTo(await by('2'), '2');
    await sentTo(await by('gate'), '7');
  });
});
