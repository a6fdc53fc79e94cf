// `gate-agent update FILE`: looks at a release, hands it to root's updater, and says what became of it.

import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../ports.ts';
import { readyName, type UpdatePlaces } from './places.ts';
import { keysIn, mustFit, NoRelease, readRelease } from './release-file.ts';
import { resultOf } from './result.ts';

export interface UpdateCommand extends UpdatePlaces {
  readonly file: string;
  /** Version that runs here, and machine in Debian's words. */
  readonly version: string;
  readonly arch: string;
  readonly clock: Clock;
  readonly out: (text: string) => void;
  /** So long it is waited for what becomes of it. */
  readonly waitMs?: number;
}

const waitMsDefault = 15 * 60_000;
const lookEveryMs = 500;

/** True: it runs, false: it failed, null: the updater is still waiting for leave. Throws a `NoRelease`, and
 * what the disk throws. */
export async function updateCommand(command: UpdateCommand): Promise<boolean | null> {
  const { file, keys, spool, result, clock, out, waitMs = waitMsDefault } = command;
  const release = await readRelease(file, keysIn(keys));
  mustFit(release, command);
  if (existsSync(join(spool, readyName)))
    throw new NoRelease('the updater has another one in hand');
  const before = resultOf(result)?.id;
  await handOver(file, spool);
  out(
    `Version ${release.version} is with the updater, which waits until nobody needs the terminal.\n`,
  );
  const endMs = clock.now().monoMs + waitMs;
  for (;;) {
    const now = resultOf(result);
    if (now && now.id !== before) {
      out(`${now.version} ${now.verdict}: ${now.detail}\n`);
      return now.verdict === 'applied';
    }
    if (clock.now().monoMs >= endMs) {
      out('It is still waiting: see gate-agent status, and journalctl -u gate-agent-update\n');
      return null;
    }
    await new Promise<void>((next) => clock.after(lookEveryMs, next));
  }
}

/** Appears there whole or not at all. The folder is the agent's, whoever makes it. */
async function handOver(file: string, spool: string): Promise<void> {
  if (!existsSync(spool)) {
    mkdirSync(spool, { mode: 0o700 });
    const { uid, gid } = statSync(dirname(spool));
    chownSync(spool, uid, gid);
  }
  const copy = join(spool, `${randomUUID()}.part`);
  try {
    await copyFile(file, copy);
    const handle = await open(copy, 'r+');
    await handle.sync().finally(() => handle.close());
    renameSync(copy, join(spool, readyName));
  } finally {
    rmSync(copy, { force: true });
  }
}
