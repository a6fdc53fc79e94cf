// What is the ONVIF driver's own: falling back, authentication and its lock-outs, clocks that jump, one
// request at alarm time. The contract of the port is in test/contract/dome.suite.ts.

import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import {
  alarm,
  type Bench,
  type BenchOptions,
  bench,
  dark,
  quickClock,
  recipes,
  speed,
} from './support.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

async function opened(
  options: BenchOptions = {},
  set: (one: Bench) => void = () => {},
): Promise<Bench> {
  const one = await bench(options);
  benches.push(one);
  set(one);
  one.dome.want(dark);
  await one.open();
  return one;
}

const pass = ({ clock }: Bench, s: number) => {
  const endMs = clock.now().monoMs + s * 1000;
  return until(() => clock.now().monoMs > endMs, { withinMs: s * 1000, what: `${s} s` });
};

/** Connected, and everything that is sent at start has been sent. */
async function settled(options: BenchOptions = {}): Promise<Bench> {
  const one = await opened(options);
  await until(() => one.sim.actuators.preset === '1', { withinMs: 10_000, what: 'guard preset' });
  await pass(one, 11);
  one.forgetLog();
  return one;
}

const onlyStrobe = { siren: [], preset: { alarm: null, guard: null } };
const lit = ({ sim }: Bench) =>
  until(() => sim.actuators.strobe, { withinMs: 10_000, what: 'the light' });
const dimmed = ({ sim }: Bench) =>
  until(() => !sim.actuators.strobe, { withinMs: 10_000, what: 'the light going out' });
const switching = ({ requests }: Bench) => requests().filter((one) => !/^Get|getStatus/.test(one));

