// `gate-agent export` asks the daemon for the bundle of a case and fetches it over control.sock; `gate-agent
// verify` checks one, and needs neither daemon nor configuration nor network.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../ports.ts';
import { type RecordVerdict, readRecord, recordLines, verifyRecord } from '../records/verify.ts';
import { pieceBytesMax } from './control.ts';
import type { Problem } from './verify/media.ts';
import { type Verdict, verify } from './verify/verify.ts';
import { NoBundleFile, quoted } from './verify/zip.ts';

/** Beside those of the command line: 0 right, 1 changed, 2 by another key, 65 no bundle, 66 no such file. */
export const verifyExits = { right: 0, changed: 1, otherKey: 2, noBundle: 65, noFile: 66 } as const;

export interface VerifyCommand {
  readonly file: string;
  /** Fingerprints of keys, or their first 16 digits and more; empty: none is known. */
  readonly keys: readonly string[];
  readonly isJson: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Says in one sentence what is right, or which file is wrong and where. */
export async function verifyCommand({
  file,
  keys,
  isJson,
  out,
  err,
}: VerifyCommand): Promise<number> {
  try {
    const record = readRecord(file);
    const verdict = record === null ? await verify(file) : verdictOf(record);
    const isKnown =
      keys.length === 0 ? null : keys.some((key) => isNamed(verdict.key.fingerprint, key));
    const signer = signerText(verdict.key, isKnown);
    const lines = 'record' in verdict ? recordLines(verdict, signer) : linesOf(verdict, signer);
    out(isJson ? `${JSON.stringify({ ...verdict, isKnown })}\n` : `${lines.join('\n')}\n`);
    if (!verdict.ok) return verifyExits.changed;
    return isKnown === false ? verifyExits.otherKey : verifyExits.right;
  } catch (error) {
    const isOfDisk = error instanceof Error && 'syscall' in error;
    if (!isOfDisk && !(error instanceof NoBundleFile)) throw error;
    const { message } = error;
    if (isJson) out(`${JSON.stringify({ ok: false, refused: message })}\n`);
    else err(`gate-agent: ${basename(file)}: ${message}\n`);
    return isOfDisk ? verifyExits.noFile : verifyExits.noBundle;
  }
}

/** As it may be written on a label: with colons or spaces, in capitals, at least the key's name. */
function isNamed(fingerprint: string, key: string): boolean {
  const digits = key.replace(/[\s:]/g, '').toLowerCase();
  return /^[0-9a-f]{16,64}$/.test(digits) && fingerprint.startsWith(digits);
}

export const isFingerprint = (key: string): boolean =>
  /^[0-9a-f]{16,64}$/i.test(key.replace(/[\s:]/g, ''));

const problemText = ({ file, where, what }: Problem): string =>
  `${file}${where === null ? '' : `, ${where}`}: ${what}`;

function verdictOf(record: Buffer): RecordVerdict {
  const verdict = verifyRecord(record);
  if (verdict) return verdict;
  throw new NoBundleFile('it is no record of gate-agent');
}

function signerText({ keyId, fingerprint }: Verdict['key'], isKnown: boolean | null): string {
  const judged = {
    true: 'as named',
    false: 'NOT the one that was named',
    null: 'compare it with what the platform knows',
  }[`${isKnown}`];
  return `Signed by evidence key ${keyId || '(none)'}, fingerprint ${fingerprint || '-'}: ${judged}`;
}

function linesOf(verdict: Verdict, signer: string): string[] {
  const { ok, problems, files, terminal, incident, chain, earlierKeys, gaps, absent } = verdict;
  const { role, user, reason } = verdict.export;
  const lines = ok
    ? [
        `Right: ${files} files of case ${incident} of terminal ${terminal}, records ${chain.fromSeq} to ` +
          `${chain.toSeq} of its chain: nothing has been changed.`,
        `Taken away by ${role}/${user}: ${quoted(reason)}`,
      ]
    : [
        `Wrong: ${problems.slice(0, 1).map(problemText)}`,
        ...problems.slice(1).map((one) => `  ${problemText(one)}`),
      ];
  lines.push(signer);
  if (earlierKeys.length > 0)
    lines.push(`Earlier keys of this terminal: ${earlierKeys.join(', ')}`);
  for (const { from, to } of gaps)
    lines.push(`Lost before, and told so then: records ${from} to ${to}`);
  for (const { name, why } of absent) lines.push(`Not in it: ${name}: ${quoted(why)}`);
  return lines;
}

// ---- export --------------------------------------------------------------------------------------

export interface ExportCommand {
  readonly incident: string;
  readonly reason: string;
  /** Who is asking, as the system knows them; the daemon records it as said. */
  readonly user: string;
  readonly file: string;
  readonly clock: Clock;
  readonly ask: (verb: string, args: { readonly [name: string]: unknown }) => Promise<unknown>;
  readonly out: (text: string) => void;
}

/** It could not be had, and why. */
export class NoExport extends Error {}

const begun = z.object({ export: z.string(), file: z.string() });
const standing = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting') }),
  z.object({ state: z.literal('making') }),
  z.object({ state: z.literal('made'), file: z.string(), bytes: z.number(), sha256: z.string() }),
  z.object({ state: z.literal('failed'), detail: z.string() }),
]);
const pieceShape = z.object({ data: z.string().max(pieceBytesMax * 2) });
const lookEveryMs = 200;

/** Throws a `NoExport`, what asking throws, and what the disk throws. */
export async function exportCommand(command: ExportCommand): Promise<void> {
  const { incident, reason, user, ask, file, out } = command;
  const asked = begun.parse(await ask('export', { incident, reason, user }));
  const made = await whenMade(command, asked.export);
  const fresh = `${file}.part`;
  const fd = openSync(fresh, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    for (let at = 0; at < made.bytes; ) {
      const read = pieceShape.parse(await ask('export.read', { export: asked.export, from: at }));
      const piece = Buffer.from(read.data, 'base64');
      if (piece.length === 0) throw new NoExport('the bundle ended before its end');
      for (let written = 0; written < piece.length; ) written += writeSync(fd, piece, written);
      hash.update(piece);
      at += piece.length;
    }
    if (hash.digest('hex') !== made.sha256) throw new NoExport('it arrived changed; ask again');
    fsyncSync(fd);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
  out(`${file}: ${made.bytes} bytes, SHA-256 ${made.sha256}\n`);
}

async function whenMade({ ask, clock }: ExportCommand, id: string) {
  for (;;) {
    const now = standing.parse(await ask('export.look', { export: id }));
    if (now.state === 'made') return now;
    if (now.state === 'failed') throw new NoExport(now.detail);
    await new Promise<void>((next) => clock.after(lookEveryMs, next));
  }
}
