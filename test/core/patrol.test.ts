// The patrol's deadline through everything a clock and a power cut can do, what puts it off, and what becomes
// of what it finds.

import { describe, expect, it } from 'vitest';
import { type PatrolRules, patrolLimits } from '#agent/core/patrol.ts';
import { loadRows } from '#agent/store/rows.ts';
import { Rehearsal } from './rehearsal.ts';
import { offerOf } from './story.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 03:30 in China is 19:30 UTC; a story begins at 08:00 UTC. */
const rules: PatrolRules = { minute: 210, jitterMs: 0, utcOffsetMs: 8 * hourMs };
const firstInMs = 11.5 * hourMs;
const begin = (change: Partial<PatrolRules> = {}) =>
  new Rehearsal(null, { patrol: { ...rules, ...change } });
const well = [{ part: 'clock', ok: true, detail: 'set' }];

/** The one that is under way is over. */
function ends(story: Rehearsal, parts = well): Rehearsal {
  const { patrol } = story.wanted;
  if (patrol === null) throw new Error('none is under way');
  return story.happens({ kind: 'patrol.ended', id: patrol, parts });
}
const isOn = (story: Rehearsal): boolean => story.wanted.patrol !== null;

describe('when it is due', () => {
  it('daily at its time, and not before', () => {
    const story = begin().passes(firstInMs - 1);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(1))).toBe(true);
    ends(story).passes(dayMs - 1);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(2))).toBe(true);
  });

  it('each day and terminal at another minute within the jitter', () => {
    const begunAt = (terminal: string) => {
      const story = new Rehearsal(null, { terminal, patrol: { ...rules, jitterMs: hourMs } });
      story.passes(firstInMs);
      for (let n = 0; n < 3600 && !isOn(story); n++) story.passes(1000);
      return story.wallMs % dayMs;
    };
    const delays = ['a', 'b', 'c', 'd'].map(begunAt);
    expect(new Set(delays).size).toBe(4);
    for (const at of delays) {
      expect(at).toBeGreaterThanOrEqual(19.5 * hourMs);
      expect(at).toBeLessThanOrEqual(20.5 * hourMs + 1000);
    }
  });

  it('never by itself where there are no rules', () => {
    const story = new Rehearsal(null).passes(3 * dayMs);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.happens({ kind: 'patrol.asked', user: 'chen' }))).toBe(true);
    ends(story);
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'patrol.ended', result: 'passed' });
  });
});

describe('a restart, a reboot, a clock', () => {
  it('a missed day is made up for once, when links have had time to come up', () => {
    const story = begin().passes(hourMs);
    story.wallMs += 3 * dayMs;
    story.restarts('boot-2');
    story.passes(patrolLimits.settleMs - 1);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(1))).toBe(true);
    ends(story).passes(12 * hourMs);
    expect(story.toldKinds().filter((kind) => kind === 'patrol.ended')).toHaveLength(1);
  });

  it('a reboot before its time leaves it at its time', () => {
    const story = begin().passes(hourMs).restarts('boot-2');
    story.passes(firstInMs - hourMs - 1);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(1))).toBe(true);
  });

  it('one that a restart cut off begins anew', () => {
    const story = begin().passes(firstInMs);
    expect(isOn(story)).toBe(true);
    expect(isOn(story.restarts())).toBe(false);
    expect(isOn(story.passes(patrolLimits.settleMs))).toBe(true);
  });

  it('a restart of the daemon alone changes nothing of the deadline', () => {
    const story = begin().passes(hourMs);
    const before = story.state.durable.site.site?.patrol;
    expect(story.restarts().state.durable.site.site?.patrol).toBe(before);
  });

  it('a wall clock that is set forward past it brings it at once, and the next a day later', () => {
    const story = begin().passes(hourMs);
    story.wallMs += 12 * hourMs;
    expect(isOn(story.passes(1))).toBe(true);
    ends(story).passes(12 * hourMs);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(10.5 * hourMs))).toBe(true);
  });

  it('set back, the monotonic clock brings it, and no second one the same night', () => {
    const story = begin().passes(hourMs);
    story.wallMs -= 5 * hourMs;
    story.passes(firstInMs - hourMs);
    expect(isOn(story)).toBe(true);
    ends(story).passes(6 * hourMs);
    expect(isOn(story)).toBe(false);
  });

  it('a clock that nobody has set neither brings it nor keeps it away for ever', () => {
    const story = begin().passes(hourMs);
    story.clock = 'unknown';
    story.wallMs = Date.UTC(1970, 0, 1);
    story.restarts('boot-2').passes(patrolLimits.farthestMs - 1);
    expect(isOn(story)).toBe(false);
    expect(isOn(story.passes(1))).toBe(true);
    const early = begin().passes(hourMs);
    early.clock = 'unknown';
    early.wallMs += 2 * dayMs;
    expect(isOn(early.happens({ kind: 'time.passed' }).passes(1_000))).toBe(false);
    // The time service has heard a server: the deadline has long passed, and is made up for.
    const other = begin().passes(hourMs);
    other.clock = 'unknown';
    const wallMs = other.wallMs + 2 * dayMs;
    other.wallMs = Date.UTC(1970, 0, 1);
    other.restarts('boot-2').passes(30_000);
    other.clock = 'good';
    other.wallMs = wallMs;
    other.happens({ kind: 'time.passed' });
    expect(isOn(other)).toBe(false);
    expect(isOn(other.passes(patrolLimits.settleMs))).toBe(true);
  });
});

