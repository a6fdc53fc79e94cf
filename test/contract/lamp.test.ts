// The fake lamp and the real one keep the same contract; the real one on an indicator that is one,
// and on a box whose lamp is looked at.

import { afterEach, describe, expect, test } from 'vitest';
import { LampDriver } from '#agent/lamp/lamp.ts';
import { signalOf, testSignal } from '#agent/lamp/patterns.ts';
import { boxRoom, RecordingSink, until } from '#test/buttons/support.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { FakeIndicator, FakeLamp } from '#test/fakes/lamp.ts';
import { lampSuite } from './lamp.suite.ts';

lampSuite('fake', () => {
  const lamp = new FakeLamp();
  return { lamp, endTest: () => lamp.finish(), changes: () => lamp.wants.length };
});

lampSuite('driver', () => {
  const clock = new VirtualClock();
  const indicator = new FakeIndicator();
  const lamp = new LampDriver({ indicators: [indicator], clock });
  return { lamp, endTest: () => clock.advance(4000), changes: () => indicator.shown.length };
});

describe('lamp driver', () => {
  const still = { silent: null, fault: false, linkDown: false, mark: null } as const;
  const idle = { word: 'ready', ...still } as const;
  const job = { id: 'job-1', what: 'test.lamp', deadlineMs: Number.POSITIVE_INFINITY } as const;
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  test('shows the same on every indicator, and after a test what is wanted by then', async () => {
    const clock = new VirtualClock();
    const indicators = [new FakeIndicator(), new FakeIndicator()];
    const lamp = new LampDriver({ indicators, clock });
    await lamp.open(new RecordingSink());
    lamp.want(idle);
    lamp.run(job);
    lamp.want({ ...idle, fault: true });
    clock.advance(4000);
    for (const { shown } of indicators)
      expect(shown).toEqual([signalOf(idle), testSignal, signalOf({ ...idle, fault: true })]);
  });

  test.each([
    ['no lamp is configured', [], idle],
    ['the lamp is needed', [new FakeIndicator()], { ...idle, word: 'sent' }],
    ['the lamp is needed', [new FakeIndicator()], { ...idle, silent: 'sent' }],
  ] as const)('a test that cannot be fails at once: %s', async (reason, indicators, target) => {
    const sink = new RecordingSink();
    const lamp = new LampDriver({ indicators, clock: new VirtualClock() });
    await lamp.open(sink);
    lamp.want(target);
    lamp.run(job);
    expect(sink.of('job.failed')[0]?.reason).toContain(reason);
  });

  test('the lamp of a real box climbs the ladder as it is wanted', async () => {
    const clock = new VirtualClock();
    const { sim, driver, open, close } = await boxRoom({}, clock);
    cleanUps.push(close);
    await open();
    const lamp = new LampDriver({ indicators: [driver], clock });
    const ladder = ['ready', 'stored', 'sent', 'received', 'seen', 'taken', 'resolved'] as const;
    for (const word of ladder) {
      lamp.want({ ...idle, word });
      await until(() => sim.lamp === signalOf({ ...idle, word }).lamp, word);
    }
    expect(sim.history.map(({ buzzer }) => buzzer).filter((one) => one !== null)).toEqual([
      '1xT100',
      '1x-150.T80.-80.T80',
      '1xT800',
      '0x',
    ]);
  });
});
