// Places where no database can be kept: a file system filled to its last block, one that is read-only, no
// directory at all. As root with mounts that end with the child; else with what a user can do.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { databaseFile } from '#agent/store/store.ts';
import { within } from '#test/support/wait.ts';
import { faultOf, openStore, used } from './damage.ts';
import { press, pressId, tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  chmodSync(dir.path, 0o700);
  dir.remove();
});

const isRoot = process.getuid?.() === 0;
const faults = z.array(z.string());
const commits = z.array(
  z.object({ durable: z.boolean(), reason: z.string().nullable(), rows: z.array(z.object({})) }),
);

/** Runs the story after `prepare`, a line of shell that sees the directory as $1. */
async function play<T>(story: string, prepare: string, seen: z.ZodType<T>): Promise<T> {
  const script = join(import.meta.dirname, 'places.child.ts');
  // In a chroot / is no mount point, and cannot be made private; whoever made the chroot did so.
  const apart = isRoot ? 'mount --make-rprivate / 2>/dev/null || :' : ':';
  const shell = ['sh', '-ec', `${apart}; ${prepare}; exec "$2" "$3" "$1" "$4"`, 'sh', dir.path];
  const [command = '', ...args] = [
    ...(isRoot ? ['unshare', '--mount', '--propagation', 'unchanged'] : []),
    ...[...shell, process.execPath, script, story],
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ended = Promise.all([text(child.stdout), once(child, 'exit')]);
    const [out] = await within(ended, { withinMs: 18_000, what: 'the story' });
    return seen.parse(JSON.parse(out));
  } finally {
    child.kill('SIGKILL');
  }
}

describe('read-only', () => {
  const remount = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"';
  const schema = z.object({ incidents: z.number(), commits, alarms: z.number(), faults });
  const seenReadOnly = () => {
    if (isRoot) return play('read-only', remount, schema);
    for (const name of readdirSync(dir.path)) chmodSync(join(dir.path, name), 0o400);
    chmodSync(dir.path, 0o500);
    return play('read-only', 'true', schema);
  };
  const notStored = (seen: z.infer<typeof schema>) => {
    expect(seen.commits).toHaveLength(3);
    for (const commit of seen.commits) expect(commit).toMatchObject({ durable: false, rows: [{}] });
  };

  test('the database is read, and takes nothing: alarms go out from memory', async () => {
    await used(dir.path, 2);
    const seen = await seenReadOnly();
    expect(seen).toMatchObject({ incidents: 2, alarms: 2 });
    expect(seen.commits[0]?.reason).toMatch(/READONLY/);
    notStored(seen);
  });

  test('the database cannot even be read: open incidents come from the journal', async () => {
    await used(dir.path, 2);
    for (const end of ['-shm', '-wal']) rmSync(join(dir.path, databaseFile + end), { force: true });
    const seen = await seenReadOnly();
    expect(seen).toMatchObject({ incidents: 2, alarms: 5 });
    notStored(seen);
    expect(seen.faults[0]).toMatch(/^storage\.database: the database cannot be used .*Mend it/);
  });
});

const seenFull = z.object({
  ...{ before: z.number(), during: z.number(), settled: z.boolean(), open0: z.number() },
  after: z.object({ stored: z.number(), faults }),
  memory: z.object({ commits, faults }),
  torn: z.object({ incidents: z.number(), faults, kept: z.array(z.string()) }),
  small: z.object({ stored: z.number(), faults }),
});

describe.runIf(isRoot)('a file system of 16 MB', () => {
  test('filled to its last block', async () => {
    const mount = 'mount -t tmpfs -o size=16m tmpfs "$1"';
    const seen = await play('full', mount, seenFull);
    // What was kept for this takes every press, receipts too, and the next start.
    expect(seen).toMatchObject({ before: 5, during: 300, settled: true, open0: 305 });
    expect(seen.after).toEqual({ stored: 20, faults: [] });
    // A first start finds no room at all.
    for (const commit of seen.memory.commits)
      expect(commit).toMatchObject({ durable: false, rows: [{}] });
    expect(seen.memory.faults.join()).toMatch(/storage\.database/);
    // Damage on a full disk: nothing is moved, the journal has what is open.
    expect(seen.torn.kept).toEqual([]);
    expect(seen.torn.incidents).toBeGreaterThan(10);
    expect(seen.torn.faults.join()).toMatch(/storage\.database/);
    // With some room the database works, and says that it has none to spare.
    expect(seen.small.stored).toBe(5);
    expect(seen.small.faults.join()).toMatch(
      /storage\.reserve: the disk has no room for the 6 MiB/,
    );
  });
});

test('no directory can be made: from memory, with a fault', async () => {
  writeFileSync(join(dir.path, 'a-file'), '');
  const { store, sink, durable } = openStore(join(dir.path, 'a-file', 'data'));
  expect(durable.incidents).toEqual({});
  expect(faultOf(sink, 'storage.database')).toMatch(/cannot make .*ENOTDIR/);
  expect(faultOf(sink, 'storage.key')).toMatch(/key of this run/);
  expect(store.commit(press(1))).toMatchObject({ durable: false, rows: [{ id: pressId(1) }] });
  expect(await store.page('alarm', -1, 10)).toHaveLength(1);
  await store.close();
});
