// A drill is scored when all of it is over: each step against its target, by whom, once; whatever cut it
// short. And buttons that nobody has tried for a quarter of a year.

import { describe, expect, it } from 'vitest';
import type { DrillStep } from '#agent/core/drill.ts';
import { byHand } from '#agent/core/mark.ts';
import { endCase, Rehearsal } from './rehearsal.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const reports = (story: Rehearsal) => story.told.filter(({ body }) => body.kind === 'drill.report');
const report = (story: Rehearsal) => story.body('drill.report');
const hop = (story: Rehearsal, step: DrillStep, nth = 0) =>
  report(story)?.cases[nth]?.hops.find((one) => one.step === step);

/** Pressed; the platform has it after 40 ms, wang sees it after 4 s, takes it after 9 s, talks after 20 s. */
function played(): Rehearsal {
  const story = new Rehearsal('drill').passes(minuteMs).contact('desk', 'pressed', 1);
  const by = { role: '110-district', user: 'wang' } as const;
  const { id } = story.of('desk');
  story.passes(30).ack(story.of('desk')).passes(10).receipt(story.of('desk')).passes(360);
  story.contact('desk', 'normal', 1).passes(3_600).command({ verb: 'seen', incident: id }, by);
  story.passes(5_000).command({ verb: 'take', incident: id }, by).passes(11_000).offers('s-1');
  return story.happens({ kind: 'session.connected', session: 's-1' });
}

describe('the score of a drill', () => {
  it('has every step after the press, beside its target, and who it was', () => {
    const story = endCase(played().passes(minuteMs), 'desk');
    expect(report(story)).toBeUndefined();
    story.closes();
    expect(report(story)).toMatchObject({
      ...{ mark: 'drill', end: 'asked', siren: false, role: '110-city', user: 'li' },
      ...{ judged: 5, within: 5, passed: true },
      cases: [{ incident: story.of('desk').id, inputName: 'Desk', presses: 1, madeReal: null }],
    });
    const steps = report(story)?.cases[0]?.hops.map(({ step, ms, user }) => [step, ms, user]);
    expect(steps).toEqual([
      ['sent', 30, null],
      ['received', 40, null],
      ['seen', 4_000, 'wang'],
      ['taken', 9_000, 'wang'],
      ['talked', 20_000, null],
      ['resolved', 80_000, 'li'],
    ]);
    expect(story.toldKinds().slice(-2)).toEqual(['window.closed', 'drill.report']);
  });

  it('comes with the last of it, window or case, once', () => {
    const story = played().closes().passes(minuteMs);
    expect(report(story)).toBeUndefined();
    endCase(story, 'desk');
    expect(story.toldKinds().slice(-2)).toEqual(['incident.resolved', 'drill.report']);
    story.passes(dayMs).restarts();
    expect(reports(story)).toHaveLength(1);
  });

  it('a step that is late, or never came, is missed; one without a target is not judged', () => {
    const story = new Rehearsal('drill', {
      drillTargets: {
        ...{ sent: null, received: 3_000, seen: 1_000, taken: null, talked: 30_000 },
        resolved: null,
      },
    });
    story.press('desk').receipt(story.of('desk')).passes(5_000);
    story.command({ verb: 'take', incident: story.of('desk').id });
    endCase(story, 'desk').closes();
    expect(hop(story, 'received')).toMatchObject({ isWithin: true });
    expect(hop(story, 'seen')).toMatchObject({ ms: 5_400, targetMs: 1_000, isWithin: false });
    expect(hop(story, 'talked')).toMatchObject({ ms: null, isWithin: false });
    expect(hop(story, 'taken')).toMatchObject({ targetMs: null, isWithin: null });
    expect(report(story)).toMatchObject({ judged: 3, within: 1, passed: false });
  });

  it('several buttons are cases of their own, in the order of their presses', () => {
    const story = new Rehearsal('drill').press('gate').press('desk').closes();
    for (const input of ['gate', 'desk']) endCase(story, input);
    expect(report(story)?.cases.map(({ input }) => input)).toEqual(['gate', 'desk']);
  });

  it('one that became real is named and not scored, and holds up no report while it is open', () => {
    const story = new Rehearsal('drill').press('gate').contact('desk', 'pressed', 1);
    story.passes(byHand.heldMs);
    expect(report(story)).toBeUndefined();
    endCase(story, 'gate');
    expect(report(story)).toMatchObject({ end: 'real' });
    expect(report(story)?.cases[1]).toMatchObject({ input: 'desk', madeReal: 'held', hops: [] });
  });

  it('nobody has pressed: there is nothing to judge', () => {
    const story = new Rehearsal('drill').passes(15 * minuteMs);
    expect(report(story)).toMatchObject({ end: 'over', cases: [], judged: 0, passed: null });
  });

  it('a restart ends the window, and what was pressed in it is scored when it is resolved', () => {
    const story = played().restarts();
    expect(report(story)).toBeUndefined();
    endCase(story, 'desk');
    expect(report(story)).toMatchObject({ end: 'restart', passed: true });
  });

  it('across a reboot the wall clock counts, where it is kept', () => {
    const late = (clock: 'good' | 'unknown') => {
      const story = new Rehearsal('drill').press('desk').passes(600).restarts('boot-2');
      story.clock = clock;
      return endCase(story.passes(minuteMs), 'desk');
    };
    expect(hop(late('good'), 'resolved')?.ms).toBe(61_000);
    expect(hop(late('unknown'), 'resolved')?.ms).toBeNull();
  });

  it('there is none of service', () => {
    expect(reports(endCase(new Rehearsal('service').press('desk'), 'desk').closes())).toEqual([]);
  });
});

