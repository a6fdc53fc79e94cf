// A certificate grows old: it is told, a new one is asked for, faults say how near the end is; nothing by a
// clock that is not good, and nothing changes hands while a case is open.

import { describe, expect, it } from 'vitest';
import type { Fact, FactOf } from '#agent/core/fact.ts';
import { Story, shownUntil } from './story.ts';

const dayMs = 86_400_000;
const inDays = (story: Story, days: number): Fact => shownUntil(story.wallMs + days * dayMs);
const requested: FactOf<'certificate.requested'> = {
  ...{ kind: 'certificate.requested', request: 'r-1', csr: 'PEM' },
};
const kinds = (story: Story) =>
  story.told.map(({ body }) => body.kind).filter((kind) => kind !== 'chain.head');
const faults = (story: Story) => Object.keys(story.state.live.faults);
const asks = (story: Story) => story.wanted.certificate.asks;

describe('days', () => {
  it('nothing is said of one that lasts', () => {
    const story = new Story();
    story.happens(inDays(story, 31));
    expect(kinds(story)).toEqual([]);
    expect(asks(story)).toBe(false);
  });

  it('30 days ahead it is told once and asked for; 7 days ahead and at the end the fault says so', () => {
    const story = new Story();
    story.happens(inDays(story, 31)).passes(2 * dayMs);
    expect(kinds(story)).toEqual(['fault.raised', 'certificate.expiring']);
    expect(asks(story)).toBe(true);
    story.happens(requested);
    expect(asks(story)).toBe(false);
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'certificate.request', csr: 'PEM' });
    expect(story.records).toContainEqual(requested);
    // Again after a week, and no second time before.
    story.passes(6 * dayMs);
    expect(asks(story)).toBe(false);
    story.passes(dayMs);
    expect(asks(story)).toBe(true);
    story.happens(requested).passes(15 * dayMs);
    expect(story.state.live.faults['certificate.expires']?.detail).toContain('in less than 7 days');
    story.happens(requested).passes(dayMs);
    expect(asks(story)).toBe(true);
    story.passes(8 * dayMs);
    expect(faults(story)).toEqual(['certificate.expired']);
    expect(kinds(story).filter((kind) => kind === 'certificate.expiring')).toHaveLength(1);
  });

  it('a restart tells and asks nothing twice', () => {
    const story = new Story();
    story.happens(inDays(story, 29)).happens(requested);
    const before = kinds(story);
    expect(before).toEqual(['fault.raised', 'certificate.expiring', 'certificate.request']);
    const shown = shownUntil(story.wallMs + 29 * dayMs);
    story.restarts().happens(shown);
    expect(asks(story)).toBe(false);
    expect(kinds(story).slice(before.length)).toEqual(['fault.raised']);
  });

  it('a clock that is not good has no days', () => {
    const story = new Story();
    story.clock = 'unknown';
    story.happens(inDays(story, 3));
    expect([kinds(story), asks(story)]).toEqual([[], false]);
    story.clock = 'good';
    story.happens({ kind: 'time.passed' });
    expect(asks(story)).toBe(true);
  });

  it('0 days: never asked for, and the fault all the same', () => {
    const story = new Story({ renewDays: 0 });
    story.happens(inDays(story, 3));
    expect(asks(story)).toBe(false);
    expect(faults(story)).toEqual(['certificate.expires']);
  });
});

describe('the next one', () => {
  it('is told when the line shows it, and the faults end', () => {
    const story = new Story();
    story.happens(inDays(story, 3));
    story.happens(shownUntil(story.wallMs + 400 * dayMs, 'cd'.repeat(32)));
    expect(faults(story)).toEqual([]);
    expect(kinds(story).slice(-2)).toEqual(['certificate.renewed', 'fault.cleared']);
    expect(asks(story)).toBe(false);
  });

  it('waits for an open case, a drill, a call, a stick in somebody’s hand', () => {
    const story = new Story();
    story.happens(inDays(story, 3));
    const may = () => story.wanted.certificate.mayChange;
    expect(may()).toBe(true);
    story.takes({ role: '110-city', user: 'li' });
    expect(may()).toBe(false);
    story.passes(10 * 60_000);
    expect(may()).toBe(true);
    story.press('desk');
    expect(may()).toBe(false);
    const incident = story.of('desk').id;
    story.command({ verb: 'resolve', incident, reason: 'handled', note: null });
    expect(may()).toBe(true);
    const drill = { verb: 'window.open', mark: 'drill', minutes: 1, siren: false } as const;
    story.command(drill);
    expect(may()).toBe(false);
  });

  it('is looked at by whoever has the key, and refused where there is none', () => {
    const story = new Story();
    const offer = { verb: 'certificate.offer', request: 'r-1', chain: 'PEM' } as const;
    story.command(offer, { role: 'platform' });
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'failed' });
    story.happens(inDays(story, 3)).command(offer, { role: 'platform' });
    const [job] = story.wanted.jobs;
    expect(job).toMatchObject({ what: 'certificate.take', chain: 'PEM' });
    story.happens({ kind: 'job.failed', id: job?.id ?? '', reason: 'it belongs to another key' });
    expect(story.lastAnswer).toMatchObject({ ok: false, detail: 'it belongs to another key' });
  });
});
