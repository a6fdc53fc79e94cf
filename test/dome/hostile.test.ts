// A dome that turns hostile in mid-alarm, in every way the simulator knows (agent/sim/dome/hostile.ts):
// one fault, in one sentence; so many requests and no more; memory stays; alight when it is well again.
// What the dome really does is judged at its actuators, by its own history.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, type TestContext, test } from 'vitest';
import { OnvifDome } from '#agent/dome/dome.ts';
import { allHostilities, type Hostility } from '#agent/sim/dome/hostile.ts';
import { until } from '#test/support/wait.ts';
import {
  alarm,
  type Bench,
  type BenchOptions,
  bench,
  dark,
  Facts,
  profileOf,
  quickClock,
  recipes,
} from './support.ts';

/** Half of what other suites take: several domes at once, and the driver's 2 s must not pass by chance. */
const speed = 5;
const hostileTimes = {
  dripMs: 1000 / speed,
  rebootEveryMs: 20_000 / speed,
  rebootDownMs: 3000 / speed,
};

async function made(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await bench({
    clock: quickClock(speed),
    ...options,
    sim: { hostileTimes, ...options.sim },
  });
  context.onTestFinished(() => one.close());
  return one;
}

/** Seconds of the driver's own time. */
const pass = ({ clock }: Bench, s: number) => {
  const endMs = clock.now().monoMs + s * 1000;
  return until(() => clock.now().monoMs > endMs, { withinMs: s * 1000, what: `${s} s` });
};
const soon = (what: string) => ({ withinMs: 15_000, what });

/** Connected and dark, looking where the guard wants it. */
async function settled(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await made(context, options);
  one.dome.want(dark);
  await one.open();
  await until(() => one.sim.actuators.preset === '1', soon('the guard preset'));
  await pass(one, 11);
  one.forgetLog();
  return one;
}

const isAlarm = ({ sim }: Bench) =>
  sim.actuators.strobe && sim.actuators.siren && sim.actuators.preset === '2';
const alarmed = (one: Bench) => until(() => isAlarm(one), soon('light, siren and preset'));

/** Every fault that was told, a line each. */
const told = ({ facts }: Bench): string =>
  facts
    .of('fault.raised')
    .map(({ fault, detail }) => `${fault}: ${detail}`)
    .join('\n');

/** Never blocks, whatever the dome does. */
function wantAlarm({ dome }: Bench): void {
  const startMs = performance.now();
  dome.want(alarm);
  expect(performance.now() - startMs).toBeLessThan(50);
}

interface Case {
  readonly options?: BenchOptions;
  /** The one fault, whole; null: there is none, everything works. */
  readonly fault: RegExp | null;
  /** Requests and connections in 20 s; a dome that is lost is asked some two times a second. */
  readonly requestsMax?: number;
}

const silent =
  /^dome\.lost: the dome takes the connection and does not answer \(no answer within 2000 ms\); restart it/;
const huge =
  /^dome\.lost: the dome answers without end \(a reply of more than 524288 bytes\); restart it/;
const noise =
  /^dome\.lost: what the dome answers is not ONVIF \((the reply is not XML|no HTTP)\); see that the address is/;
const digest = { sim: { auth: 'digest' } } as const;

const cases = {
  'hang-accept': { fault: silent },
  'hang-request': { fault: silent },
  drip: { fault: silent },
  'ten-megabytes': { fault: huge },
  endless: { fault: huge },
  dense: {
    fault:
      /^dome\.lost: the dome answers without end \(a reply of more than 8000 tags .*\); restart it/,
  },
  garbage: { fault: noise },
  'no-http': { fault: noise },
  'other-answer': {
    fault:
      /^dome\.lost: the dome answers something else than it was asked \(asked GetSystemDateAndTime, answered GetHostnameResponse\); restart it/,
  },
  lies: {
    // What only says yes is seen where the state can be read back.
    options: { profile: { strobe: [recipes.coaxial], siren: [] } },
    fault:
      /^dome\.strobe: the strobe could not be switched on \(http GET .*: said yes, and then not on\); test it, and the dome's profile/,
  },
  'cut-answer': {
    fault:
      /^dome\.lost: the dome ends the connection before its answer is whole \(.*\); restart it/,
  },
  'nonce-once': { options: digest, fault: null },
  'nonce-stale': {
    options: digest,
    fault:
      /^dome\.lost: the dome answers and does not serve us \(it refused 4 logins, each time as too old\); see that/,
    // Each call is four.
    requestsMax: 200,
  },
  realm: { options: digest, fault: null },
  algorithm: { options: digest, fault: null },
  clock: { options: { sim: { auth: 'token' } }, fault: null },
} satisfies { readonly [how in Hostility]?: Case };
const apart: readonly Hostility[] = ['reboots', 'password'];

