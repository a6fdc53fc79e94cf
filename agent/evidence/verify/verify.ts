// Checks a bundle from the bundle alone: no daemon, no configuration, no network. First who signed, then
// whether each file is the one that was signed for, then whether the chain holds, and last whether the films
// are, fragment by fragment, what the chain recorded while they were made. Nothing of it is believed before.

import { createHash } from 'node:crypto';
import { canonical, verifyChain } from '../../store/chain.ts';
import type { Recorded } from '../case.ts';
import {
  bytesOf,
  fingerprintOf,
  isKey,
  isSigned,
  type Manifest,
  manifestShape,
  names,
  type Signature,
  signatureShape,
} from '../manifest.ts';
import { type Read, readLines, recordedOf, segmentLimits } from '../segment.ts';
import { Fragments } from './fragments.ts';
import { mediaProblems, type Problem, type Seen } from './media.ts';
import { NoBundleFile, openZip, type Zip, type ZippedFile } from './zip.ts';

export interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly terminal: string;
  readonly incident: string;
  readonly export: Manifest['export'];
  readonly chain: { readonly fromSeq: number; readonly toSeq: number };
  readonly key: { readonly keyId: string; readonly fingerprint: string };
  /** Names of keys that signed there before, oldest first. */
  readonly earlierKeys: readonly string[];
  readonly files: number;
  readonly absent: Manifest['absent'];
  /** Records lost, under signed checkpoints. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

const limits = { [names.manifest]: 2 * 1024 * 1024, [names.signature]: 4 * 1024 } as const;
const problemsMax = 50;

/** Throws a `NoBundleFile` where it is none, or what the disk throws. */
export async function verify(path: string): Promise<Verdict> {
  const zip = await openZip(path);
  try {
    return await new Check(zip).run();
  } finally {
    zip.close();
  }
}

class Check {
  readonly #zip: Zip;
  readonly #problems: Problem[] = [];

  constructor(zip: Zip) {
    this.#zip = zip;
  }

  async run(): Promise<Verdict> {
    const manifestBytes = await this.#text(names.manifest, limits[names.manifest]);
    const signatureBytes = await this.#text(names.signature, limits[names.signature]);
    const signature = this.#signature(signatureBytes);
    const manifest = this.#manifest(manifestBytes, signature);
    // By what nobody has signed no other file is judged.
    if (!manifest || !signature || this.#problems.length > 0)
      return this.#unsigned(manifest, signature);
    this.#list(manifest);
    const seen = await this.#files(manifest);
    const chain = await this.#chain(manifest, signature);
    // Nor by a chain that does not hold.
    if (!chain) return this.#verdict(manifest, signature, []);
    this.#asked(manifest, chain.records);
    for (const { file, what, where } of mediaProblems(manifest.files, seen, chain.records))
      this.#wrong(file, what, where);
    return this.#verdict(manifest, signature, chain.gaps);
  }

  #wrong(file: string, what: string, where: string | null = null): void {
    // One thing wrong with a file is enough to know of; the first is the nearest to its cause.
    if (this.#problems.some((one) => one.file === file && one.where === where)) return;
    if (this.#problems.length < problemsMax) this.#problems.push({ file, where, what });
  }

  #isWrong = (name: string): boolean => this.#problems.some(({ file }) => file === name);

  async #text(name: string, bytesMax: number): Promise<Buffer> {
    const file = this.#zip.files.get(name);
    if (!file)
      throw new NoBundleFile(`it has no ${name}: it is no bundle of gate-agent, or not all of one`);
    if (file.bytes > bytesMax) throw new NoBundleFile(`${name} has ${file.bytes} bytes`);
    const pieces: Buffer[] = [];
    await this.#read(file, (piece) => void pieces.push(piece));
    return Buffer.concat(pieces);
  }

  /** False where the ZIP does not give it, which has been told. */
  async #read(file: ZippedFile, take: (piece: Buffer) => void): Promise<boolean> {
    try {
      for await (const piece of file.read()) take(piece);
      return true;
    } catch (error) {
      if (!(error instanceof Error) || 'syscall' in error) throw error;
      this.#wrong(file.name, `it was changed: the ZIP says ${error.message}`);
      return false;
    }
  }

