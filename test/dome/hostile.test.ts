// A dome that turns hostile in mid-alarm, in every way the simulator knows (agent/sim/dome/hostile.ts):
// one fault, in one sentence; so many requests and no more; memory stays; alight when it is well again.
// What the dome really does is judged at its actuators, by its own history.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { OnvifDome } from '#agent/dome/dome.ts';
import { allHostilities, type Hostility } from '#agent/sim/dome/hostile.ts';
import { until } from '#test/support/wait.ts';
import { alarmed, made, pass, settled, soon, told, wantAlarm } from './hostile-bench.ts';
import { alarm, type BenchOptions, Facts, profileOf, recipes } from './support.ts';

interface Case {
  readonly options?: BenchOptions;
  /** The one fault, whole; null: there is none, everything works. */
  readonly fault: RegExp | null;
  /** Requests and connections in 20 s; a dome that is lost is asked some two times a second. */
  readonly requestsMax?: number;
}

const silent =
  /^dome\.lost: the dome takes the connection and does not answer \(no answer within 2\.0 s\); restart it/;
const huge =
  /^dome\.lost: the dome answers without end \(a reply of more than 524288 bytes\); restart it/;
const noise =
  /^dome\.lost: what the dome answers is not ONVIF \((the reply is not XML|no HTTP: .*)\); see that/;
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
      /^dome\.lost: .* else than it was asked \(asked GetSys\w+, answered GetHost\w+\); restart it/,
  },
  lies: {
    // What only says yes is seen where the state can be read back.
    options: { profile: { strobe: [recipes.coaxial], siren: [] } },
    fault:
      /^dome\.strobe: the strobe could not .* \(http GET .*: said yes, and then not on\); test it,/,
  },
  'cut-answer': {
    fault:
      /^dome\.lost: the dome ends the connection before its answer is whole \(.*\); restart it/,
  },
  'nonce-once': { options: digest, fault: null },
  'nonce-stale': {
    options: digest,
    fault:
      /^dome\.lost: the dome .* does not serve us \(it refused 4 logins, .* too old\); see that/,
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

describe.concurrent('a dome that turns hostile as the alarm comes', { timeout: 60_000 }, () => {
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

  test('a lie that cannot be read back is not seen: repeated until it lights', async (context) => {
    const one = await settled(context);
    one.sim.turn('lies');
    wantAlarm(one);
    await pass(one, 10);
    expect(one.sim.actuators.strobe).toBe(false);
    one.sim.turn(null);
    await until(() => one.sim.actuators.strobe, soon('the light'));
    expect(one.facts.faults).toBe('');
  });

  test('another password in mid-alarm: told, a few tries, quiet until a restart', async (context) => {
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
    expect(mostMb - before.liveMb).toBeLessThan(16);
    expect(process.memoryUsage().rss / 1e6 - before.rssMb).toBeLessThan(64);
  },
);
