// The probe finds out how a dome switches its things: ten domes from seeds, judged in the simulator's own
// state (two hundred: test:long); with nobody before it; and as a command. What is wrong: cli.test.ts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '#agent/cli.ts';
import { assumed } from '#agent/dome/person.ts';
import { functions, parseProfile } from '#agent/dome/profile.ts';
import { type SimDome, type SimDomeOptions, startDome } from '#agent/sim/dome/dome.ts';
import { seeded, startSeeded } from '#agent/sim/dome/seed.ts';
import { until } from '#test/support/wait.ts';
import { isOn, judge, probeSeed, probeSim } from './probe-support.ts';

const domes = join(import.meta.dirname, '../../config/domes');
/** Each takes a few seconds; on a busy machine a minute. */
const slow = { timeout: 180_000 };
let dir: string;
const sims: SimDome[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-probe-'));
  writeFileSync(join(dir, 'right'), 'secret\n');
});
afterEach(async () => {
  for (const sim of sims.splice(0)) await sim.close();
  rmSync(dir, { recursive: true });
});

/** Nothing to switch but what a test gives it. */
const bare = {
  ...{ deviceAuxiliary: [], ptzAuxiliary: [], presets: [], audioClips: {}, coaxial: {} },
  ...{ moveAndTrack: false, dayNight: false },
};

const dome = async (options: SimDomeOptions = {}): Promise<SimDome> => {
  const video = { main: { width: 320, height: 180 } };
  const sim = await startDome({ video, ...options });
  sims.push(sim);
  return sim;
};

describe('the profile of a dome from a seed is right', () => {
  test.each([1, 2, 3, 4, 5])('dome %i', slow, async (seed) => {
    expect(await probeSeed(seed)).toEqual([]);
  });
});

describe('with nobody before it', () => {
  test.each([2, 7])('what a machine has proven of dome %i is so', slow, async (seed) => {
    const one = seeded(seed);
    const sim = await startSeeded(one, { sirenStopsMs: 1000 });
    sims.push(sim);
    const { text, probed } = await probeSim(sim, assumed('proof'));
    const profile = parseProfile(text, 'f');
    const wrong = await judge(sim, one, profile);
    // It may have missed what only eyes can see, and says nothing that is not true.
    const missed = /: 0 recipes, and in truth|by the agent, without need/;
    expect(wrong.filter((sentence) => !missed.test(sentence))).toEqual([]);
    for (const what of functions)
      for (const { proven = [] } of profile[what])
        expect(proven.some((one) => ['picture', 'read-back', 'boxes'].includes(one))).toBe(true);
    expect(probed.tries.length).toBeGreaterThan(3);
  });

  test(
    'a strobe is seen in the snapshots, and a relay that lights nothing is not',
    slow,
    async () => {
      const sim = await dome({ ...bare, relays: { empty: null, lit: 'strobe' } });
      const { text } = await probeSim(sim, assumed('proof'));
      expect(parseProfile(text, 'f').strobe).toMatchObject([
        {
          ...{ kind: 'relay', token: 'lit', activeState: 'active' },
          proven: expect.arrayContaining(['picture', 'relay-event']),
        },
      ]);
      expect(functions.filter((what) => isOn(sim, what))).toEqual([]);
    },
  );

  test.each([true, false])(
    'a normally closed relay is found out, told or not: %j',
    slow,
    async (told) => {
      const wires = {
        relays: { empty: null, lit: 'strobe' },
        closedRelays: ['lit', 'empty'],
      } as const;
      const sim = await dome({ ...bare, ...wires, idleStateTold: told });
      expect(sim.actuators.strobe).toBe(true);
      const { text } = await probeSim(sim, assumed('proof'));
      expect(parseProfile(text, 'f').strobe).toMatchObject([
        {
          ...{ kind: 'relay', token: 'lit', activeState: 'inactive' },
          proven: expect.arrayContaining(['picture', 'relay-event']),
        },
      ]);
      expect(text).toContain(`# relay lit: ${told ? 'closed' : 'open'} at rest`);
      // Dark, and what was of no use is as it was.
      expect(sim.actuators.strobe).toBe(false);
      expect(sim.actuators.relays).toEqual(
        new Map([
          ['lit', true],
          ['empty', false],
        ]),
      );
    },
  );

  test('a lamp is seen in the picture', slow, async () => {
    const lamp = (on: boolean) =>
      ({ name: `Aux_Lighting_${on ? 'On' : 'Off'}`, actuator: 'light', on }) as const;
    const sim = await dome({ ...bare, relays: {}, ptzAuxiliary: [lamp(true), lamp(false)] });
    const { text } = await probeSim(sim, assumed('proof'));
    expect(parseProfile(text, 'f')).toMatchObject({
      light: [{ on: 'Aux_Lighting_On', proven: ['picture'] }],
      siren: [],
    });
  });

  test(
    'it follows people where the dome tells what it sees, and does not itself',
    slow,
    async () => {
      const sees = { analytics: { world: { things: [], trees: [] } } };
      const sim = await dome({ ...bare, ...sees, relays: {} });
      const { text } = await probeSim(sim, assumed('proof'));
      expect(parseProfile(text, 'f').tracking).toMatchObject([
        { kind: 'agent', proven: ['boxes'] },
      ]);
      const hangsUp = { withinMs: 10_000, what: 'it to look no more' };
      await until(() => sim.inside.analytics?.watched === false, hangsUp);
      const blind = await dome({ ...bare, relays: {} });
      const without = await probeSim(blind, assumed('yes'));
      expect(parseProfile(without.text, 'f')).toMatchObject({
        tracking: [],
        cannot: expect.arrayContaining(['tracking']),
      });
    },
  );

  test('a dome that lies has no ways', slow, async () => {
    const sim = await dome({ auth: 'none' });
    sim.turn('lies');
    const { text } = await probeSim(sim, assumed('proof'));
    expect(parseProfile(text, 'f')).toMatchObject({ strobe: [], cannot: [...functions] });
  });
});

