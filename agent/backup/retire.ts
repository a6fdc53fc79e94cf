// `gate-agent retire`: the end of a terminal on this machine. The platform is told, then keys and passwords
// go, then what arms it, then everything else: whoever finds the disk at any point in between has no key.
// Interrupted, it is typed again. What flash memory keeps of deleted blocks nobody can promise; it is said.

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ControlFailed } from '../control.ts';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { StorageFault } from '../store/fault.ts';
import { isClosed } from '../store/holdings.ts';
import { lockDirectory } from '../store/lock.ts';
import { sync } from './backup.ts';
import {
  type Belongings,
  belongingsOf,
  filesIn,
  lastGoodsOf,
  type Whereabouts,
} from './belongings.ts';
import { standing, whyNotRetire } from './control.ts';
import { snapshotOf } from './snapshot.ts';

export interface RetireRequest {
  readonly whereabouts: Whereabouts;
  /** Asks the daemon; null: none runs. */
  readonly ask: ((verb: string, args?: { [name: string]: unknown }) => Promise<unknown>) | null;
  /** Whether the person means this terminal. */
  readonly confirmed: (terminal: string) => Promise<boolean>;
  readonly loseUnsent: string | null;
  readonly user: string;
  readonly clock: Clock;
}

export interface Retired {
  readonly terminal: string;
  /** The platform has its last word, or why not. */
  readonly told: true | string;
  readonly files: number;
  /** Public files outside its directories, left where they are. */
  readonly left: readonly string[];
}

const tellWithinMs = 30_000;
const endWithinMs = 20_000;
const lookEveryMs = 200;
const retiredEnd = '.retired';
/** Beside secrets that the configuration names: keys in the data directory by their usual names. */
const keyName = /(key|secret)[^/]*\.(json|txt)$|\.(pem|key|cred)$|(^|[-_/])keys?(\/|$)/i;

/** Throws a `Refusal` before anything is deleted, or what the disk says. */
export async function retire(request: RetireRequest): Promise<Retired> {
  const { whereabouts, ask } = request;
  const file = resolve(whereabouts.configFile);
  const begun = `${file}${retiredEnd}`;
  const isBegun = !existsSync(file) && existsSync(begun);
  const mine = belongingsOf(isBegun ? { ...whereabouts, configFile: begun } : whereabouts);
  if (!(await request.confirmed(mine.terminal)))
    throw refused('terminal', `that is not its id: nothing was deleted`);
  const told = isBegun ? 'an earlier try was finished' : await takeLeave(request, mine);
  let files = wipe(secretsOf(mine));
  if (!isBegun) renameSync(file, begun);
  for (const copy of lastGoodsOf(whereabouts)) rmSync(copy, { force: true });
  sync(dirname(file));
  if (ask) await ask('retire.end').catch(gone);
  await nobodyAtWork(mine.dataDir, request.clock);
  files += wipe(keysIn(mine.dataDir));
  const { own, left } = publicFiles(mine, dirname(file));
  for (const place of [mine.panelDir, mine.clipsDir, mine.dataDir]) files += empty(place);
  files += wipe([...own, begun]);
  sync(dirname(file));
  return { terminal: mine.terminal, told, files, left };
}

/** The platform hears of it, if it can be told. */
async function takeLeave(request: RetireRequest, mine: Belongings): Promise<true | string> {
  const { ask, loseUnsent: reason, user, clock } = request;
  if (!ask) {
    const problem = await whatIsLeft(mine);
    if (problem && reason === null) throw refused('terminal', problem);
    return 'the daemon does not run';
  }
  await ask('retire.begin', { user, terminal: mine.terminal, reason });
  const endMs = clock.now().monoMs + tellWithinMs;
  for (;;) {
    const { online, waiting } = standing.parse(await ask('retire.look'));
    if (waiting === 0) return true;
    if (clock.now().monoMs > endMs)
      return online ? `${waiting} messages have no receipt` : 'there is no link';
    await pause(clock);
  }
}

const pause = (clock: Clock): Promise<void> =>
  new Promise((done) => void clock.after(lookEveryMs, done));

/** As the disk of a terminal that does not run has it. */
async function whatIsLeft({ dataDir }: Belongings): Promise<string | null> {
  if (!existsSync(dataDir)) return null;
  const scratch = mkdtempSync(join(dataDir, 'retire-'));
  try {
    const { file, running } = await snapshotOf(dataDir, scratch);
    if (running) throw refused('terminal', 'a daemon is at work that does not answer: end it');
    if (file === null) return null;
    const { default: Sqlite } = await import('better-sqlite3');
    const db = new Sqlite(file, { readonly: true });
    const count = db.prepare<[], number>('select count(*) from outbox where lane = 0').pluck();
    const bodies = db
      .prepare<[], string>("select body from entity where tab = 'incidents'")
      .pluck();
    const open = bodies.all().filter((body) => !isClosed(String(body))).length;
    const unsent = count.get() ?? 0;
    db.close();
    return whyNotRetire({ open, unsent });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const secretsOf = (mine: Belongings): string[] => [
  ...mine.named.filter(({ isSecret }) => isSecret).map(({ path }) => path),
  ...[mine.dataDir, mine.panelDir].flatMap(keysIn),
];

const keysIn = (dir: string): string[] =>
  filesIn(dir, 4).flatMap(({ name, path }) => (keyName.test(name) ? [path] : []));

/** Certificates and the like: those that lie with the configuration are its own. */
function publicFiles({ named }: Belongings, configDir: string) {
  const all = named.filter(({ isSecret }) => !isSecret).map(({ path }) => path);
  const isOwn = (path: string) => path.startsWith(`${configDir}/`);
  return { own: all.filter(isOwn), left: all.filter((path) => !isOwn(path) && existsSync(path)) };
}

/** Written over once, which on a magnetic disk is the end of them, and deleted. How many there were. */
function wipe(paths: readonly string[]): number {
  let files = 0;
  for (const path of new Set(paths)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) continue;
    try {
      overwrite(path, stat.size);
    } catch (error) {
      // Read-only, such as a credential that systemd has mounted: deleting is tried all the same.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
    rmSync(path, { force: true });
    files++;
  }
  return files;
}

function overwrite(path: string, bytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    for (let at = 0; at < bytes; at += 65_536)
      writeSync(fd, randomBytes(Math.min(65_536, bytes - at)), 0, null, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The directory stays: systemd and the package know it. */
function empty(dir: string): number {
  if (!existsSync(dir)) return 0;
  const files = filesIn(dir, 8).length;
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true });
  sync(dir);
  return files;
}

/** The daemon has let go of its records. */
async function nobodyAtWork(dataDir: string, clock: Clock): Promise<void> {
  const { default: Sqlite } = await import('better-sqlite3');
  const endMs = clock.now().monoMs + endWithinMs;
  while (existsSync(dataDir)) {
    try {
      lockDirectory(Sqlite, dataDir)?.close();
      return;
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      if (clock.now().monoMs > endMs)
        throw refused('terminal', 'its daemon does not end: systemctl stop gate-agent, then again');
    }
    await pause(clock);
  }
}

/** It may be gone before its answer is out. */
function gone(error: unknown): void {
  if (!(error instanceof ControlFailed)) throw error;
}

const refused = (field: string, hint: string): Refusal =>
  new Refusal([{ field, value: null, hint }], 'retire');