describe('what puts it off', () => {
  it('an incident at its time; it begins when that is over', () => {
    const story = begin().passes(firstInMs - 1000);
    story.press('desk').passes(hourMs);
    expect(isOn(story)).toBe(false);
    story.resolves(story.of('desk').id).passes(1);
    expect(isOn(story)).toBe(true);
  });

  it('an incident in the middle of it: given up, what it found is nobody’s, begun anew', () => {
    const story = begin().passes(firstInMs);
    const { patrol: id } = story.wanted;
    story.press('desk');
    expect(isOn(story)).toBe(false);
    story.happens({ kind: 'patrol.ended', id: id ?? '', parts: well });
    expect(story.toldKinds()).not.toContain('patrol.ended');
    story.resolves(story.of('desk').id).passes(1);
    expect(isOn(story)).toBe(true);
    expect(story.wanted.patrol).not.toBe(id);
  });

  it('a window, and a talk; somebody who looks does not', () => {
    const story = begin().opens('service').passes(1000);
    expect(isOn(story.happens({ kind: 'patrol.asked', user: 'chen' }))).toBe(false);
    story.closes().offers('s-1').happens({ kind: 'patrol.asked', user: 'chen' });
    expect(isOn(story)).toBe(false);
    story.command({ verb: 'session.bye', session: 's-1' });
    story.command(offerOf('v-1', { kind: 'live' }));
    expect(isOn(story.happens({ kind: 'patrol.asked', user: 'chen' }))).toBe(true);
  });
});

describe('what it finds', () => {
  const bad = [
    { part: 'clock', ok: false, detail: 'nobody sets it' },
    { part: 'dome', ok: false, detail: 'it does not answer', told: 'dome.lost' },
  ];
  const faults = (story: Rehearsal) => Object.keys(story.state.live.faults);

  it('is told, a fault for each that no fault tells yet, until the next one finds it well', () => {
    const story = ends(begin().passes(firstInMs), bad);
    expect(story.body('patrol.ended')).toMatchObject({ result: 'failed', parts: bad });
    expect(faults(story)).toEqual(['patrol.clock']);
    expect(story.records.at(-1)).toMatchObject({ kind: 'patrol.ended', parts: bad });
    expect(faults(story.restarts('boot-2'))).toEqual(['patrol.clock']);
    story.passes(dayMs + 1);
    expect(faults(ends(story))).toEqual([]);
  });

  it('survives the disk, and is bounded', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({
      ...{ part: `p${n}`, ok: true, detail: 'x'.repeat(1000) },
    }));
    const story = ends(begin().passes(firstInMs), many);
    const { site } = story.state.durable.site;
    const parts = site?.patrol?.last?.parts ?? [];
    expect(parts).toHaveLength(patrolLimits.partsMax);
    expect(parts[0]?.detail).toHaveLength(patrolLimits.detailChars);
    const { durable, unreadable } = loadRows([['site', 'site', JSON.stringify(site)]]);
    expect(unreadable).toEqual([]);
    expect(durable.site.site).toEqual(site);
  });

  it('is a fault of its own where it does not end', () => {
    const story = begin().passes(firstInMs + patrolLimits.withinMs);
    expect(isOn(story)).toBe(false);
    expect(faults(story)).toEqual(['patrol.patrol']);
    expect(story.body('patrol.ended')).toMatchObject({ result: 'failed' });
  });
});
