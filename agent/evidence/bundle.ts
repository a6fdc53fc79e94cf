// Makes the bundle of a case: a ZIP in which nothing is compressed, the signed manifest last. Written under a
// name of its own and renamed when it is whole and on the disk; a megabyte at a time, with leave for each.
// Runs in a thread of its own and reads and writes synchronously there: a disk that hangs holds that thread,
// and none of those in which the daemon resolves names.

import { createHash, type Hash, hash } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Export } from '../core/export.ts';
import { type Master, masterOf, Sealer } from '../sealed/format.ts';
import { KeptFileSync } from '../sealed/kept-file-sync.ts';
import { headText } from '../store/chain.ts';
import type { KnownKey } from '../store/known-keys.ts';
import type { Records } from '../store/protocol.ts';
import type { CaseInputs } from './case.ts';
import { htmlOf } from './html.ts';
import { bytesOf, fingerprintOf, type Manifest, manifestText, names } from './manifest.ts';
import { reportOf } from './report.ts';
import { storedOf } from './report-files.ts';
import type { ReportTerminal } from './report-model.ts';
import {
  bundleRules,
  clearOld,
  expectRoom,
  type Room,
  syncDir,
  Unreadable,
  unfinished,
  whyAbsent,
} from './room.ts';
import { gather, linesOf, type Segment } from './segment.ts';

/** All that a bundle is made from beside records and files. */
export interface Order extends Room {
  readonly wanted: Export;
  readonly terminal: ReportTerminal;
  readonly inputs: CaseInputs;
  readonly key: KnownKey;
  /** Keys that signed here before, oldest first. */
  readonly earlier: readonly KnownKey[];
  /** Under which files, and the bundle itself, are sealed; base64, absent: they lie open. */
  readonly masterKey?: string;
}

/** What only the daemon's loop can give. */
export interface Desk {
  page(before: number | null): Promise<Records>;
  sign(text: string): Promise<string>;
  /** Resolves when the next megabyte may be read and written. */
  leave(): Promise<void>;
}

export interface Made {
  readonly bytes: number;
  readonly sha256: string;
}

/** Throws a `NoBundle`, or what the disk throws. */
export async function makeBundle(order: Order, desk: Desk): Promise<Made> {
  const { wanted, dir, inputs } = order;
  clearOld(dir, wanted.at.wallMs);
  const segment = await gather(wanted.case, inputs, (before) => desk.page(before));
  const absent = new Map<string, string>();
  const files = filesOf(segment).filter(({ name }) => {
    const why = whyAbsent(join(dir, name));
    if (why !== null) absent.set(name, why);
    return why === null;
  });
  expectRoom(
    order,
    files.reduce((sum, { bytes }) => sum + bytes, bundleRules.papersBytes),
  );
  for (;;) {
    const media = files.filter(({ name }) => !absent.has(name));
    const draft = new Draft(order, desk, segment);
    try {
      return await draft.write(media, absent);
    } catch (error) {
      draft.discard();
      // The others are worth having without it.
      if (!(error instanceof Unreadable)) throw error;
      absent.set(error.file, error.message);
    }
  }
}

interface Medium {
  readonly name: string;
  readonly bytes: number;
}

/** Those that were told and not deleted. */
function filesOf({ records }: Segment): Medium[] {
  const purged = new Set(
    records.flatMap(({ fact }) => (fact.kind === 'evidence.purged' ? [fact.file] : [])),
  );
  const stored = records.flatMap(({ fact, ...one }) =>
    fact.kind === 'evidence.stored' ? [{ ...one, fact }] : [],
  );
  return storedOf(stored)
    .filter(({ fact }) => !purged.has(fact.file))
    .map(({ fact }) => ({ name: fact.file, bytes: fact.bytes }));
}

/** One bundle while it is written. */
class Draft {
  readonly #order: Order;
  readonly #desk: Desk;
  readonly #segment: Segment;
  readonly #path: string;
  readonly #zip = new ZipFile();
  readonly #hash = createHash('sha256');
  readonly #listed: Manifest['files'] = [];
  readonly #master: Master | null;
  readonly #sealer: Sealer | null;
  #fd: number;
  #bytes = 0;
  #sinceStep = 0;

  constructor(order: Order, desk: Desk, segment: Segment) {
    this.#order = order;
    this.#desk = desk;
    this.#segment = segment;
    this.#path = join(order.dir, `${unfinished}${order.wanted.file}`);
    this.#fd = openSync(this.#path, 'w', 0o600);
    this.#master = masterOf(order.masterKey ?? '');
    this.#sealer = this.#master && new Sealer(this.#master);
  }

