// From the keyboard to the light: an electrician probes a dome at the command line, what he is told goes into
// the configuration as it stands, check-config takes it, and the driver does with it what an alarm wants.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '#agent/cli.ts';
import { OnvifDome } from '#agent/dome/dome.ts';
import { assumed } from '#agent/dome/person.ts';
import { parseProfile } from '#agent/dome/profile.ts';
import { stander } from '#agent/sim/dome/analytics/walks.ts';
import { type SimDome, type SimDomeOptions, startDome } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { Electrician, type Orders } from './electrician.ts';
import { brisk, probeSim } from './probe-support.ts';
import { alarm, dark, Facts } from './support.ts';
import { selfSigned, tlsFront } from './tls-front.ts';

const minimal = join(import.meta.dirname, '../../config/gate-agent.minimal.yaml');
const slow = { timeout: 180_000 };
const waits = { withinMs: 30_000 };
const ends: (() => unknown)[] = [];
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-probe-'));
  writeFileSync(join(dir, 'password'), 'secret\n', { mode: 0o600 });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(dir, { recursive: true });
});

/** A strobe on a contact that is closed at rest, a siren on another; it sees people and follows nobody. */
const model: SimDomeOptions = {
  ...{ relays: { lamp: 'strobe', horn: 'siren' }, closedRelays: ['lamp'], deviceAuxiliary: [] },
  ...{ audioClips: {}, coaxial: {}, moveAndTrack: false, motion: brisk },
  ptzAuxiliary: [
    { name: 'tt:Wiper|On', actuator: 'wiper', on: true },
    { name: 'tt:Wiper|Off', actuator: 'wiper', on: false },
  ],
  presets: [
    { token: '7', name: '守望位' },
    { token: '3', name: 'door', position: { pan: 0.1, tilt: -0.2, zoom: 0.2 } },
    { token: '9', name: 'yard' },
  ],
  analytics: { world: { trees: [], things: [stander({ x: 5, y: 13 })] } },
  video: { main: { width: 320, height: 180 }, sub: { width: 160, height: 90 } },
};

const dome = async (options: SimDomeOptions = {}): Promise<SimDome> => {
  const sim = await startDome({ ...model, ...options });
  ends.push(() => sim.close());
  return sim;
};

async function probed(sim: SimDome, orders: Orders, url = sim.url) {
  const somebody = new Electrician(sim, orders);
  let out = '';
  const login = ['--user', 'admin', '--password-file', join(dir, 'password')];
  const file = join(dir, 'dome.yaml');
  const code = await main(['dome', 'probe', '--address', url, ...login, '--out', file], {
    ...{ version: '0', parseProfile, domes: [], env: {}, input: somebody.input },
    run: async () => 1,
    out: (text) => {
      out += text;
    },
    err: somebody.reads,
  });
  return { code, out, file, screen: somebody.screen };
}

/** What the screen says belongs into the configuration, and a terminal around it. */
function configured(screen: string): string {
  const [, yaml = ''] = /Next 下一步:[^\n]*\n((?: {2}[^\n]*\n)+)/.exec(screen) ?? [];
  const file = join(dir, 'gate-agent.yaml');
  writeFileSync(file, `${readFileSync(minimal, 'utf8')}\n${yaml.replace(/^ {2}/gm, '')}`);
  return file;
}

async function checked(file: string) {
  let said = '';
  const tell = (text: string) => {
    said += text;
  };
  const cli = { version: '0', parseProfile, env: {}, run: async () => 1, out: tell, err: tell };
  return { code: await main(['check-config', '--config', file], cli), said };
}