describe('recipes', () => {
  const all = {
    ...onlyStrobe,
    strobe: [recipes.relay, recipes.device, recipes.ptz, recipes.coaxial],
  };

  test.each([
    ['is refused', ['SetRelayOutputState'], []],
    ['cuts the connection', [], ['SetRelayOutputState']],
  ])('the next is tried when one %s', async (_, refuse, cut) => {
    const one = await opened({ profile: all }, ({ sim }) => {
      Object.assign(sim.quirks, { refuse, cut });
    });
    one.dome.want(alarm);
    await lit(one);
    expect(one.sim.actuators.relays.get('Relay_1')).not.toBe(true);
    expect(one.facts.faults).toBe('');
  });

  test('one that hangs costs its deadline and no more', async () => {
    const one = await opened({ profile: all }, ({ sim }) => sim.quirks.hang.push('SetRelay'));
    one.dome.want(alarm);
    await lit(one);
  });

  test('the one that worked is used first, and the first again after a reboot', async () => {
    const one = await opened({ profile: all });
    one.sim.quirks.refuse.push('SetRelayOutputState');
    one.dome.want(alarm);
    await lit(one);
    one.forgetLog();
    const repeated = () => switching(one).length >= 2;
    await until(repeated, { withinMs: 10_000, what: 'repeats' });
    expect(new Set(switching(one))).toEqual(new Set(['SendAuxiliaryCommand digest 200']));
    one.sim.quirks.refuse.length = 0;
    await one.sim.reboot({ downMs: 700 });
    await until(() => one.sim.actuators.relays.get('Relay_1'), {
      withinMs: 10_000,
      what: 'the relay',
    });
  });

  test('what was verified is known: light that only says yes is passed over', async () => {
    const strobe = [recipes.coaxial, recipes.relay];
    const one = await opened({ profile: { ...onlyStrobe, strobe } });
    await until(() => one.requests().some((what) => what.includes('getStatus')), {
      withinMs: 10_000,
      what: 'off, verified',
    });
    // The command without effect is to be the light's, not another off.
    await pass(one, 11);
    one.sim.quirks.withoutEffect = 1;
    one.dome.want(alarm);
    await until(() => one.sim.actuators.relays.get('Relay_1'), {
      withinMs: 10_000,
      what: 'the relay',
    });
    one.dome.want(dark);
    await dimmed(one);
  });

  test('off goes to every recipe that may be on', async () => {
    const one = await settled({ profile: { ...all, preset: { alarm: '2', guard: '1' } } });
    one.sim.quirks.refuse.push('SetRelayOutputState');
    one.dome.want(alarm);
    await lit(one);
    one.sim.quirks.refuse.length = 0;
    one.forgetLog();
    one.dome.want(dark);
    await dimmed(one);
    for (const what of ['SetRelayOutputState', 'SendAuxiliaryCommand']) {
      const off = () => switching(one).includes(`${what} digest 200`);
      await until(off, { withinMs: 10_000, what: `off by ${what}` });
    }
  });

  test('resolved while the light is still being switched on: it goes off', async () => {
    const one = await settled();
    const { actuators } = one.sim;
    // The answer is still on its way by then.
    actuators.changed = ({ what, on }) => {
      if (what === 'strobe' && on) one.dome.want(dark);
    };
    one.dome.want({ ...dark, strobe: true });
    const changes = () => actuators.history.filter(({ what }) => what === 'strobe').length;
    await until(() => changes() === 2, { withinMs: 10_000, what: 'on, and off again' });
    await pass(one, 5);
    expect(actuators.strobe).toBe(false);
  });

  test('when all fail it is one fault in one sentence, cleared when one works', async () => {
    const strobe = [recipes.relay, recipes.device];
    const one = await opened({ profile: { ...onlyStrobe, strobe } });
    one.sim.quirks.refuse.push('SetRelay', 'SendAux');
    one.dome.want(alarm);
    const raised = () => one.facts.of('fault.raised')[0];
    const fault = await until(raised, { withinMs: 10_000, what: 'the fault' });
    expect(fault.fault).toBe('dome.strobe');
    expect(fault.detail).toMatch(
      /^the strobe could not be switched on \(relay Relay_1: .*ActionNot/,
    );
    expect(fault.detail).toContain('auxiliary tt:Strobe|On (device): ');
    one.sim.quirks.refuse.length = 0;
    await lit(one);
    const cleared = () => one.facts.faults === '+dome.strobe -dome.strobe';
    await until(cleared, { withinMs: 10_000, what: 'the all-clear' });
  });
});

describe('who we are', () => {
  /** A login that passed its deadline on a busy machine would be another try. */
  const unhurried = () => quickClock(speed / 3);

  test('a wrong password is tried once, told, and then nothing is sent that needs one', async () => {
    for (const auth of ['token', 'digest', 'both'] as const) {
      const dome = { password: 'wrong' };
      const one = await opened({ clock: unhurried(), sim: { auth }, dome });
      const told = () => one.facts.faults === '+dome.unauthorized';
      await until(told, { withinMs: 10_000, what: `the fault with ${auth}` });
      one.dome.want(alarm);
      const deadlineMs = one.clock.now().monoMs + 10_000;
      one.dome.run({ id: 'job-1', what: 'test.strobe', deadlineMs });
      await until(() => one.facts.of('job.failed').length, {
        withinMs: 10_000,
        what: 'job.failed',
      });
      const polls = () =>
        one.requests().filter((what) => what.startsWith('GetSystemDate')).length >= 3;
      await until(polls, { withinMs: 10_000, what: 'polls without a password' });
      const tried = one.sim.log.filter((entry) => !entry.accepted && entry.auth !== 'none');
      expect(tried.length).toBe(1);
      expect(one.facts.faults).toBe('+dome.unauthorized');
    }
  });

  test('a password changed under us costs the commands in flight and two more tries', async () => {
    const one = await settled({ clock: unhurried(), sim: { auth: 'digest' } });
    one.sim.password = 'changed';
    one.dome.want(alarm);
    const told = () => one.facts.faults.includes('+dome.unauthorized');
    await until(told, { withinMs: 10_000, what: 'the fault' });
    const wrong = () =>
      one.sim.log.filter(({ accepted, auth }) => !accepted && auth === 'digest').length;
    await pass(one, 15);
    expect(wrong()).toBeLessThanOrEqual(5);
    const before = wrong();
    await pass(one, 15);
    expect(wrong()).toBe(before);
    expect(one.facts.faults).toBe('+dome.unauthorized');
  });

  test('a dome that refuses though it had accepted us is asked once more', async () => {
    const one = await opened({ profile: onlyStrobe });
    one.dome.want(alarm);
    await lit(one);
    await one.sim.down();
    one.sim.password = 'not read yet';
    await one.sim.up();
    const told = () => one.facts.faults.includes('+dome.unauthorized');
    await until(told, { withinMs: 10_000, what: 'the fault' });
    one.sim.password = 'secret';
    await lit(one);
    expect(one.facts.faults).toMatch(/-dome\.unauthorized/);
  });

  test('a clock that is set by hours in mid-flight costs one refusal', async () => {
    const one = await settled({ sim: { auth: 'token' } });
    one.sim.quirks.clockOffsetMs = 7_200_000;
    one.dome.want(alarm);
    await lit(one);
    expect(one.facts.faults).toBe('');
  });

  test('a nonce that aged is replaced and no fault', async () => {
    const one = await opened({ sim: { auth: 'digest', nonceLifeMs: 50 }, profile: onlyStrobe });
    one.dome.want(alarm);
    await lit(one);
    one.dome.want(dark);
    await dimmed(one);
    expect(one.facts.faults).toBe('');
  });
});

describe('at alarm time', () => {
  test.each([
    ['token', recipes.relay, 'SetRelayOutputState token 200'],
    ['digest', recipes.relay, 'SetRelayOutputState digest 200'],
    ['digest', recipes.ptz, 'SendAuxiliaryCommand digest 200'],
    ['digest', recipes.coaxial, `GET ${recipes.coaxial.on.path} digest 200`],
  ] as const)('exactly one request switches the light: %s, %o', async (auth, recipe, request) => {
    const profile = { siren: [], strobe: [recipe] };
    const one = await settled({ sim: { auth }, profile });
    one.dome.want({ ...dark, strobe: true });
    await lit(one);
    expect(switching(one)).toEqual([request]);
    expect(one.sim.log.every(({ accepted }) => accepted)).toBe(true);
  });

  test('the strobe goes first and does not wait for siren or preset', async () => {
    const one = await settled({ sim: { auth: 'token' } });
    one.sim.quirks.hang.push('GotoPreset', 'Relay_2');
    one.dome.want(alarm);
    await lit(one);
    expect(switching(one)[0]).toBe('SetRelayOutputState token 200');
    expect(one.sim.log[0]?.body).toContain('Relay_1');
  });

  test('with firmware older than GetServices, PTZ is found', async () => {
    const sim = { getServices: false };
    const one = await opened({ sim, profile: { ...onlyStrobe, strobe: [recipes.ptz] } });
    one.dome.want(alarm);
    await lit(one);
  });
});

test('real time: alight again within 5 s of a reboot, and nothing but the strobe is told', async () => {
  const one = await opened({ clock: systemClock(), profile: onlyStrobe });
  one.dome.want(alarm);
  await lit(one);
  await one.sim.reboot({ downMs: 1500, clockOffsetMs: -86_400_000 });
  const backMs = performance.now();
  await until(() => one.sim.actuators.strobe, { withinMs: 10_000, what: 'the light' });
  expect(performance.now() - backMs).toBeLessThan(5000);
});