  async write(media: readonly Medium[], absent: ReadonlyMap<string, string>): Promise<Made> {
    if (this.#sealer) this.#put(this.#sealer.head);
    const out = this.#zip.outputStream.pipe(this.#sink());
    const done = finished(out);
    const failed = new Promise<never>((_, fail) => this.#zip.on('error', fail));
    await Promise.race([this.#fill(media, absent), failed, done]);
    this.#zip.end();
    await Promise.race([done, failed]);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
    const { dir, wanted } = this.#order;
    renameSync(this.#path, join(dir, wanted.file));
    syncDir(dir);
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  discard(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    rmSync(this.#path, { force: true });
  }

  async #fill(media: readonly Medium[], absent: ReadonlyMap<string, string>): Promise<void> {
    this.#papers(absent);
    for (const medium of media) await this.#medium(medium);
    const { terminal, key } = this.#order;
    const manifest = bytesOf(await this.#manifest(absent));
    const sha256 = hash('sha256', manifest, 'hex');
    const sig = await this.#desk.sign(manifestText(terminal.id, sha256));
    const signature = bytesOf({
      ...({ v: 1, alg: 'ed25519', terminal: terminal.id, sha256, sig } as const),
      ...{ keyId: key.keyId, publicKey: key.publicKey },
    });
    this.#zip.addBuffer(manifest, names.manifest, this.#how);
    this.#zip.addBuffer(signature, names.signature, this.#how);
  }

  #papers(absent: ReadonlyMap<string, string>): void {
    const { wanted, terminal, inputs, key } = this.#order;
    const { from, head, records, pruned, isWhole } = this.#segment;
    const report = reportOf({
      ...{ begun: wanted, at: wanted.at, records, terminal, inputs, pruned, isWhole },
      chain: {
        ...{ fromSeq: from.seq + 1, headSeq: head.seq, headHash: head.hash },
        ...{ keyId: key.keyId, fingerprint: fingerprintOf(key.publicKey) },
      },
      absent: [...absent].map(([file, why]) => ({ file, why })),
    });
    this.#paper(names.zh, htmlOf(report, 'zh'));
    this.#paper(names.en, htmlOf(report, 'en'));
    this.#paper(names.json, `${JSON.stringify(report, null, 1)}\n`);
    const lines = [...linesOf(this.#segment, terminal.id)];
    this.#paper(names.chain, `${lines.join('\n')}\n`);
  }

  #paper(name: string, text: string): void {
    const bytes = Buffer.from(text);
    this.#listed.push({ name, bytes: bytes.length, sha256: hash('sha256', bytes, 'hex') });
    this.#zip.addBuffer(bytes, name, this.#how);
  }

  async #medium({ name }: Medium): Promise<void> {
    const digest = createHash('sha256');
    const { pieces, end } = this.#pieces(name, digest);
    this.#zip.addReadStream(pieces, name, this.#how);
    const bytes = await end;
    this.#listed.push({ name, bytes, sha256: digest.digest('hex') });
  }

  get #how() {
    return { mtime: new Date(this.#order.wanted.at.wallMs), mode: 0o100644, compress: false };
  }

  /** A file's bytes as they are asked for; `end` is their number, or that they could not be had. */
  #pieces(
    name: string,
    digest: Hash,
  ): { readonly pieces: Readable; readonly end: Promise<number> } {
    const path = join(this.#order.dir, name);
    const step = (bytes: number) => this.#step(bytes);
    const master = this.#master;
    let ended: (bytes: number) => void = () => undefined;
    let broke: (error: Unreadable) => void = () => undefined;
    const end = new Promise<number>((done, fail) => {
      [ended, broke] = [done, fail];
    });
    async function* read(): AsyncGenerator<Buffer> {
      let file: KeptFileSync | null = null;
      let at = 0;
      try {
        file = KeptFileSync.open(path, master);
        for (;;) {
          const piece = file.read(at, bundleRules.pieceBytes);
          if (piece.length === 0) break;
          at += piece.length;
          digest.update(piece);
          await step(piece.length);
          yield piece;
        }
      } catch (error) {
        // The ZIP gets a short file, and is thrown away.
        broke(new Unreadable(name, error));
      } finally {
        file?.close();
      }
      ended(at);
    }
    return { pieces: Readable.from(read(), { objectMode: false }), end };
  }

  async #step(bytes: number): Promise<void> {
    this.#sinceStep += bytes;
    if (this.#sinceStep < bundleRules.stepBytes) return;
    this.#sinceStep = 0;
    // What is dirty for long is written by whoever commits next, which may be an alarm.
    fdatasyncSync(this.#fd);
    await this.#desk.leave();
  }

  async #manifest(absent: ReadonlyMap<string, string>): Promise<Manifest> {
    const { wanted, terminal, key, earlier } = this.#order;
    const { from, head } = this.#segment;
    const sig = await this.#desk.sign(headText(terminal.id, head));
    const { export: id, role, user, reason, incident, at } = wanted;
    return {
      ...({ v: 1, what: 'gate-agent evidence', terminal: terminal.id, incident } as const),
      export: { id, role, user, reason, wallMs: at.wallMs },
      chain: {
        ...{ from, head: { ...head, alg: 'ed25519', keyId: key.keyId, sig } },
        earlierKeys: earlier.map(({ keyId, publicKey }) => ({ keyId, publicKey })),
      },
      files: this.#listed,
      absent: [...absent].map(([name, why]) => ({ name, why })),
    };
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }

  #sink(): Writable {
    return new Writable({
      write: (chunk: Buffer, _, done) => {
        try {
          this.#put(this.#sealer?.seal(chunk) ?? chunk);
          this.#hash.update(chunk);
          this.#bytes += chunk.length;
          done();
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    });
  }
}
