// The key that signs the evidence: Ed25519, made at first start, PKCS#8 PEM, readable by the daemon
// alone. It never leaves the machine and is not the key of the TLS certificate.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { keyIdOf } from './chain.ts';
import { reasonOf } from './fault.ts';
import { journalFile } from './journal.ts';
import { knownKeysFile, rememberKey } from './known-keys.ts';

/** What the birth message tells, so that a receiver can check the heads. */
export interface Evidence {
  readonly alg: 'ed25519';
  readonly keyId: string;
  /** SPKI, base64. */
  readonly publicKey: string;
}

export interface EvidenceKey extends Evidence {
  /** Signature, base64. */
  sign(text: string): string;
}

export const evidenceKeyFile = 'evidence-key.pem';
/** The next one, until it has been handed over to. */
const nextKeyFile = 'evidence-key-next.pem';

/** Whoever has it signs with the newest. */
export class KeyInUse implements EvidenceKey {
  readonly #dir: string;
  #key: EvidenceKey;

  constructor(key: EvidenceKey, dir: string) {
    this.#key = key;
    this.#dir = dir;
  }

  get alg() {
    return this.#key.alg;
  }

  get keyId() {
    return this.#key.keyId;
  }

  get publicKey() {
    return this.#key.publicKey;
  }

  sign(text: string): string {
    return this.#key.sign(text);
  }

  /** The key that is to follow, on disk; one that was made before and never came into use is taken again.
   * Throws what the disk throws, or a `Refusal`. */
  next(): EvidenceKey {
    const file = join(this.#dir, nextKeyFile);
    if (!existsSync(file)) writeKey(this.#dir, file);
    return evidenceKeyOf(readKey(file));
  }

  /** It signs from now on; what the one before signed is checked by its public half, which stays. */
  adopt(next: EvidenceKey): void {
    renameSync(join(this.#dir, nextKeyFile), join(this.#dir, evidenceKeyFile));
    syncDir(this.#dir);
    rememberKey(this.#dir, next);
    this.#key = next;
  }
}

export interface LoadedKey {
  readonly key: KeyInUse;
  /** One sentence, where a person has something to mend. */
  readonly problem: string | null;
}

/** Reads the key, or makes one where there is none. Never throws for what it finds: a key that others may
 * read, or that is another than before, is used and told; one that cannot be read or written is made in
 * memory, and lasts until the end of the process. The file is never replaced.
 * @param sealed where systemd puts it, opened; used where the directory has none. */
export function loadEvidenceKey(dir: string, sealed: string | null = null): LoadedKey {
  const own = join(dir, evidenceKeyFile);
  // One that was rotated in since goes before the one that systemd has.
  const file = sealed !== null && !existsSync(own) && existsSync(sealed) ? sealed : own;
  try {
    const isGone = !existsSync(file);
    const wasUsed = existsSync(join(dir, journalFile));
    if (isGone) writeKey(dir, file);
    const key = new KeyInUse(evidenceKeyOf(readKey(file)), dir);
    const loose = file === own ? looseText(own) : null;
    const problems = [loose, otherText(dir, key, isGone && wasUsed)];
    return { key, problem: problems.filter((one) => one !== null).join('; ') || null };
  } catch (error) {
    if (!(error instanceof Refusal) && !isSystemError(error)) throw error;
    const key = new KeyInUse(evidenceKeyOf(generateKeyPairSync('ed25519').privateKey), dir);
    const why = `the evidence key cannot be used (${reasonOf(error)})`;
    const problem = `${why}; records are signed by a key of this run alone. Mend it and restart gate-agent`;
    return { key, problem };
  }
}

const looseText = (file: string): string | null =>
  (statSync(file).mode & 0o077) === 0
    ? null
    : `others may read the evidence key ${file}; run: chmod 600 ${file}`;

/** Told once, at the start that finds it: the fault is a record of the chain, with both names. */
function otherText(dir: string, key: EvidenceKey, wasLost: boolean): string | null {
  try {
    const before = rememberKey(dir, key)?.keyId ?? (wasLost ? 'the one that was here' : null);
    return before === null
      ? null
      : `the evidence key is another than before: ${key.keyId} signs from now on, not ${before}. ` +
          'Restore the old key from the backup of this terminal, or have the platform take the new ' +
          `one; what the old one signed is checked by ${knownKeysFile}`;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `${knownKeysFile} cannot be kept (${reasonOf(error)}): another evidence key would go unseen`;
  }
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** A signing key from a private key. */
export function evidenceKeyOf(key: KeyObject): EvidenceKey {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    alg: 'ed25519',
    keyId: keyIdOf(spki),
    publicKey: spki.toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

function readKey(file: string): KeyObject {
  const pem = readFileSync(file);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    const hint = 'not a PKCS#8 PEM private key; restore it from the backup of this terminal';
    throw new Refusal([{ field: file, value: `${cause}`, hint }], 'evidence key');
  }
  const kind = key.asymmetricKeyType;
  if (kind !== 'ed25519') refuse(file, kind, 'must be an Ed25519 key');
  return key;
}

function refuse(field: string, value: unknown, hint: string): never {
  throw new Refusal([{ field, value, hint }], 'evidence key');
}

/** Whole and on disk before it has its name: a power cut leaves no half key. */
function writeKey(dir: string, file: string): void {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, 'wx', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeSync(fd, pem.toString());
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
  syncDir(dir);
}

/** A new name is durable when its directory is. */
export function syncDir(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
