// How a file of evidence lies on the disk: AES-256-GCM under a key of its own, which the terminal's master
// key wraps. Hashes of the chain are those of what is inside, so that a bundle is checked without any key.
// Of the database nothing is sealed: an alarm must come out of a disk that is half broken.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/*
 * Whom it protects against: whoever has the disk, or a PC that was sent back, without the master key: that
 * may be sealed by a TPM, and is destroyed when a terminal is retired. Whom not: root on the running machine,
 * and, where the master key is a file of the same disk, whoever has all of that.
 *
 * head    magic 8, id of the master key 8, nonce 12, wrapped file key 32, tag 16
 * record  length 4 (big-endian), so much ciphertext, tag 16; as many as there are, each whole or torn.
 *         Its nonce is its number, its length is authenticated with it: none can be changed, moved or
 *         left out but at the end, and what is missing there the chain of records knows.
 */
const cipher = 'aes-256-gcm';
const magic = Buffer.from('GATESEA1');
const sizes = { id: 8, nonce: 12, key: 32, tag: 16, length: 4 } as const;
export const headBytes = magic.length + sizes.id + sizes.nonce + sizes.key + sizes.tag;
export const recordOverhead = sizes.length + sizes.tag;
export const recordBytesMax = 256 * 1024;

export interface Master {
  /** Tells one from another; says nothing of the key. */
  readonly id: Buffer;
  readonly key: Buffer;
}

/** What is sealed cannot be opened. The message says why. */
export class SealBroken extends Error {}

/** Not with the key that is here; with its own it may be. */
export class KeyMissing extends SealBroken {}

/** Null where it is none: 32 bytes as base64. */
export function masterOf(text: string): Master | null {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== sizes.key || !/^[A-Za-z0-9+/]{43}=$/.test(text.trim())) return null;
  const id = createHash('sha256').update('gate-agent master key').update(key).digest();
  return { id: id.subarray(0, sizes.id), key };
}

export const freshMaster = (): string => randomBytes(sizes.key).toString('base64');

/** A new file: its head, and then records in the order in which they are written. */
export class Sealer {
  readonly head: Buffer;
  readonly #key = randomBytes(sizes.key);
  #n = 0;

  constructor({ id, key }: Master) {
    const nonce = randomBytes(sizes.nonce);
    const wrap = createCipheriv(cipher, key, nonce).setAAD(magic);
    const wrapped = Buffer.concat([wrap.update(this.#key), wrap.final()]);
    this.head = Buffer.concat([magic, id, nonce, wrapped, wrap.getAuthTag()]);
  }

  seal(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += recordBytesMax)
      parts.push(...this.#record(bytes.subarray(at, at + recordBytesMax)));
    return Buffer.concat(parts);
  }

  #record(bytes: Buffer): Buffer[] {
    const length = Buffer.alloc(sizes.length);
    length.writeUInt32BE(bytes.length);
    const sealing = createCipheriv(cipher, this.#key, nonceOf(this.#n++)).setAAD(length);
    return [length, sealing.update(bytes), sealing.final(), sealing.getAuthTag()];
  }
}

/** A whole file at once. */
export function sealed(master: Master, bytes: Buffer): Buffer {
  const sealer = new Sealer(master);
  return Buffer.concat([sealer.head, sealer.seal(bytes)]);
}

export const isSealed = (head: Buffer): boolean => head.subarray(0, magic.length).equals(magic);

/** Key of the file. Throws a `SealBroken`. */
export function fileKeyOf(head: Buffer, master: Master | null): Buffer {
  if (head.length < headBytes) throw new SealBroken('its head is torn off');
  let at = magic.length;
  const take = (bytes: number) => {
    at += bytes;
    return head.subarray(at - bytes, at);
  };
  const [id, nonce] = [take(sizes.id), take(sizes.nonce)];
  const [wrapped, tag] = [take(sizes.key), take(sizes.tag)];
  if (!master) throw new KeyMissing('it is sealed, and there is no master key here');
  if (!id.equals(master.id))
    throw new KeyMissing('it is sealed with another master key than the one that is here');
  return opened(
    createDecipheriv(cipher, master.key, nonce).setAAD(magic).setAuthTag(tag),
    wrapped,
    'its head has been changed',
  );
}

/** Length of what is in a record; null: no record begins so. */
export function lengthOf(start: Buffer): number | null {
  if (start.length < sizes.length) return null;
  const length = start.readUInt32BE();
  return length > 0 && length <= recordBytesMax ? length : null;
}

/** What is in record `n` (from 0), given whole. Throws a `SealBroken`. */
export function openRecord(key: Buffer, n: number, record: Buffer): Buffer {
  const body = record.subarray(sizes.length, record.length - sizes.tag);
  const opening = createDecipheriv(cipher, key, nonceOf(n))
    .setAAD(record.subarray(0, sizes.length))
    .setAuthTag(record.subarray(record.length - sizes.tag));
  return opened(opening, body, `record ${n + 1} has been changed`);
}

function opened(
  opening: ReturnType<typeof createDecipheriv>,
  bytes: Buffer,
  otherwise: string,
): Buffer {
  const plain = opening.update(bytes);
  try {
    opening.final();
  } catch (cause) {
    throw new SealBroken(otherwise, { cause });
  }
  return plain;
}

function nonceOf(n: number): Buffer {
  const nonce = Buffer.alloc(sizes.nonce);
  nonce.writeBigUInt64BE(BigInt(n), sizes.nonce - 8);
  return nonce;
}