test('every hostility has its test', () => {
  expect([...Object.keys(cases), ...apart].sort()).toEqual([...allHostilities].sort());
});

describe.concurrent('a dome that turns hostile as the alarm comes', () => {
  test.for(Object.entries(cases) as [Hostility, Case][])(
    '%s: one fault, bounded requests, alight when it is well again',
    async ([how, { options, fault, requestsMax = 80 }], context) => {
      const one = await settled(context, options);
      const { sim, facts } = one;
      const connectionsBefore = sim.connections;
      sim.turn(how);
      wantAlarm(one);
      if (fault) await until(() => told(one), soon('the fault'));
      await pass(one, 20);
      expect(sim.actuators.strobe).toBe(fault === null);
      if (fault) expect(told(one)).toMatch(fault);
      else {
        expect(told(one)).toBe('');
        await alarmed(one);
      }
      expect(facts.faults).toMatch(fault ? /^\+dome\.\w+$/ : /^$/);
      const requests = sim.log.filter(({ hostility }) => hostility === how).length;
      expect(Math.max(requests, sim.connections - connectionsBefore)).toBeLessThan(requestsMax);
      const name = facts.faults.slice(1);
      sim.turn(null);
      await until(() => sim.actuators.strobe, soon('the light'));
      if (how !== 'lies') await alarmed(one);
      if (fault) await until(() => facts.faults === `+${name} -${name}`, soon('the all-clear'));
      const turns = sim.actuators.history.filter(({ what }) => what === 'hostility');
      expect(turns.map(({ on }) => on)).toEqual([how, 'none']);
    },
  );

  test.for(['hang-accept', 'ten-megabytes', 'garbage'] as const)(
    '%s, and that from the start: alight when it is well',
    async (how, context) => {
      const one = await made(context);
      one.sim.turn(how);
      wantAlarm(one);
      await one.open();
      await until(() => told(one), soon('the fault'));
      one.sim.turn(null);
      await alarmed(one);
      await until(() => one.facts.faults === '+dome.lost -dome.lost', soon('the all-clear'));
    },
  );

  test('a lie that cannot be read back is not seen: the command is repeated, and lights in the end', async (context) => {
    const one = await settled(context);
    one.sim.turn('lies');
    wantAlarm(one);
    await pass(one, 10);
    expect(one.sim.actuators.strobe).toBe(false);
    one.sim.turn(null);
    await until(() => one.sim.actuators.strobe, soon('the light'));
    expect(one.facts.faults).toBe('');
  });

  test('another password in mid-alarm: told once, a few tries, then quiet until a restart', async (context) => {
    const one = await settled(context, digest);
    const { sim, facts } = one;
    sim.turn('password');
    wantAlarm(one);
    await until(() => told(one), soon('the fault'));
    await pass(one, 15);
    const wrong = () =>
      sim.log.filter(({ accepted, auth }) => !accepted && auth === 'digest').length;
    const tried = wrong();
    expect(tried).toBeLessThanOrEqual(5);
    await pass(one, 30);
    expect(wrong()).toBe(tried);
    expect(facts.faults).toBe('+dome.unauthorized');
    expect(told(one)).toMatch(
      /^dome\.unauthorized: the dome refuses user or password \(.*\); correct it and restart$/,
    );
    await one.dome.close();
    sim.turn(null);
    const next = new OnvifDome({
      ...{ url: sim.url, username: 'admin', password: 'secret', clock: one.clock },
      ...{ profile: profileOf(), chance: () => 0.5 },
    });
    context.onTestFinished(() => next.close());
    next.want(alarm);
    await next.open(new Facts());
    await alarmed(one);
  });
});

