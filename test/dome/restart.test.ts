// A dome that restarts, however shortly: lit and turned again, and told as one fault when it goes on. One
// that merely closes connections has not restarted: whoever has turned it is left alone.

import { describe, expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';
import { alarmed, isAlarm, pass, settled, soon, speed, told, wantAlarm } from './hostile-bench.ts';

describe.concurrent('a dome that restarts', () => {
  const story = 'every 20 s: a second time is told as such, until it has stayed for a minute';
  test(story, { timeout: 60_000 }, async (context) => {
    const one = await settled(context);
    const { sim, facts } = one;
    sim.turn('reboots');
    wantAlarm(one);
    const dimmed = () => sim.actuators.history.filter(({ what, on }) => what === 'strobe' && !on);
    await until(() => dimmed().length >= 3, { withinMs: 30_000, what: 'three restarts' });
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
    await until(() => facts.faults.endsWith('-dome.lost'), { withinMs: 30_000, what: 'calm' });
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
