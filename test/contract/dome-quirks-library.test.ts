// What npm onvif does not survive, by the numbers of the field note: the driver on the simulated dome.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext } from 'vitest';
import { alarm, dark, lightOnly, recipes } from '#test/dome/support.ts';
import { makeCerts } from '#test/support/certs.ts';
import { TlsFront } from '#test/support/tls-front.ts';
import { until } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import {
  asked,
  dimmed,
  ears,
  faults,
  heard,
  lit,
  made,
  onlyStrobe,
  opened,
  pass,
  patient,
  settled,
  soon,
  told,
  well,
} from './dome-quirks-bench.ts';

/** With a certificate of its own, and told addresses that are http. */
async function behindTls(context: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'gate-quirks-'));
  context.onTestFinished(() => rm(dir, { recursive: true }));
  const { ca, server } = await makeCerts(dir);
  const pair = {
    key: await readFile(server.keyFile, 'utf8'),
    cert: await readFile(server.certFile, 'utf8'),
  };
  const front = async (port: number) => {
    const tls = new TlsFront(port, pair);
    context.onTestFinished(() => tls.close());
    return `https://127.0.0.1:${await tls.open()}/onvif/device_service`;
  };
  return { front, dome: { ears, ca } };
}

describe.concurrent('the library', patient, () => {
  quirk('npm onvif 1', async (context) => {
    const profile = { ...onlyStrobe, strobe: [recipes.device] };
    const one = await opened(context, { profile });
    one.dome.want(lightOnly);
    await lit(one);
    one.dome.want(dark);
    await dimmed(one);
    expect(well(one)).toBe(true);
  });

  quirk('npm onvif 2', async (context) => {
    const one = await opened(context, { profile: { tracking: [recipes.track] } });
    one.dome.want(alarm);
    const { actuators } = one.sim;
    const isAll = () => actuators.strobe && actuators.siren && actuators.tracking;
    await until(isAll, soon('light, siren and following'));
    const news = await until(() => one.facts.of('dome.streams')[0], soon('its streams'));
    expect(news.streams.snapshot).toContain('/snapshot/main.jpg');
  });

  quirk('npm onvif 3', async (context) => {
    const sim = { auth: 'token', clockOffsetMs: -3_600_000 } as const;
    const one = await opened(context, { sim, dome: { domeClock: 'set' } }, ({ sim }) => {
      sim.quirks.cut.push('SetSystemDateAndTime');
    });
    await until(() => asked(one, 'SetSystemDateAndTime').length > 0, soon('a try'));
    one.dome.want(lightOnly);
    await lit(one);
    await until(() => told(one).includes('dome.clock'), soon('the fault'));
  });

  quirk('npm onvif 4', async (context) => {
    const survives = async (how: 'cut-answer' | 'drip') => {
      const one = await settled(context);
      one.sim.turn(how);
      one.dome.want(lightOnly);
      await faults(one, '+dome.lost');
      one.sim.turn(null);
      await lit(one);
      await faults(one, '+dome.lost -dome.lost');
    };
    await Promise.all([survives('cut-answer'), survives('drip')]);
  });

  quirk('npm onvif 5', async (context) => {
    const one = await settled(context);
    one.sim.quirks.refuse.push('GotoPreset');
    one.sim.quirks.unknownAnswers200 = true;
    one.dome.want({ ...dark, preset: 'alarm' });
    await faults(one, '+dome.preset');
    expect(told(one)).toContain('asked GotoPreset, answered nothing');
    one.sim.quirks.refuse.length = 0;
    await faults(one, '+dome.preset -dome.preset');
    expect(one.sim.actuators.preset).toBe('2');
  });

  quirk('npm onvif 6', async (context) => {
    const one = await opened(context, { dome: { password: 'wrong' } });
    await faults(one, '+dome.unauthorized');
    expect(() => one.dome.want(alarm)).not.toThrow();
    const untilMs = one.clock.now().monoMs + 500;
    const motion = { pan: 1, tilt: 0, zoom: 0, untilMs };
    expect(() => one.dome.want({ ...dark, preset: null, motion })).not.toThrow();
    const deadlineMs = one.clock.now().monoMs + 5000;
    one.dome.run({ id: 'job-1', what: 'stick.do', act: { op: 'home' }, deadlineMs });
    await until(() => one.facts.of('job.failed').length === 1, soon('its end'));
    await pass(one, 5);
    expect(one.facts.faults).toBe('+dome.unauthorized');
  });

  quirk('npm onvif 7', async (context) => {
    const one = await settled(context, { sim: { auth: 'token' } });
    for (const days of [3, -900, 0]) {
      one.sim.quirks.clockOffsetMs = days * 86_400_000;
      one.dome.want(lightOnly);
      await lit(one);
      one.dome.want(dark);
      await dimmed(one);
    }
    expect(well(one)).toBe(true);
  });

  quirk('npm onvif 8', async (context) => {
    const one = await made(context, { ...(await behindTls(context)), sim: { auth: 'digest' } });
    const { events, quirks } = one.sim;
    events.setInput('In_1', false);
    events.habits.utcOffset = true;
    quirks.refuse.push('CreatePullPointSubscription');
    one.dome.want(dark);
    await one.open();
    const refused = () => asked(one, 'CreatePullPointSubscription').length > 1;
    await until(refused, soon('two refusals'));
    quirks.refuse.length = 0;
    await heard(one, 'normal');
    // Nobody at the address: as good as EHOSTUNREACH.
    await one.sim.down();
    await pass(one, 3);
    events.setInput('In_1', true);
    await one.sim.up();
    await heard(one, 'normal', 'pressed');
    expect(asked(one, 'PullMessages').length).toBeGreaterThan(0);
  });

  quirk('npm onvif 10', async (context) => {
    const presets = ['1', '01', '1.0'].map((token) => ({ token, name: `at ${token}` }));
    const profile = { preset: { alarm: '1.0', guard: '01' } };
    const one = await made(context, { sim: { auth: 'digest', presets }, profile });
    one.dome.want(dark);
    await one.open();
    await until(() => one.sim.actuators.preset === '01', soon('its guard preset'));
    await pass(one, 11);
    one.forgetLog();
    const before = one.sim.connections;
    one.dome.want(lightOnly);
    await lit(one);
    const switched = () => one.requests().filter((what) => !what.startsWith('Get'));
    expect(switched()).toEqual(['SetRelayOutputState digest 200']);
    expect(one.sim.connections).toBe(before);
    one.dome.want({ ...dark, preset: 'alarm' });
    await until(() => one.sim.actuators.preset === '1.0', soon('its alarm preset'));
  });

  quirk('gSOAP with one thread', async (context) => {
    const one = await opened(context);
    one.dome.want(alarm);
    await lit(one);
    await pass(one, 10);
    const { sim } = one;
    const used = () => new Set(sim.log.map(({ connection }) => connection)).size;
    await until(() => used() === sim.connections, soon('a request on each connection'));
  });
});

describe('the loop', patient, () => {
  // Alone: what the processor does is counted.
  quirk('npm onvif 9', async (context) => {
    const one = await settled(context);
    one.sim.turn('ten-megabytes');
    const before = process.cpuUsage();
    one.dome.want(lightOnly);
    await faults(one, '+dome.lost');
    const { user, system } = process.cpuUsage(before);
    const answers = one.sim.log.filter(({ hostility }) => hostility === 'ten-megabytes').length;
    // The library takes 2.3 s for one.
    expect((user + system) / 1e6 / answers).toBeLessThan(0.5);
    one.sim.turn(null);
    await lit(one);
  });
});