describe('what a person at the keyboard has found', () => {
  const sight = ['', 'n'];

  test('goes into the configuration, and drives the dome', slow, async () => {
    const sim = await dome();
    const found = await probed(sim, { guard: sight, alarm: ['4', '2'] });
    expect(found, found.screen).toMatchObject({ code: 0, out: `${found.file}\n` });
    const profile = parseProfile(readFileSync(found.file, 'utf8'), found.file);
    expect(profile).toMatchObject({
      strobe: [{ token: 'lamp', activeState: 'inactive' }],
      siren: [{ token: 'horn', activeState: 'active' }],
      tracking: [{ kind: 'agent' }],
      wiper: [{ on: 'tt:Wiper|On' }],
      dayNight: [{ kind: 'imaging' }],
      cannot: ['light'],
      preset: { guard: '7', alarm: '3' },
    });
    expect(found.screen).toContain('relay lamp (normally closed): seen by you 人工确认');
    expect(await checked(configured(found.screen))).toMatchObject({ code: 0 });

    const driver = new OnvifDome({
      ...{ url: sim.url, username: 'admin', password: 'secret', profile },
      ...{ clock: systemClock(), chance: () => 0.5, domeClock: 'follow' },
    });
    ends.push(() => driver.close());
    driver.want(alarm);
    await driver.open(new Facts());
    const { actuators, imaging } = sim;
    const { analytics } = sim.inside;
    const isOn = () => actuators.strobe && actuators.siren && imaging.irCutFilter === 'ON';
    await until(isOn, { ...waits, what: 'strobe, siren and the picture by day' });
    await until(() => actuators.preset === '3', { ...waits, what: 'the alarm preset' });
    await until(() => analytics?.watched, { ...waits, what: 'eyes on who is there' });
    const asksToMove = () => sim.log.some(({ what }) => /^(Relative|Continuous)Move$/.test(what));
    await until(asksToMove, { ...waits, what: 'its following' });
    driver.want(dark);
    const isOff = () => !actuators.strobe && !actuators.siren && imaging.irCutFilter === 'AUTO';
    await until(isOff, { ...waits, what: 'everything off' });
    await until(() => actuators.preset === '7', { ...waits, what: 'the guard preset' });
    expect(actuators.relays.get('lamp')).toBe(true);
  });

  test('a preset is stored where it looks, with leave', slow, async () => {
    const sim = await dome({ presets: [], analytics: null, relays: { lamp: 'strobe' } });
    const { code, file } = await probed(sim, { guard: ['s'], alarm: ['s'] });
    expect(code).toBe(0);
    const { preset } = parseProfile(readFileSync(file, 'utf8'), file);
    const stored = sim.presets.all.map(({ token, name }) => ({ token, name }));
    expect(stored).toEqual([
      { token: preset.guard, name: 'gate guard' },
      { token: preset.alarm, name: 'gate alarm' },
    ]);
  });

  test('one that looks elsewhere is not taken; another is asked for', slow, async () => {
    const sim = await dome({ analytics: null });
    const content = () => sim.actuators.preset === '9';
    const { file, screen } = await probed(sim, { guard: ['n'], alarm: ['2', '#9'], content });
    expect(parseProfile(readFileSync(file, 'utf8'), file).preset).toEqual({
      ...{ guard: null, alarm: '9' },
    });
    expect(screen).toContain('  preset 3 (door): not taken');
    expect(screen).toContain('it says that it is there 球机已到位');
  });

  test(
    'a certificate is trusted at a yes, and goes into the configuration, too',
    slow,
    async () => {
      const sim = await dome({ analytics: null });
      const pair = await selfSigned(dir);
      const front = await tlsFront(sim, pair);
      ends.push(() => front.close());
      const no = await probed(sim, { guard: ['n'], alarm: ['n'], trusts: false }, front.url);
      expect(no).toMatchObject({ code: 69, out: '' });
      expect(no.screen).toContain(`SHA-256 ${pair.fingerprint}`);
      const yes = await probed(sim, { guard: ['n'], alarm: ['n'], trusts: true }, front.url);
      expect(yes, yes.screen).toMatchObject({ code: 0 });
      expect(readFileSync(join(dir, 'dome.pem'), 'utf8')).toBe(pair.cert);
      expect(yes.screen).toContain(`ca: ${join(dir, 'dome.pem')}`);
      expect(await checked(configured(yes.screen))).toMatchObject({ code: 0 });
    },
  );
});

describe('with nobody there', () => {
  test('presets go by their names; what has none is stored with leave only', slow, async () => {
    const sim = await dome({ analytics: null, relays: {} });
    const without = await probeSim(sim, assumed('proof'));
    expect(without.probed.preset).toEqual({ guard: '7', alarm: null });
    const { position } = sim.motion;
    const leave = await probeSim(sim, assumed('proof', { mayStore: true }));
    const stored = leave.probed.preset.alarm;
    expect(sim.presets.all).toContainEqual({ token: stored, name: 'gate alarm', position });
  });

  test('a preset that is not reached is not taken', slow, async () => {
    const presets = [{ token: '7', name: 'guard', position: { pan: 0.4, tilt: 0, zoom: 0 } }];
    const sim = await dome({ presets, analytics: null, relays: {}, auth: 'none' });
    sim.turn('lies');
    const { probed: found } = await probeSim(sim, assumed('yes'));
    expect(found.preset).toEqual({ guard: null, alarm: null });
    expect(found.tries).toContainEqual(
      expect.objectContaining({ what: 'guard preset', detail: 'it did not get there' }),
    );
  });

  test('a dome that has no room for a preset says so', slow, async () => {
    const presets = Array.from({ length: 300 }, (_, n) => ({ token: `${n + 1}`, name: '' }));
    const sim = await dome({ presets, analytics: null, relays: {} });
    const { probed: found } = await probeSim(sim, assumed('proof', { mayStore: true }));
    expect(found.preset).toEqual({ guard: null, alarm: null });
    expect(found.tries).toContainEqual(
      expect.objectContaining({ what: 'alarm preset', outcome: 'refused' }),
    );
  });
});
