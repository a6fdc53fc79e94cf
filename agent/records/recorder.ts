// Makes signed records: signs, writes the file and its pages, and says so as a fact. One that the disk does
// not take is signed and told all the same. Nothing here blocks the loop.

import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type SignedKind, type SignedResult, signedLimits } from '../core/signed.ts';
import type { Clock, Sink } from '../ports.ts';
import { recordBytes, type SignedFile, type Signer, signedRecord } from './record.ts';

/** Of each kind; the oldest go. */
export const recordsKept = 100;

/** Printable pages of a record, by what follows its name: `zh.html`. */
export type Pages = (record: SignedFile) => { readonly [suffix: string]: string };

export interface RecorderParts {
  /** Made where it is missing. */
  readonly dir: string;
  readonly terminal: string;
  readonly clock: Clock;
  readonly key: Signer;
  readonly sink: Pick<Sink, 'emit'>;
  /** Loaded when one is made. */
  readonly pages?: { readonly [K in SignedKind]?: () => Promise<Pages> };
}

export interface Order {
  readonly kind: SignedKind;
  readonly body: SignedFile['body'];
  readonly result: SignedResult;
  /** One sentence. */
  readonly summary: string;
  readonly role: string;
  readonly user: string;
}

export interface Made {
  readonly record: SignedFile;
  /** In the directory; null: the disk did not take it, and why. */
  readonly file: string | null;
  readonly problem: string | null;
}

export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Resolves when it is told, and on disk where the disk takes it. */
  async make({ kind, body, result, summary, role, user }: Order): Promise<Made> {
    const { terminal, clock, key, sink } = this.#parts;
    const { wallMs, clock: quality } = clock.now();
    const said = { result, summary: cut(summary, signedLimits.summaryChars) };
    const made = { kind, terminal, madeWallMs: Math.round(wallMs), clock: quality, ...said, body };
    const record = signedRecord(made, key);
    const { file, problem } = await this.#keep(record);
    const by = { role, user: cut(user, signedLimits.userChars) };
    const told = { record: kind, file, sha256: record.sha256, ...said, ...by };
    await new Promise<void>((stepped) => sink.emit({ kind: 'record.signed', ...told }, stepped));
    return { record, file, problem };
  }

  async #keep(record: SignedFile): Promise<Pick<Made, 'file' | 'problem'>> {
    const { dir, pages } = this.#parts;
    const name = nameOf(record);
    try {
      const written = (await pages?.[record.kind]?.())?.(record) ?? {};
      await mkdir(dir, { recursive: true, mode: 0o700 });
      for (const [suffix, text] of Object.entries(written))
        await write(dir, `${name}.${suffix}`, Buffer.from(text));
      await write(dir, `${name}.json`, recordBytes(record));
      await this.#tidy(record.kind);
      return { file: `${name}.json`, problem: null };
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      return { file: null, problem: `the record cannot be written: ${error.message}` };
    }
  }

  async #tidy(kind: SignedKind): Promise<void> {
    const { dir } = this.#parts;
    // Names sort by time.
    const all = (await readdir(dir)).filter((name) => name.startsWith(`${kind}-`)).sort();
    const records = all.filter((name) => name.endsWith('.json'));
    const old = records.slice(0, Math.max(0, records.length - recordsKept));
    const stems = new Set(old.map((name) => name.slice(0, -'.json'.length)));
    for (const name of all)
      if (stems.has(name.slice(0, name.indexOf('.')))) await rm(join(dir, name), { force: true });
  }
}

/** `acceptance-20261121T154109Z-9f3c0a12`. */
function nameOf({ kind, madeWallMs, sha256 }: SignedFile): string {
  const time = new Date(madeWallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${kind}-${time}Z-${sha256.slice(0, 8)}`;
}

const cut = (text: string, charsMax: number): string => [...text].slice(0, charsMax).join('');

/** Whole and on disk before it has its name. */
async function write(dir: string, name: string, bytes: Buffer): Promise<void> {
  const fresh = join(dir, `.${name}.new`);
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, join(dir, name));
  const directory = await open(dir, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
