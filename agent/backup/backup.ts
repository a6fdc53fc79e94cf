// `gate-agent backup`: all that makes a terminal this terminal, in one encrypted file. Runs in a process of
// its own beside the daemon, at the least priority, and takes nothing from it but what it reads from the
// disk.

import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { whyUnreadable } from '../config/files.ts';
import { Refusal } from '../refusal.ts';
import { journalFile } from '../store/journal.ts';
import { databaseFile } from '../store/store.ts';
import { type Item, type Manifest, pack } from './archive.ts';
import {
  type Belongings,
  belongingsOf,
  checkCount,
  dataFiles,
  filesIn,
  type Whereabouts,
} from './belongings.ts';
import { type Lock, seal } from './envelope.ts';
import { snapshotOf } from './snapshot.ts';

export interface BackupRequest {
  readonly whereabouts: Whereabouts;
  readonly out: string;
  readonly lock: Lock;
  readonly withClips: boolean;
  /** Of this program. */
  readonly version: string;
  readonly host: string;
  readonly wallMs: number;
}

export interface BackupMade {
  readonly terminal: string;
  readonly bytes: number;
  readonly files: number;
  readonly running: boolean;
  /** What could not be taken along, and why. */
  readonly missing: readonly string[];
}

/** Throws a `Refusal`, or what the disk says. FILE appears whole or not at all. */
export async function makeBackup(request: BackupRequest): Promise<BackupMade> {
  const { whereabouts, out, lock, withClips, version, host, wallMs } = request;
  const belongings = belongingsOf(whereabouts);
  const scratch = mkdtempSync(join(dirname(resolve(out)), '.gate-backup-'));
  try {
    const missing: string[] = [];
    const items = itemsOf(belongings, withClips, missing);
    const snapshot = await snapshotOf(belongings.dataDir, scratch);
    if (snapshot.file !== null) {
      const { size: bytes } = statSync(snapshot.file);
      const head = { place: 'data', name: databaseFile, mode: 0o600 } as const;
      items.push({ head, from: { path: snapshot.file, bytes } });
    }
    const { terminal } = belongings;
    const about: Manifest = {
      ...({ is: 'manifest', v: 1, clips: withClips } as const),
      ...{ terminal, version, wallMs, host, missing },
    };
    const bytes = await write(out, seal(pack(about, items), lock));
    return { terminal, bytes, files: items.length, running: snapshot.running, missing };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The journal is read here, before the database: one that is older than that is passed over when both are
 * opened, one that is newer would be taken for a loss. */
function itemsOf(belongings: Belongings, withClips: boolean, missing: string[]): Item[] {
  const { configText, configFile, named, clipsDir, promptsDir, panelDir, masterKey } = belongings;
  const read = (path: string, head: Item['head']): Item[] => {
    try {
      return [{ head, from: { text: readFileSync(path) } }];
    } catch (error) {
      missing.push(`${path}: ${whyUnreadable(error)}`);
      return [];
    }
  };
  const config = { place: 'config', name: 'gate-agent.yaml', mode: modeOf(configFile) } as const;
  const data = dataFiles(belongings);
  const prompts = promptsDir === null ? [] : filesIn(promptsDir, 1);
  const panel = filesIn(panelDir, 1);
  checkCount([...data, ...prompts, ...panel], belongings.dataDir);
  // On the new machine nobody has sealed it yet: there it is looked for among the data.
  const sealed = { place: 'data', name: 'master-key', mode: 0o600 } as const;
  const journalFirst = data.toSorted((a, b) => rank(a.name) - rank(b.name));
  return [
    { head: config, from: { text: Buffer.from(configText) } },
    ...named.flatMap(({ name, path }) => read(path, { place: 'named', name, mode: modeOf(path) })),
    ...(masterKey === null ? [] : read(masterKey, sealed)),
    ...panel.flatMap(({ name, path, mode }) => read(path, { place: 'panel', name, mode })),
    ...prompts.flatMap(({ name, path, mode }) => read(path, { place: 'prompts', name, mode })),
    ...journalFirst.flatMap(({ name, path, mode }) => read(path, { place: 'data', name, mode })),
    ...(withClips ? filesIn(clipsDir, 1) : []).map(
      ({ name, path, bytes, mode }): Item => ({
        head: { place: 'clips', name, mode },
        from: { path, bytes },
      }),
    ),
  ];
}

const rank = (name: string): number => (name === journalFile ? 0 : 1);
const modeOf = (path: string): number =>
  (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;

async function write(out: string, bytes: AsyncIterable<Buffer>): Promise<number> {
  const fresh = `${out}.partial`;
  const file = createWriteStream(fresh, { mode: 0o600 });
  try {
    await once(file, 'open');
    chmodSync(fresh, 0o600);
    let length = 0;
    for await (const some of bytes) {
      length += some.length;
      if (!file.write(some)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
    sync(fresh);
    renameSync(fresh, out);
    sync(dirname(resolve(out)));
    return length;
  } catch (error) {
    file.destroy();
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** A name is durable when its directory is. */
export function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What `unseal` reads. Throws a `Refusal` where there is no such file. */
export function readBackup(file: string): AsyncIterable<Buffer> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Refusal([{ field: '--from', value: file, hint: 'no such file' }], 'backup');
  return createReadStream(file, { highWaterMark: 256 * 1024 });
}
