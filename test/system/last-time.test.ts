// The last time that is known to have been: over restarts, rarely written, and never a reason to fall.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepEveryMs, LastTime, lastTimeFile } from '#agent/system/last-time.ts';

const day = Date.UTC(2026, 10, 21);

function place() {
  const dir = mkdtempSync(join(tmpdir(), 'gate-last-time-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const failures: unknown[] = [];
  const opened = () => {
    const time = new LastTime();
    time.open(dir, (error) => failures.push(error));
    return time;
  };
  return { dir, file: join(dir, lastTimeFile), failures, opened };
}

it('is kept over a restart, and written once a day at most', async () => {
  const { file, opened } = place();
  const time = opened();
  expect(time.wallMs).toBe(0);
  time.keep(day);
  await time.settled();
  expect(opened().wallMs).toBe(day);
  const { mtimeNs } = statSync(file, { bigint: true });
  for (let ms = 0; ms < keepEveryMs; ms += 60_000) time.keep(day + ms);
  time.keep(day - 10 * keepEveryMs);
  await time.settled();
  expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);
  time.keep(day + keepEveryMs);
  await time.settled();
  expect(opened().wallMs).toBe(day + keepEveryMs);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each(['', 'tomorrow', '-1', '99999999999999', '1e99', '\0\0\0\0'])(
  '%j counts as none',
  (text) => {
    const { file, opened } = place();
    writeFileSync(file, text);
    expect(opened().wallMs).toBe(0);
  },
);

it('a disk that does not take it costs nothing but a line in the log', async () => {
  const { dir, file, failures, opened } = place();
  const time = opened();
  rmSync(dir, { recursive: true });
  time.keep(day);
  await time.settled();
  expect(failures).toHaveLength(1);
  expect(time.wallMs).toBe(day);
  expect(() => readFileSync(file)).toThrow();
});
