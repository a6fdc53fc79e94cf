// The score of a drill on its way out of the house: a signed record with pages that say what it is, and the
// words of `gate-agent drill`.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DrillScore } from '#agent/core/drill.ts';
import { drillText } from '#agent/evidence/drill-command.ts';
import { drillVerbs } from '#agent/evidence/drill-control.ts';
import { drillPages } from '#agent/evidence/drill-page.ts';
import { drillWatch } from '#agent/install/drill-record.ts';
import { type Made, Recorder } from '#agent/records/recorder.ts';
import { verifyRecord } from '#agent/records/verify.ts';
import { evidenceKeyOf } from '#agent/store/evidence-key.ts';
import { endCase, Rehearsal } from '#test/core/rehearsal.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { contractIdentity } from '#test/support/identity.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-drill-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Pressed and received in time, taken too late, by `<li>`. */
function played(): Rehearsal {
  const story = new Rehearsal('drill').press('desk');
  story.receipt(story.of('desk')).passes(20_000);
  story.command({ verb: 'take', incident: story.of('desk').id }, { user: '<li>' });
  return endCase(story, 'desk').closes();
}

function scoreOf(story: Rehearsal): DrillScore {
  const fact = story.records.findLast(({ kind }) => kind === 'drill.scored');
  if (fact?.kind !== 'drill.scored') throw new Error('not scored');
  const { kind: _, ...score } = fact;
  return score;
}

const terminal = {
  ...{ id: 't1', version: '1', divisionCode: '330106', jurisdiction: '文新派出所', position: null },
  ...{ school: '文新小学', gate: '东门', address: 'x', gateRoomPhone: '1' },
};

it('is signed beside the chain, with a page in each language, and verifies', async () => {
  const key = evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);
  const recorder = new Recorder({
    ...{ dir, terminal: 't1', clock: new VirtualClock(), key },
    sink: { emit: (_, stepped) => stepped?.() },
    pages: { drill: () => Promise.resolve(drillPages) },
  });
  const story = played();
  const made = new Promise<Made>((done, failed) => {
    const make = (order: Parameters<Recorder['make']>[0]) =>
      recorder.make(order).then(done, failed);
    const watch = drillWatch(() => ({ identity: contractIdentity, make }));
    const stepped = { state: story.state, enqueue: [], settle: [], send: [], notices: [] };
    const now = { id: 'f', bootId: 'b', monoMs: 1, wallMs: 1, clock: 'good' } as const;
    watch.stepped({ kind: 'time.passed' }, now, { ...stepped, record: story.records });
  });
  const { record, file } = await made;
  expect(record).toMatchObject({ kind: 'drill', result: 'failed', body: { mark: 'drill' } });
  expect(record.summary).toMatch(/^Drill: \d of 5 targets met$/);
  expect(verifyRecord(readFileSync(join(dir, file ?? '')))).toMatchObject({ ok: true });
  const pages = readdirSync(dir).filter((name) => name.endsWith('.html'));
  const [en = '', zh = ''] = pages.sort().map((name) => readFileSync(join(dir, name), 'utf8'));
  expect(zh).toContain('class="mark">演练<');
  for (const says of ['DRILL', '110-city/&lt;li&gt;', '≤ 15 s missed', 'did not happen'])
    expect(en).toContain(says);
  expect(en).not.toContain('<li>');
});

it('is found in the chain, the last one, and told in words, as JSON and as a page', async () => {
  const [first, second] = [played(), played()];
  const bodies = [first, second].map((story) => ({ kind: 'drill.scored', ...scoreOf(story) }));
  const rows = bodies.map((fact, n) => ({
    ...{ seq: 10 + n, kind: 'drill.scored', body: JSON.stringify({ at: {}, fact }) },
    ...{ wallMs: 1, monoMs: 1, bootId: 'b', bodyHash: '', hash: '' },
  }));
  const others = { ...rows[0], seq: 12, kind: 'window.opened', body: '{}' } as (typeof rows)[0];
  const pages = [[others], [...rows].reverse(), []];
  const records = () => Promise.resolve({ rows: pages.shift() ?? [], checkpoints: [] });
  const last = await drillVerbs({ archive: { records }, terminal })['drill.last']();
  if (!last) throw new Error('armed');
  expect(last.score).toEqual(scoreOf(second));
  const text = drillText({ last, as: 'text' }) ?? '';
  expect(text).toMatch(
    /^Drill of 2026-11-21 16:00:00 \(UTC\+8\), opened by 110-city\/li: NOT all met/,
  );
  expect(text).toMatch(/taken {6,}20\.4 s of 15 s MISSED by 110-city\/<li>/);
  expect(JSON.parse(drillText({ last, as: 'json' }) ?? '')).toMatchObject({ mark: 'drill' });
  expect(drillText({ last, as: 'zh.html' })).toContain('文新小学');
  expect(drillText({ last: { terminal, score: null }, as: 'text' })).toBeNull();
});
