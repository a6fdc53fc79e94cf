// The report of a case: what it says, from where, and beside which figure; and that nothing of the case's own
// texts gets out of its place on the page.

import { describe, expect, it } from 'vitest';
import type { Incident } from '#agent/core/state.ts';
import { htmlOf } from '#agent/evidence/html.ts';
import { plain, reportOf } from '#agent/evidence/report.ts';
import { Story } from '#test/core/story.ts';
import { caseOf, sourceOf, stored, terminal } from './support.ts';

const ask = (story: Story, { id: incident }: Incident) =>
  story.command({ verb: 'evidence.export', incident, reason: 'r' });

describe('what it says', () => {
  const { story } = caseOf();
  const report = reportOf(sourceOf(story));

  it('who and where, when by which clock, what was pressed and how it ended', () => {
    expect(report.terminal).toEqual(terminal);
    expect(report.incident).toMatchObject({
      ...{ kind: 'emergency', input: 'desk', inputName: 'Desk', presses: 2, mark: null },
      ...{ raised: { clock: 'good', afterMs: 0, seq: expect.any(Number) }, madeReal: null },
      ...{ pressedAgain: [{ clock: 'good' }], resets: [{ clock: 'good' }] },
      falseAlarm: { clock: 'good', seq: expect.any(Number) },
      resolution: { reason: 'handled', note: '民警已到场,<script>alert(1)</script>' },
    });
  });

  it('each hop since the press, beside its figure and where that comes from', () => {
    const { hops } = report;
    // The press itself lasts 400 ms of the story.
    expect(hops.map(({ step, time }) => [step, time && Math.round(time.afterMs ?? -1)])).toEqual([
      ...[
        ['stored', 430],
        ['sent', 430],
        ['received', 520],
        ['seen', 1_520],
        ['taken', 4_020],
      ],
      ...[
        ['talking', 4_320],
        ['resolved', expect.any(Number)],
      ],
    ]);
    expect(hops[2]).toMatchObject({
      ...{ limitMs: 2_000, limitFrom: 'DB15/T 3968-2025; GA/T 368', isWithin: true },
    });
    // Stored before it was sent: whether within 50 ms is not known.
    expect(hops[0]).toMatchObject({
      atLatest: true,
      limitMs: 50,
      limitFrom: 'own',
      isWithin: null,
    });
    expect(hops[1]).toMatchObject({ limitMs: null, time: { seq: null } });
  });

  it('who saw, took, turned, talked and switched, and how long', () => {
    expect(report.deeds.map(({ what, user }) => [what, user])).toEqual([
      ...[
        ['seen', 'li'],
        ['taken', 'li'],
        ['siren-off', 'li'],
        ['resolved', 'li'],
      ],
    ]);
    expect(report.sessions).toMatchObject([
      { media: 'talk', role: '110-city', user: 'li', lastedMs: 20_000, end: 'bye' },
    ]);
    expect(report.turns).toMatchObject([{ user: 'li', moves: 1, lastedMs: 400, end: 'released' }]);
  });

  it('what is kept, from when, what is missing and why, and which faults there were', () => {
    expect(report.files).toMatchObject([
      { what: 'snapshot', dueMs: 0, state: 'here' },
      { what: 'clip', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), state: 'here' },
    ]);
    expect(report.files[1]?.beforePressMs).toBeGreaterThan(0);
    expect(report.missing).toEqual([
      { what: 'snapshot', detail: '+1 s: no snapshot from the dome: HTTP 503' },
    ]);
    expect(report.faults).toMatchObject([
      { fault: 'dome.lost', before: true, clearedAfterMs: expect.any(Number) },
    ]);
    expect(report.made).toMatchObject({ role: 'platform', user: 'zhang', reason: '检察院调取' });
  });
});

