// The files that the configuration names: secrets, certificates, the dome's profile. Secrets are
// read once, here, and leave only as `Secret`. A file that is wrong is a finding at the field
// naming it.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Refusal } from '../refusal.ts';
import { at, type Findings } from './judge.ts';
import { Secret } from './secret.ts';
import { bytesMax, type Raw } from './yaml.ts';

/** Reads a dome profile; throws a `Refusal` naming what is wrong in it. */
export type ParseProfile = (text: string, file: string) => unknown;

/** Fields that name a file, and whether others may read it. */
export const fileFields = {
  'broker.ca': 'public',
  'broker.cert': 'public',
  'broker.key': 'secret',
  'broker.passwordFile': 'secret',
  'broker.second.ca': 'public',
  'broker.second.cert': 'public',
  'broker.second.key': 'secret',
  'broker.second.passwordFile': 'secret',
  'dome.ca': 'public',
  'dome.passwordFile': 'secret',
  'dome.profile': 'public',
} as const;
export type FileField = keyof typeof fileFields;

/** What a backup takes along, and retirement deletes. */
export const namedFields: readonly { readonly field: string; readonly isSecret: boolean }[] =
  Object.entries(fileFields).map(([field, access]) => ({ field, isSecret: access === 'secret' }));

/** Where the fields of a broker stand. */
export const brokers = ['broker', 'broker.second'] as const;

/** Public files that the last-known-good copy carries along. A certificate goes with its key, which
 * is not copied, so it is not copied either. */
export const copiedFields = [
  'broker.ca',
  'broker.second.ca',
  'dome.ca',
  'dome.profile',
] as const satisfies FileField[];

export interface Files {
  /** Content of a public file, or null where it is not named or was found wrong. */
  text(field: FileField): string | null;
  secret(field: FileField): Secret | null;
}

interface Wanted {
  readonly root: Raw;
  /** Directory that relative paths start from. */
  readonly base: string;
  /** Contents to use in place of what is on the disk, by field. */
  readonly copies: { readonly [field: string]: string };
  readonly parseProfile: ParseProfile;
  /** They are copied from a stick, whose file system may know no rights. */
  readonly isStick?: true;
}

/** Reads and checks every file the tree names. */
export function readFiles(wanted: Wanted, findings: Findings): Files {
  const contents = new Map<string, string>();
  for (const [field, access] of Object.entries(fileFields)) {
    const path = field.split('.');
    const file = at(wanted.root, path);
    if (typeof file !== 'string') continue;
    const copy = wanted.copies[field];
    const guarded = wanted.isStick ? 'public' : access;
    const read = copy === undefined ? readOne(resolve(wanted.base, file), guarded) : { text: copy };
    if ('hint' in read) findings.add(path, read.hint);
    else contents.set(field, read.text);
  }
  for (const field of [...brokers.map((at) => `${at}.passwordFile`), 'dome.passwordFile']) {
    const hint = wrongPassword(contents.get(field));
    if (hint !== null) drop(field, hint);
  }
  checkTls(contents, drop);
  checkProfile(wanted, contents, findings);
  return {
    text: (field) => contents.get(field) ?? null,
    secret(field) {
      const text = contents.get(field);
      return text === undefined ? null : new Secret(text.replace(/\r?\n$/, ''));
    },
  };

  function drop(field: string, hint: string): void {
    findings.add(field.split('.'), hint);
    contents.delete(field);
  }
}

function readOne(file: string, access: 'public' | 'secret'): { text: string } | { hint: string } {
  try {
    // Looked at before it is opened: opening a FIFO would wait for its writer.
    if (!statSync(file).isFile()) return { hint: 'not a regular file' };
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, size } = fstatSync(fd);
      if (access === 'secret' && (mode & 0o007) !== 0) {
        return { hint: 'open to every user of this machine: chmod o-rwx' };
      }
      if (size > bytesMax) return { hint: `too large: ${bytesMax / 1024} kB at most` };
      const bytes = Buffer.alloc(bytesMax);
      return { text: bytes.toString('utf8', 0, readSync(fd, bytes)) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { hint: whyUnreadable(error) };
  }
}

/** What a failed read means, in plain words. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  if (code === 'EACCES') return "may not be read by the agent's user";
  return `cannot be read (${code || 'unknown'})`;
}

function wrongPassword(text: string | undefined): string | null {
  if (text === undefined) return null;
  const line = text.replace(/\r?\n$/, '');
  if (line === '') return 'the file is empty; it holds the password on one line';
  if (/[\0\r\n]/.test(line)) return 'the file holds more than one line';
  return line.length > 1024 ? 'the password is over 1,024 characters' : null;
}

type Drop = (field: string, hint: string) => void;

function checkTls(contents: Map<string, string>, drop: Drop): void {
  for (const at of brokers) checkBrokerTls(at, contents, drop);
  const domeCa = contents.get('dome.ca');
  if (domeCa !== undefined && !isBundle(domeCa))
    drop('dome.ca', 'no certificate in it, or a damaged one; PEM is needed');
}

function checkBrokerTls(at: string, contents: Map<string, string>, drop: Drop): void {
  const ca = certificate(contents.get(`${at}.ca`));
  if (ca === 'wrong') drop(`${at}.ca`, 'no certificate in it; PEM is needed');
  const cert = certificate(contents.get(`${at}.cert`));
  if (cert === 'wrong') drop(`${at}.cert`, 'no certificate in it; PEM is needed');
  const key = privateKey(contents.get(`${at}.key`));
  if (key === 'wrong') drop(`${at}.key`, 'no private key in it; unencrypted PEM is needed');
  if (cert instanceof X509Certificate && typeof key === 'object' && !cert.checkPrivateKey(key)) {
    drop(`${at}.cert`, `does not belong to the key that ${at}.key names`);
  }
}

/** One certificate or more, each of them whole: the dome's driver pins them one by one. */
function isBundle(pem: string): boolean {
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const begun = pem.split('-----BEGIN ').length - 1;
  return begun > 0 && begun === all.length && all.every((one) => certificate(one) !== 'wrong');
}

function certificate(pem: string | undefined) {
  if (pem === undefined) return null;
  try {
    return new X509Certificate(pem);
  } catch {
    return 'wrong';
  }
}

function privateKey(pem: string | undefined) {
  if (pem === undefined) return undefined;
  try {
    return createPrivateKey(pem);
  } catch {
    return 'wrong';
  }
}

function checkProfile(wanted: Wanted, contents: Map<string, string>, findings: Findings): void {
  const text = contents.get('dome.profile');
  const file = at(wanted.root, ['dome', 'profile']);
  if (text === undefined || typeof file !== 'string') return;
  try {
    wanted.parseProfile(text, file);
  } catch (error) {
    contents.delete('dome.profile');
    if (error instanceof Refusal) {
      for (const bad of error.fields) findings.addForeign(['dome', 'profile'], bad);
    } else {
      // Whatever its reader trips over stands in the file, and must not keep the terminal down.
      const why = error instanceof Error ? error.name : 'unknown';
      findings.add(['dome', 'profile'], `cannot be read as a profile (${why})`);
    }
  }
}
