// The directory of clips, snapshots and talks, 0600 each: `<incident>-<part>.mp4`, `<incident>-<ms>.jpg`,
// `<incident>-<part>.m4a`, and `.part` behind the name while it is no record yet. Old ones go by age, and by
// need so that the next alarm has room: bundles first, then news, then the oldest, never one of a case that
// is kept, each deletion told before it is done. Two processes write here: each minds its own until they are
// a record.

import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  statfs,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { noticedBy } from '../../core/sighting.ts';
import type { Master } from '../../sealed/format.ts';
import type { EvidenceWanted } from '../wire.ts';
import { isDiskError } from './disk.ts';
import type { Told } from './told.ts';

/** Behind the name of a file that is not a record yet. */
const unsealed = '.part';
const namePattern = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127})-(\d+)\.(mp4|jpg|m4a|zip)(\.part)?$/;
/** What each process minds; films, which come in parts, first. */
const kinds = { clips: ['mp4', 'jpg', 'zip'], talks: ['m4a'] } as const;
/** A bundle (agent/evidence): a copy, made for somebody to fetch. */
const isBundle = (name: string): boolean => name.endsWith('.zip');
const bundleDays = 1;
const mb = 2 ** 20;
const dayMs = 86_400_000;
/** No clock that is right shows an earlier time: a file that is older was written by one that was wrong. */
const wrongBeforeMs = Date.UTC(2026, 0, 1);

export interface Kept {
  /** With directory. */
  readonly path: string;
  /** Without `.part`. */
  readonly name: string;
  readonly incident: string;
  readonly number: number;
  readonly ending: string;
  readonly isSealed: boolean;
  /** Of something that the dome has noticed, and of no case. */
  readonly isNews: boolean;
}

interface Weighed extends Kept {
  readonly bytes: number;
  readonly changedMs: number;
}

type Rules = Pick<EvidenceWanted, 'days' | 'capMb' | 'reserveMb' | 'kept' | 'today'>;

/** The database may lie on the same disk: its pages and twice as much again are left alone. */
const leastRoomBytes = 256 * mb;

/** What can be made again can be spared first, then what belongs to no case. */
const spareOf = ({ name, isNews }: Kept): number => (isBundle(name) ? 2 : Number(isNews));

export class Shelf {
  readonly dir: string;
  /** Under which what is written from now on is sealed; null: it lies open. */
  readonly master: Master | null;
  /** Names of files that are being written, or told. */
  readonly busy = new Set<string>();
  readonly #told: Told;
  readonly #endings: readonly [film: string, ...string[]];

  constructor(
    dir: string,
    told: Told,
    writes: keyof typeof kinds = 'clips',
    master: Master | null = null,
  ) {
    this.dir = dir;
    this.master = master;
    this.#told = told;
    this.#endings = kinds[writes];
  }

  /** All files that are ours. Makes the directory where there is none. */
  async list(): Promise<Kept[]> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    return (await readdir(this.dir)).flatMap((file) => {
      const [, incident, number, ending, part] = namePattern.exec(file) ?? [];
      if (!incident || !ending) return [];
      const name = part ? file.slice(0, -unsealed.length) : file;
      const path = join(this.dir, file);
      const isNews = noticedBy(incident) !== null;
      return [{ path, name, incident, number: Number(number), ending, isSealed: !part, isNews }];
    });
  }

  /** Files of ours whose writer has died or given up. */
  async torn(): Promise<Kept[]> {
    const isTorn = ({ name, ending, isSealed }: Kept) =>
      !isSealed && this.#endings.includes(ending) && !this.busy.has(name);
    return (await this.list()).filter(isTorn);
  }

  /** Throws as a full disk does where what is left is not for clips, and as one that takes nothing. */
  async expectRoom(): Promise<void> {
    await access(this.dir, constants.W_OK);
    if ((await this.room()) >= leastRoomBytes) return;
    const full = new Error(`less than ${leastRoomBytes / mb} MB are free`);
    throw Object.assign(full, { code: 'ENOSPC', syscall: 'statfs' });
  }

  /** Where a file is written before it is a record. */
  pathOf(name: string): string {
    return join(this.dir, `${name}${unsealed}`);
  }

  /** Name of the next film of a clip or of a case's talks, and its number, from 1. */
  async nextPart(id: string): Promise<{ readonly name: string; readonly part: number }> {
    const [film] = this.#endings;
    const parts = (await this.list()).filter(
      ({ incident, ending }) => incident === id && ending === film,
    );
    const part = 1 + Math.max(0, ...parts.map(({ number }) => number));
    return { name: `${id}-${part}.${film}`, part };
  }

  /** It is a record now. */
  async seal(name: string): Promise<void> {
    await rename(this.pathOf(name), join(this.dir, name));
    this.busy.delete(name);
    await this.syncNames();
  }

  /** A power cut forgets no name after this. */
  async syncNames(): Promise<void> {
    const handle = await open(this.dir);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async remove({ path }: Kept): Promise<void> {
    await unlink(path);
  }

  /** Makes room as the rules have it. Returns what is wrong all the same, one sentence, or null. */
  async tidy(rules: Rules): Promise<string | null> {
    const { days, capMb, reserveMb, kept, today } = rules;
    const files = await this.#weighed();
    const mayGo = files
      .filter((one) => one.isSealed && (isBundle(one.name) || !kept.includes(one.incident)))
      .sort((a, b) => spareOf(b) - spareOf(a));
    let bytes = files.reduce((sum, one) => sum + one.bytes, 0);
    let room = await this.room();
    const reserveBytes = Math.max(reserveMb * mb, leastRoomBytes);
    const short = () => bytes > capMb * mb || room < reserveBytes;
    for (const file of mayGo) {
      const daysMax = isBundle(file.name) ? bundleDays : days;
      const isOld = today !== null && today - Math.floor(file.changedMs / dayMs) > daysMax;
      if (!isOld && !short()) continue;
      const { name, bytes: size } = file;
      const reason = isOld ? 'age' : 'space';
      await this.#told.tell({ t: 'evidence.purged', file: name, bytes: size, reason });
      await this.remove(file);
      bytes -= size;
      room += size;
    }
    if (!short()) return null;
    const why = bytes > capMb * mb ? `more than ${capMb} MB are in use` : `less than that is free`;
    return (
      `There is no room for the next clip: ${why} in ${basename(this.dir)}, where ` +
      `${reserveBytes / mb} MB are to be free, and what is there belongs to open or held cases. ` +
      'Resolve them, or enlarge the disk.'
    );
  }

  /** Bytes that may still be written. */
  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.dir);
    return bavail * bsize;
  }

  /** Oldest first. */
  async #weighed(): Promise<Weighed[]> {
    const files: Weighed[] = [];
    for (const file of await this.list()) {
      const weight = await weigh(file.path);
      if (weight) files.push({ ...file, ...weight });
    }
    return files.sort((a, b) => a.changedMs - b.changedMs);
  }

  /** A file that a wrong clock has dated is as old as the day on which that is found. */
  async date(today: number): Promise<void> {
    for (const { path, changedMs } of await this.#weighed())
      if (changedMs < wrongBeforeMs)
        await utimes(path, (today * dayMs) / 1000, (today * dayMs) / 1000);
  }
}

/** Null: the other process has just given it its name; it is there the next time. */
async function weigh(path: string): Promise<Pick<Weighed, 'bytes' | 'changedMs'> | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, changedMs: mtimeMs };
  } catch (error) {
    if (isDiskError(error) && error.code === 'ENOENT') return null;
    throw error;
  }
}