describe('a button that is to be tried', () => {
  const due = 'input.desk.test-due';
  const faults = (story: Rehearsal) =>
    Object.keys(story.state.live.faults).filter((fault) => fault.endsWith('.test-due'));
  const quarterly = () => new Rehearsal(null, { buttonTestDays: 92 });
  /** One press in a window, which the platform has. */
  const tries = (story: Rehearsal, mark: 'drill' | 'service' = 'service') => {
    story.opens(mark).press('desk');
    return endCase(story.receipt(story.of('desk')), 'desk').closes();
  };

  it('falls due a quarter of a year after it was first there, and says what to do', () => {
    const story = quarterly().passes(92 * dayMs - 1_000);
    expect(faults(story)).toEqual([]);
    story.passes(2_000);
    expect(faults(story)).toContain(due);
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', fault: true });
    expect(story.state.live.faults[due]?.detail).toMatch(
      /^Desk: not tried for 92 days\. Press it once/,
    );
    expect(faults(story).filter((fault) => /false|reset/.test(fault))).toEqual([]);
  });

  it.each(['drill', 'service'] as const)('counts as tried by a press in a %s window', (mark) => {
    const story = tries(quarterly().passes(93 * dayMs), mark);
    expect(faults(story)).not.toContain(due);
    expect(faults(story)).toContain('input.gate.test-due');
    story.passes(91 * dayMs);
    expect(faults(story)).not.toContain(due);
    expect(faults(story.passes(2 * dayMs))).toContain(due);
  });

  it('not before the platform has it', () => {
    const story = quarterly()
      .passes(93 * dayMs)
      .opens('service')
      .press('desk')
      .ack();
    expect(faults(story)).toContain(due);
    expect(faults(story.receipt(story.of('desk')))).not.toContain(due);
  });

  it('by a test button’s own press, and not by a real alarm', () => {
    const story = quarterly()
      .passes(93 * dayMs)
      .press('check')
      .press('desk');
    story.receipt(story.of('check'), story.of('desk'));
    expect(faults(story)).not.toContain('input.check.test-due');
    expect(faults(story)).toContain(due);
  });

  it('is due across restarts and reboots, and at once after a long night without power', () => {
    const story = quarterly()
      .passes(50 * dayMs)
      .restarts('boot-2')
      .passes(41 * dayMs);
    expect(faults(story)).toEqual([]);
    story.wallMs += 2 * dayMs;
    expect(faults(story.restarts('boot-3'))).toContain(due);
  });

  it('a clock that is not kept has no days', () => {
    const story = quarterly();
    story.clock = 'unknown';
    expect(faults(story.passes(100 * dayMs))).toEqual([]);
  });

  it('where the city wants none, nobody is reminded', () => {
    expect(faults(new Rehearsal(null).passes(200 * dayMs))).toEqual([]);
  });
});
