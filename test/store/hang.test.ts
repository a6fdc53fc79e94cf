// An fsync that does not return, as on a dying eMMC: the loop goes on after 200 ms, later commits do
// not wait, and everything is written in order when the disk answers again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyChain } from '#agent/store/chain.ts';
import { databaseFile } from '#agent/store/store.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { until, within } from '#test/support/wait.ts';
import { journalOf, verdictOf } from './damage.ts';
import {
  auditRows,
  headOf,
  press,
  pressId,
  RecordingSink,
  smallStore,
  tempDir,
} from './support.ts';

const commit = z.object({
  durable: z.boolean(),
  reason: z.string().nullable(),
  rows: z.number(),
  ms: z.number(),
});
const report = z.object({
  before: commit,
  first: commit,
  later: z.array(commit),
  behind: z.number(),
  told: z.array(z.string()).optional(),
  after: commit.optional(),
  behindAfter: z.number().optional(),
  stuck: z.boolean(),
  closeMs: z.number().optional(),
});

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

async function play(story: 'recover' | 'close') {
  const shim = fsyncShim(dir.path);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'hang.child.ts'), dir.path, story],
    { env: { ...process.env, ...shim }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const ended = Promise.all([text(child.stdout), once(child, 'exit')]);
    const [out, [code, signal]] = await within(ended, { withinMs: 15_000, what: 'the story' });
    return { ...report.parse(JSON.parse(out)), code, signal };
  } finally {
    child.kill('SIGKILL');
  }
}

test('a hanging fsync costs 200 ms once; nothing is lost and nothing out of order', async () => {
  const seen = await play('recover');
  expect(seen.before).toMatchObject({ durable: true });
  expect(seen.first).toMatchObject({
    durable: false,
    reason: 'the disk has not answered in 200 ms',
    rows: 1,
  });
  expect(seen.first.ms).toBeGreaterThanOrEqual(195);
  expect(seen.first.ms).toBeLessThanOrEqual(250);
  expect(seen.later.filter(({ durable }) => durable)).toEqual([]);
  expect(Math.max(...seen.later.map(({ ms }) => ms))).toBeLessThan(50);
  expect(seen.behind).toBe(21);
  expect(seen.told).toEqual(['storage.recovered']);
  expect(seen.after).toMatchObject({ durable: true });
  expect(seen).toMatchObject({ stuck: false, behindAfter: 0, code: 0 });
  const rows = auditRows(dir.path);
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
  expect(verifyChain(rows)).toMatchObject({ ok: true });
  const store = smallStore(dir.path);
  expect(Object.keys(store.open(new RecordingSink()).incidents)).toHaveLength(23);
  expect(await store.page('alarm', 0, 100)).toHaveLength(23);
  await store.close();
});

test.each([
  ['the database', { HANG_ONLY: databaseFile }],
  ['the whole disk', {}],
])('killed while %s hangs: presses that it never got come from the journal', async (_, which) => {
  const shim = { ...fsyncShim(dir.path), ...which };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'hang.child.ts'), dir.path, 'stay'],
    { env: { ...process.env, ...shim }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  try {
    await within(once(child.stdout, 'data'), { withinMs: 15_000, what: 'the presses' });
    await until(() => journalOf(dir.path)?.alarms.length === 22, {
      withinMs: 2000,
      what: 'the journal',
    });
  } finally {
    child.kill('SIGKILL');
  }
  await within(exited, { withinMs: 5000, what: 'the end of the child' });
  const store = smallStore(dir.path);
  const sink = new RecordingSink();
  expect(Object.keys(store.open(sink).incidents)).toHaveLength(22);
  expect(sink.kinds()).toEqual(['fault.raised', 'fault.cleared']);
  const alarms = await store.page('alarm', -1, 100);
  expect(alarms.map(({ id }) => id)).toEqual(Array.from({ length: 22 }, (_, n) => pressId(n + 1)));
  const heads = alarms.map(({ payload }) => headOf(payload));
  store.commit(press(23));
  const { publicKey } = store.evidence;
  await store.close();
  expect(verdictOf(dir.path, publicKey, heads)).toMatchObject({ ok: true });
});

test('a press is flushed to the journal, too', async () => {
  const log = join(dir.path, 'syncs');
  const env = { ...process.env, ...fsyncShim(dir.path), HANG_FILE: join(dir.path, 'x') };
  const script = join(import.meta.dirname, 'sync.child.ts');
  const child = spawn(process.execPath, [script, dir.path], {
    env: { ...env, SYNC_LOG: log },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [out] = await within(Promise.all([text(child.stdout), once(child, 'exit')]), {
      withinMs: 15_000,
      what: 'the press',
    });
    const { before, after } = z
      .object({ before: z.number(), after: z.number() })
      .parse(JSON.parse(out));
    expect(after).toBeGreaterThan(before);
  } finally {
    child.kill('SIGKILL');
  }
});

test('close returns in its time although the disk does not, and says that only SIGKILL ends it', async () => {
  const seen = await play('close');
  expect(seen.stuck).toBe(true);
  expect(seen.closeMs).toBeLessThan(600);
  expect(seen.signal).toBe('SIGKILL');
  const store = smallStore(dir.path);
  // The turn that hung had been written, if not synced, and a killed process loses no page cache.
  expect(Object.keys(store.open(new RecordingSink()).incidents).length).toBeGreaterThanOrEqual(1);
  await store.close();
  expect(verifyChain(auditRows(dir.path))).toMatchObject({ ok: true });
});