describe('gate-agent dome probe', () => {
  const run = async (args: readonly string[], answers: string | null = null) => {
    let [out, err] = ['', ''];
    const input = new PassThrough();
    if (answers !== null) input.end(answers);
    const code = await main(['dome', ...args], {
      ...{ version: '0', parseProfile, domes: [domes], env: {}, input },
      run: async () => 1,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  };
  const login = () => ['--user', 'admin', '--password-file', join(dir, 'right')];
  const small = {
    relays: { R: 'strobe' },
    ptzAuxiliary: [],
    presets: [],
    dayNight: false,
  } as const;

  test('asks in both languages, and writes a file that the loader takes', slow, async () => {
    const sim = await dome({ ...small, deviceAuxiliary: [] });
    const file = join(dir, 'profile.yaml');
    const args = ['probe', '--address', sim.url, ...login(), '--out', file];
    const { code, out, err } = await run(args, 'n\nn\nwhat?\ny\n是\nn\n');
    expect({ code, out }).toEqual({ code: 0, out: `${file}\n` });
    expect(err).toContain('Is the red/blue light flashing? 红蓝警示灯是否在闪烁?');
    expect(err).toContain('seen in the picture 画面可见');
    expect(parseProfile(readFileSync(file, 'utf8'), file)).toMatchObject({
      strobe: [{ kind: 'relay', token: 'R', proven: ['person', 'relay-event', 'picture'] }],
      siren: [],
      cannot: ['siren', 'tracking', 'wiper', 'light', 'dayNight'],
    });
    expect(sim.actuators.strobe).toBe(false);
    const again = await run(args);
    expect(again).toMatchObject({ code: 64, err: expect.stringContaining('is there already') });
  });

  test(
    'without an answer nothing is taken for true; a strobe that is not found is no success',
    slow,
    async () => {
      const sim = await dome(small);
      const args = ['probe', '--address', sim.url, ...login(), '--json'];
      const { code, out } = await run(args, '');
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({ ok: true, cannot: [...functions] });
    },
  );

  test('--assume no switches nothing, --assume yes takes what is not refused', slow, async () => {
    const sim = await dome({ ...small, deviceAuxiliary: [] });
    const args = ['probe', '--address', sim.url, ...login(), '--assume'];
    expect((await run([...args, 'no'])).code).toBe(1);
    expect(sim.actuators.history).toEqual([]);
    const { code, out } = await run([...args, 'yes']);
    expect(code).toBe(0);
    expect(parseProfile(out, 'f').strobe).toMatchObject([{ token: 'R' }]);
  });

  test.each([
    [['probe', '--user', 'admin'], '--password-file: both'],
    [['probe', '--address', 'h'], '--user: is missing'],
    [['probe', '--address', 'h', '--assume', 'maybe'], '--assume: one of'],
    [['discover', '--range', '10.0.0.0/8'], '--range: at most 1024'],
    [['discover', '--out', 'f'], 'has no --out'],
  ])('%j is refused', async (args, sentence) => {
    const { code, err } = await run(args);
    expect(code).toBe(64);
    expect(err).toContain(sentence);
  });
});
