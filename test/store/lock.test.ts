// One daemon a data directory: the second is refused, and nothing of the first is touched.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '#agent/refusal.ts';
import { holderOf, isEnding, lockFile } from '#agent/store/lock.ts';
import { until, within } from '#test/support/wait.ts';
import { alarms, journalOf, openStore, presses, Rig } from './damage.ts';
import { press } from './support.ts';

const readProc = (file: string): string => readFileSync(file, 'utf8');

const rig = new Rig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

describe('a data directory', () => {
  test('that has its daemon refuses a second one, which is told who has it', async () => {
    const first = rig.reopen();
    first.store.commit(press(1));
    let refusal: unknown;
    try {
      openStore(rig.path);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ fields: [{ field: 'data.dir', value: rig.path }] });
    expect(`${refusal}`).toContain(`(process ${process.pid}) is at work in it`);
    // On a busy disk a commit may be late; what is asked is that it is not stopped.
    first.store.commit(press(2));
    const isWritten = () => first.store.figures().behind === 0;
    await until(isWritten, { withinMs: 8_000, what: 'the first goes on writing' });
    expect(await alarms(first)).toEqual(presses(2));
    await rig.closeAll();
    expect(journalOf(rig.path)?.alarms.map(({ id }) => id)).toEqual(presses(2));
    expect(await alarms(rig.reopen())).toEqual(presses(2));
  });

  test('keeps its daemon while the thread that holds it is replaced', async () => {
    const { store } = rig.reopen();
    await store.crashWorker();
    const done = () => store.figures().behind === 0 && store.commit(press(1)).durable;
    await until(done, { withinMs: 8_000, what: 'a commit by the new thread' });
    expect(() => openStore(rig.path)).toThrow(Refusal);
  });

  test('in which no lock can be had opens all the same', async () => {
    mkdirSync(join(rig.path, lockFile));
    expect(rig.reopen().store.commit(press(1))).toMatchObject({ durable: true });
  });
});

describe('who holds a lock, and whether that will ever run again', () => {
  const locks = [
    '1: FLOCK  ADVISORY  WRITE 707 08:01:77 0 EOF',
    '2: POSIX  ADVISORY  READ  708 08:01:77 0 EOF',
    '3: POSIX  ADVISORY  WRITE 709 fe:01:7 1073741824 1073742335',
    '3: -> POSIX  ADVISORY  WRITE 710 fe:01:78 0 EOF',
    '4: POSIX  ADVISORY  WRITE 0 fe:01:79 0 EOF',
  ].join('\n');
  test.each([
    [7, 709],
    [77, null],
    [79, null],
    [5, null],
  ])('inode %i: %s', (inode, pid) => expect(holderOf(locks, inode)).toBe(pid));

  test('as the kernel tells it of this process', () => {
    rig.reopen();
    const { ino } = statSync(join(rig.path, lockFile));
    const seen = readProc('/proc/locks');
    expect(holderOf(seen, ino)).toBe(process.pid);
    expect(isEnding(readProc('/proc/self/status'))).toBe(false);
  });

  test.each([
    ['State:\tZ (zombie)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n', true],
    ['State:\tD (disk sleep)\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000000100\n', true],
    ['State:\tD (disk sleep)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000004000\n', false],
    ['State:\tS (sleeping)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n', false],
    ['', false],
  ])('%j: %s', (status, ending) => expect(isEnding(status)).toBe(ending));

  test('a stopped process is not ending; one that was killed and not buried is', async () => {
    // The shell does not wait for its child, which stays a zombie until the shell ends.
    const child = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await within(once(child.stdout, 'data'), { withinMs: 5_000, what: 'its pid' });
      const pid = Number(`${line}`);
      const status = () => readProc(`/proc/${pid}/status`);
      process.kill(pid, 'SIGSTOP');
      await until(() => /State:\s+T/.test(status()), { withinMs: 5_000, what: 'its stop' });
      expect(isEnding(status())).toBe(false);
      process.kill(pid, 'SIGKILL');
      await until(() => isEnding(status()), { withinMs: 5_000, what: 'its end' });
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await within(gone, { withinMs: 5_000, what: 'the end of the shell' });
    }
  });
});
