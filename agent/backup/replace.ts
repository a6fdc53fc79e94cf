// `gate-agent replace`: puts a backup on another machine, which goes on as the terminal that is gone: under
// its id and keys, with its open cases and unsent alarms. Everything is made ready beside its place; one
// rename decides; what is left then is to move it, the configuration last, and can be finished after any
// power cut.

import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { loadText } from '../config/load.ts';
import type { ParseProfile, Surroundings } from '../config.ts';
import { setupOf } from '../config.ts';
import { wireOf } from '../contract.ts';
import type { Replaced } from '../core/lifecycle.ts';
import { initialState, momentOf } from '../core/state.ts';
import { step } from '../core/step.ts';
import type { Clock, Ids } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { grow } from '../store/database.ts';
import { evidenceKeyFile } from '../store/evidence-key.ts';
import { journalFile } from '../store/journal.ts';
import { lockDirectory, lockFile } from '../store/lock.ts';
import { databaseFile, SqliteStore } from '../store/store.ts';
import { changesOf } from '../terminal.ts';
import { type Manifest, type Unpacked, unpack } from './archive.ts';
import { readBackup } from './backup.ts';
import { type Belongings, belongingsIn, lastGoodsOf, namedBy } from './belongings.ts';
import { type Opener, unseal } from './envelope.ts';
import { Moving } from './moving.ts';

export interface ReplaceRequest {
  readonly from: string;
  readonly open: (by: Opener['by']) => Promise<Opener>;
  readonly configFile: string;
  /** Where records lie unless the configuration says so. */
  readonly stateDir: string;
  readonly around: Surroundings;
  readonly parseProfile: ParseProfile;
  /** What is here already is moved aside. */
  readonly force: boolean;
  readonly user: string;
  readonly version: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ReplaceDone {
  readonly about: Manifest;
  readonly terminal: string;
  /** Null: an earlier try was finished, which had told them. */
  readonly rows: {
    readonly unsentAlarms: number;
    readonly openCases: number;
    /** The disk has room for the database at its full size. */
    readonly reserved: boolean;
  } | null;
  /** Where that went which was here before. */
  readonly aside: string | null;
}

/** Throws a `Refusal`; then nothing has changed. */
export async function replaceFrom(request: ReplaceRequest): Promise<ReplaceDone> {
  const { from, open } = request;
  const putting = new Putting(request);
  try {
    await unpack(
      unseal(readBackup(from), open),
      (about) => putting.begin(about),
      (one) => putting.take(one),
    );
    return await putting.finish();
  } finally {
    putting.close();
  }
}

const configBytesMax = 256 * 1024;

class Putting {
  readonly #request: ReplaceRequest;
  #about: Manifest | null = null;
  #here: Belongings | null = null;
  #moving: Moving | null = null;
  /** Texts of named files, by name: what the configuration is judged with before they lie in their place. */
  readonly #texts = new Map<string, string>();

  constructor(request: ReplaceRequest) {
    this.#request = request;
  }

  begin(about: Manifest): void {
    this.#about = about;
  }

  async take({ head, content }: Unpacked): Promise<void> {
    if (head.place === 'config') return this.#configuration(await textOf(content, head.bytes));
    const { here, moving } = this.#ready();
    if (moving.isDecided) return drain(content);
    const to = targetOf(head, here);
    const staged = moving.stage(to, head.mode);
    if (head.place !== 'named') {
      await pipeline(content, createWriteStream(staged, { mode: 0o600, flush: true }));
      return;
    }
    const text = await textOf(content, head.bytes);
    this.#texts.set(head.name, text);
    await pipeline([Buffer.from(text)], createWriteStream(staged, { mode: 0o600, flush: true }));
  }

  async finish(): Promise<ReplaceDone> {
    const { here, moving } = this.#ready();
    const about = this.#about;
    if (!about) throw refused('it has no manifest');
    const rows = moving.isDecided ? null : await this.#makeRows(here, moving, about);
    if (!moving.isDecided) moving.decide();
    const aside = moving.carryOut();
    return { about, terminal: here.terminal, rows, aside };
  }

  /** Removes what was made ready and not decided on. */
  close(): void {
    this.#moving?.abandon();
  }

