// SIGKILL in the middle of commits: what was confirmed is there, the chain is whole, nothing is twice.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyChain } from '#agent/store/chain.ts';
import { until, within } from '#test/support/wait.ts';
import {
  auditRows,
  headOf,
  pressId,
  RecordingSink,
  smallStore,
  tempDir,
  terminal,
} from './support.ts';

const kills = 24;

let dir: ReturnType<typeof tempDir>;
let child: ChildProcess | null = null;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  child?.kill('SIGKILL');
  dir.remove();
});

/** Runs until `more` presses beyond the first are confirmed, kills, and tells the last one. */
async function runAndKill(more: number): Promise<number> {
  const script = join(import.meta.dirname, 'kill.child.ts');
  const running = spawn(process.execPath, [script, dir.path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = running;
  const lines: string[] = [];
  let errors = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const confirmed = () => lines.join('').split('\n').slice(0, -1).map(Number);
  // 'close' comes when the pipe has been read to its end, too.
  const exited = once(running, 'close');
  await until(() => confirmed().length > more || errors !== '', {
    withinMs: 10_000,
    what: 'confirmed presses',
  });
  running.kill('SIGKILL');
  await within(exited, { withinMs: 5000, what: 'the killed child' });
  expect(errors).toBe('');
  return confirmed().at(-1) ?? 0;
}

async function check(confirmed: number): Promise<void> {
  const store = smallStore(dir.path);
  const { incidents } = store.open(new RecordingSink());
  const rows = await store.page('alarm', 0, 100_000);
  const { publicKey } = store.evidence;
  const { chainSeq, outboxRows } = store.figures();
  await store.close();
  const written = Object.keys(incidents).length;
  // The turn under way at the kill may be there, too; never a part of it.
  expect(written).toBeGreaterThanOrEqual(confirmed);
  expect(written).toBeLessThanOrEqual(confirmed + 1);
  expect(chainSeq).toBe(written);
  const open = Array.from({ length: Math.min(50, written) }, (_, i) => pressId(written - i));
  expect(rows.map(({ id }) => id)).toEqual(open.toReversed());
  expect(outboxRows).toBe(open.length);
  const heads = rows.map(({ payload }) => headOf(payload));
  expect(verifyChain(auditRows(dir.path), { terminal, publicKey, heads })).toMatchObject({
    ok: true,
  });
}

test(`${kills} kills at random moments lose nothing that was confirmed`, {
  timeout: 150_000,
}, async () => {
  for (let kill = 0; kill < kills; kill++) {
    const confirmed = await runAndKill(Math.floor(Math.random() * 120));
    await check(confirmed);
  }
});