describe('what is not known', () => {
  it('is left open: no receipt, another boot, a clock that is not right, a case that goes on', () => {
    const story = new Story({ evidence: true });
    story.clock = 'unknown';
    story.press('desk').restarts('boot-2');
    const desk = story.of('desk');
    ask(story.receipt(desk), desk);
    const { hops, incident, restarts, missing } = reportOf(sourceOf(story));
    expect(incident).toMatchObject({ raised: { clock: 'unknown' }, resolution: null });
    expect(hops[2]).toMatchObject({ time: { afterMs: null }, isWithin: null });
    expect(hops.slice(3).every(({ time }) => time === null)).toBe(true);
    expect(restarts).toHaveLength(1);
    expect(missing).toEqual([
      { what: 'clip', detail: 'the case is open: what is being recorded now is not here' },
    ]);
  });

  it('an alarm that the disk did not take has no time of storage', () => {
    const story = new Story({ evidence: true }).press('desk');
    const desk = story.of('desk');
    story.happens({ kind: 'storage.failed', reason: 'hangs', unstored: [desk.id] }).ack(desk);
    ask(story, story.of('desk'));
    const { hops, faults } = reportOf(sourceOf(story));
    expect(hops[0]).toMatchObject({ step: 'stored', time: null });
    expect(faults.map(({ fault }) => fault)).toContain('storage.failed');
  });

  it('late is late: a receipt after three seconds does not meet the figure', () => {
    const story = new Story({ evidence: true }).press('desk').passes(3_000);
    const desk = story.of('desk');
    ask(story.receipt(desk), desk);
    expect(reportOf(sourceOf(story)).hops[2]).toMatchObject({ isWithin: false });
  });

  it('pruned records, a lost press, files deleted or gone are told', () => {
    const story = new Story({ evidence: true }).press('desk');
    const { id } = story.of('desk');
    const file = `${id}-1.mp4`;
    story.happens(stored(id, file, Buffer.from('x')));
    story.happens({ kind: 'evidence.purged', file, bytes: 1, reason: 'age' });
    ask(story, story.of('desk'));
    const source = sourceOf(story, {
      pruned: 3,
      isWhole: false,
      absent: [{ file: 'b', why: 'EIO' }],
    });
    const { files, missing } = reportOf(source);
    expect(files).toMatchObject([{ state: 'purged' }]);
    expect(missing.map(({ what }) => what)).toEqual(['file', 'file', 'clip', 'record', 'record']);
  });
});

describe('a mark', () => {
  it('of a drill stands on the page beyond mistake, in both languages; made real, that does', () => {
    const { story } = caseOf();
    const source = sourceOf(story);
    const { case: row } = source.begun;
    const drill = { ...source.begun, case: { ...row, mark: 'drill' as const } };
    const page = reportOf({ ...source, begun: drill });
    expect(page.incident.mark).toBe('drill');
    expect(htmlOf(page, 'zh')).toContain('<strong class="mark">演练</strong>');
    expect(htmlOf(page, 'en')).toContain('<strong class="mark">DRILL</strong>');
    const made = { at: row.raised, was: 'drill', reason: 'held', message: 'm' } as const;
    const later = { ...row, made };
    const real = reportOf({ ...source, begun: { ...source.begun, case: later } });
    expect(htmlOf(real, 'zh')).toContain('演练 → 已转为真实警情');
    expect(htmlOf(real, 'zh')).not.toContain('class="mark"');
  });
});

describe('texts of others', () => {
  it('are escaped, cut, and turn nothing around', () => {
    const nasty = `"><img src=x onerror=alert(1)>\u202e&\u0000'${'长'.repeat(5_000)}`;
    const { story } = caseOf();
    const source = sourceOf(story, { terminal: { ...terminal, school: nasty, gate: nasty } });
    for (const language of ['zh', 'en'] as const) {
      const html = htmlOf(reportOf(source), language);
      expect(html).not.toMatch(/<(img|script|link|iframe|a)\b|url\(|@import|\u202e/);
      expect(html.includes('\u0000')).toBe(false);
      expect(html).toContain('&lt;script&gt;');
      expect(html).toContain('&quot;&gt;&lt;img');
      expect(html.length).toBeLessThan(40_000);
    }
    expect(plain('a\nb\u202ec')).toBe('a b c');
    expect([...plain('长'.repeat(99), 10)]).toHaveLength(10);
  });
});