describe.concurrent('a dome that restarts', () => {
  test('every 20 s: a second time is told as such, until it has stayed for a minute', async (context) => {
    const one = await settled(context);
    const { sim, facts } = one;
    sim.turn('reboots');
    wantAlarm(one);
    const dimmed = () => sim.actuators.history.filter(({ what, on }) => what === 'strobe' && !on);
    await until(() => dimmed().length >= 4, soon('four restarts'));
    await alarmed(one);
    sim.turn(null);
    // The first one may have passed between two polls.
    expect(facts.faults).toMatch(/^(\+dome\.lost -dome\.lost )?\+dome\.lost$/);
    expect(told(one)).toMatch(
      /dome\.lost: the dome was lost 2 times within 2 minutes; check its power supply and its cable$/,
    );
    await alarmed(one);
    const lit = sim.actuators.history.filter(({ what, on }) => what === 'strobe' && on);
    const turned = sim.actuators.history.filter(({ what, on }) => what === 'preset' && on === '2');
    expect([lit.length, turned.length]).toEqual([dimmed().length + 1, dimmed().length + 1]);
    await until(() => facts.faults.endsWith('-dome.lost'), soon('the all-clear'));
  });

  test.for([0.1, 0.5, 1, 1.9])(
    'and is back %d s later: lit again, and turned',
    async (awayS, context) => {
      const one = await settled(context);
      wantAlarm(one);
      await alarmed(one);
      // At another moment between two polls each time.
      await pass(one, 2.5 + awayS);
      await one.sim.reboot({ downMs: (awayS * 1000) / speed });
      expect(one.sim.actuators).toMatchObject({ strobe: false, preset: '' });
      await until(() => isAlarm(one), { withinMs: 5000, what: 'light, siren and preset' });
    },
  );

  test('while nobody alarms: looks where the guard wants it', async (context) => {
    const one = await settled(context);
    await one.sim.reboot({ downMs: 1000 / speed });
    await until(() => one.sim.actuators.preset === '1', soon('the guard preset'));
  });

  test('connections that it closes are no restart: who has turned it is left alone', async (context) => {
    const one = await settled(context);
    wantAlarm(one);
    await alarmed(one);
    one.sim.actuators.goto('elsewhere');
    for (let cuts = 0; cuts < 10; cuts += 1) {
      one.sim.cutConnections();
      await pass(one, 1.3);
    }
    expect(one.sim.actuators).toMatchObject({ strobe: true, preset: 'elsewhere' });
    expect(one.facts.faults).toBe('');
  });
});

test.for(['ten-megabytes', 'endless', 'dense'] as const)(
  '%s: memory stays',
  async (how, context) => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const one = await settled(context);
    const liveMb = (): number => {
      if (typeof collect === 'function') collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return (heapUsed + arrayBuffers) / 1e6;
    };
    one.sim.turn(how);
    wantAlarm(one);
    await until(() => told(one), soon('the fault'));
    const before = { liveMb: liveMb(), rssMb: process.memoryUsage().rss / 1e6 };
    let mostMb = 0;
    const endMs = one.clock.now().monoMs + 30_000;
    await until(() => {
      mostMb = Math.max(mostMb, liveMb());
      return one.clock.now().monoMs > endMs;
    }, soon('30 s'));
    console.log(
      `${how}: ${(mostMb - before.liveMb).toFixed(1)} MB of replies at most, ` +
        `RSS ${(process.memoryUsage().rss / 1e6 - before.rssMb).toFixed(1)} MB up, ${one.sim.log.length} replies`,
    );
    expect(mostMb - before.liveMb).toBeLessThan(16);
    expect(process.memoryUsage().rss / 1e6 - before.rssMb).toBeLessThan(64);
  },
);