  #ready() {
    if (!this.#here || !this.#moving) throw refused('its configuration is not its first file');
    return { here: this.#here, moving: this.#moving };
  }

  async #configuration(text: string): Promise<void> {
    const { configFile, stateDir, force } = this.#request;
    const file = resolve(configFile);
    const here = belongingsIn(text, { configFile: file, stateDir });
    await checkNobodyAtWork(here.dataDir);
    const lastGoods = lastGoodsOf({ configFile: file, stateDir });
    const moving = new Moving({ dataDir: here.dataDir, configFile: file, lastGoods });
    moving.open();
    if (!moving.isDecided) {
      if (!force) checkEmpty(here, lastGoods);
      const staged = moving.stage(file, 0o640);
      await pipeline([Buffer.from(text)], createWriteStream(staged, { mode: 0o600, flush: true }));
    }
    this.#here = here;
    this.#moving = moving;
  }

  /** Opens the records as a daemon would that finds itself on another machine, and says so in them. */
  async #makeRows(here: Belongings, moving: Moving, about: Manifest) {
    const { around, parseProfile, version, clock, ids, user } = this.#request;
    const copies = namedBy(here, this.#texts);
    const source = { file: here.configFile, text: here.configText, copies };
    const { config } = loadText(source, { places: around.places, parseProfile, lenient: false });
    const dir = moving.stagedData;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { default: Sqlite } = await import('better-sqlite3');
    const database = join(dir, databaseFile);
    const sizes = { pageCapMb: config.data.capMb, walFrames: 0 };
    const reserved = !existsSync(database) || grow(Sqlite, database, sizes);
    const { terminal, identity } = config;
    const store = new SqliteStore({
      ...{ dir, pageCapMb: config.data.capMb, terminal: terminal.id, clock, isTakenOver: true },
      wire: (message, head) => JSON.stringify(wireOf(message, terminal.id, identity, head)),
    });
    const troubles: string[] = [];
    const durable = store.open({
      emit: (fact) => void (fact.kind === 'fault.raised' && troubles.push(fact.detail)),
    });
    const now = { id: ids.next(), ...clock.now() };
    const { host: from, wallMs: backupWallMs } = about;
    const fact: Replaced = { kind: 'terminal.replaced', user, from, backupWallMs };
    const before = initialState(durable, setupOf(config, version));
    const { state, enqueue } = step(before, fact, now);
    const audit = [{ at: momentOf(now), fact }];
    const turn = { entities: changesOf(before, state), audit, enqueue, settle: [] };
    const { durable: isStored } = store.commit(turn);
    const alarms = await store.page('alarm', -1, 1000);
    await store.close();
    if (!isStored) throw refused(`its records cannot be opened: ${troubles.join('; ')}`);
    moving.stageData();
    const open = Object.values(durable.incidents).filter(({ resolved }) => !resolved);
    return { unsentAlarms: alarms.length, openCases: open.length, reserved };
  }
}

function targetOf({ place, name }: Unpacked['head'], here: Belongings): string {
  switch (place) {
    case 'config':
      return here.configFile;
    case 'named': {
      const named = here.named.find((one) => one.name === name);
      if (!named) throw refused(`${name} lies in it and is not named by its configuration`);
      return named.path;
    }
    case 'panel':
      return join(here.panelDir, name);
    case 'prompts':
      return join(here.promptsDir ?? here.dataDir, name);
    case 'data':
      return join(here.dataDir, name);
    case 'clips':
      return join(here.clipsDir, name);
  }
}

/** A machine that is somebody already stays so, unless it is said that it shall not. */
function checkEmpty({ configFile, dataDir }: Belongings, lastGoods: readonly string[]): void {
  const signs = [databaseFile, journalFile, evidenceKeyFile].map((name) => join(dataDir, name));
  const there = [configFile, ...lastGoods, ...signs].filter(existsSync);
  if (there.length === 0) return;
  throw refused(
    `this machine is a terminal already (${there.join(', ')}). ` +
      'With --over-existing what is here is moved aside',
  );
}

async function checkNobodyAtWork(dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, lockFile))) return;
  const { default: Sqlite } = await import('better-sqlite3');
  try {
    lockDirectory(Sqlite, dataDir)?.close();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw refused(`${error.message}; systemctl stop gate-agent`);
  }
}

async function textOf(content: AsyncIterable<Buffer>, bytes: number): Promise<string> {
  if (bytes > configBytesMax) throw refused('a file in it is larger than any that is named');
  const all: Buffer[] = [];
  for await (const some of content) all.push(some);
  return Buffer.concat(all).toString('utf8');
}

async function drain(content: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of content);
}

const refused = (hint: string): Refusal =>
  new Refusal([{ field: 'backup', value: null, hint }], 'replace');