  /** It holds by itself: over the terminal and the hash that it names, by the key that it names. */
  #signature(bytes: Buffer): Signature | null {
    const { data } = signatureShape.safeParse(jsonOf(bytes));
    if (data && bytes.equals(bytesOf(data)) && isKey(data) && isSigned(data)) return data;
    this.#wrong(names.signature, 'it was changed: the signature is not by the key that it names');
    return null;
  }

  #manifest(bytes: Buffer, signature: Signature | null): Manifest | null {
    const { data } = manifestShape.safeParse(jsonOf(bytes));
    if (signature && createHash('sha256').update(bytes).digest('hex') !== signature.sha256)
      this.#wrong(names.manifest, 'it was changed: it is not the one that was signed');
    if (
      data &&
      bytes.equals(bytesOf(data)) &&
      (signature?.terminal ?? data.terminal) === data.terminal
    )
      return data;
    this.#wrong(names.manifest, 'it is no manifest as gate-agent writes it');
    return null;
  }

  /** What is there is what is listed. */
  #list({ files }: Manifest): void {
    const listed = files.map(({ name }) => name);
    const all = new Set([...listed, names.manifest, names.signature]);
    if (all.size !== listed.length + 2)
      this.#wrong(names.manifest, 'it names a file twice, or itself');
    for (const name of all)
      if (!this.#zip.files.has(name)) this.#wrong(name, 'it is missing: the manifest names it');
    for (const name of this.#zip.files.keys())
      if (!all.has(name))
        this.#wrong(name, 'it does not belong here: the manifest does not name it');
    for (const name of Object.values(names))
      if (!all.has(name)) this.#wrong(names.manifest, `it does not name ${name}`);
  }

  async #files({ files }: Manifest): Promise<ReadonlyMap<string, Seen>> {
    const seen = new Map<string, Seen>();
    for (const { name, bytes, sha256 } of files) {
      const file = this.#zip.files.get(name);
      if (!file) continue;
      const hash = createHash('sha256');
      const fragments = new Fragments();
      let isWhole = file.bytes === bytes;
      if (!isWhole) this.#wrong(name, `it has ${file.bytes} bytes, and had ${bytes}`);
      isWhole &&= await this.#read(file, (piece) => {
        hash.update(piece);
        fragments.push(piece);
      });
      const found = hash.digest('hex');
      // Where it was changed is told with its fragments.
      seen.set(name, {
        bytes: file.bytes,
        sha256: found,
        fragments: isWhole ? fragments.found : [],
      });
      if (isWhole && found !== sha256)
        this.#wrong(name, 'it was changed: its SHA-256 is not the one that was signed for');
    }
    return seen;
  }

  /** Null where it does not hold. */
  async #chain(manifest: Manifest, { publicKey }: Signature) {
    const read = await this.#segment();
    if (!read) return null;
    const { terminal } = manifest;
    const { from, head, earlierKeys } = manifest.chain;
    if (read.terminal !== terminal || canonical(read.from) !== canonical(from))
      this.#wrong(names.chain, 'it begins elsewhere than the manifest says');
    const earlier = earlierKeys.filter(isKey).map((key) => key.publicKey);
    if (earlier.length < earlierKeys.length)
      this.#wrong(names.manifest, 'one of the earlier keys is none');
    const signed = { terminal, publicKey, earlier, heads: [head] };
    const verdict = verifyChain(read.rows, signed, read.checkpoints, read.from);
    if (!verdict.ok) this.#wrong(names.chain, verdict.problem, `record ${verdict.seq}`);
    else if (verdict.seq !== head.seq)
      this.#wrong(names.chain, 'it goes on behind the signed head', `record ${verdict.seq}`);
    if (!verdict.ok || this.#isWrong(names.chain)) return null;
    return { records: read.rows.flatMap((row) => recordedOf(row) ?? []), gaps: verdict.gaps ?? [] };
  }

  async #segment(): Promise<Read | null> {
    const file = this.#zip.files.get(names.chain);
    if (!file || this.#isWrong(names.chain)) return null;
    if (file.bytes > segmentLimits.bytesMax) {
      this.#wrong(names.chain, `it has ${file.bytes} bytes`);
      return null;
    }
    const read = readLines((await this.#text(names.chain, segmentLimits.bytesMax)).toString());
    if (!('problem' in read)) return read;
    this.#wrong(names.chain, read.problem);
    return null;
  }

  /** The chain has it that this case was taken away, by whom and why. */
  #asked({ export: told, incident }: Manifest, records: readonly Recorded[]): void {
    const begun = records.some(
      ({ fact }) =>
        fact.kind === 'export.begun' &&
        fact.export === told.id &&
        fact.incident === incident &&
        fact.role === told.role &&
        fact.user === told.user &&
        fact.reason === told.reason,
    );
    if (!begun) this.#wrong(names.chain, 'it has no record of this export, by whom and why');
  }

  #unsigned(manifest: Manifest | null, signature: Signature | null): Verdict {
    const none = { id: '', role: '', user: '', reason: '', wallMs: 0 };
    return {
      ...{ ok: false, problems: this.#problems, gaps: [], absent: [], earlierKeys: [], files: 0 },
      ...{ terminal: manifest?.terminal ?? '', incident: manifest?.incident ?? '' },
      ...{ export: manifest?.export ?? none, chain: { fromSeq: 0, toSeq: 0 } },
      key: keyOf(signature),
    };
  }

  #verdict(manifest: Manifest, signature: Signature, gaps: Verdict['gaps']): Verdict {
    const { terminal, incident, chain, files, absent } = manifest;
    return {
      ...{ ok: this.#problems.length === 0, problems: this.#problems, gaps, absent },
      ...{ terminal, incident, export: manifest.export, files: files.length },
      chain: { fromSeq: chain.from.seq + 1, toSeq: chain.head.seq },
      key: keyOf(signature),
      earlierKeys: chain.earlierKeys.map(({ keyId }) => keyId),
    };
  }
}

const keyOf = (signature: Signature | null): Verdict['key'] =>
  signature
    ? { keyId: signature.keyId, fingerprint: fingerprintOf(signature.publicKey) }
    : { keyId: '', fingerprint: '' };

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
