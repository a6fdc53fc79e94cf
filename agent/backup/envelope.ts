// What a backup is wrapped in: two lines of text that say how it is locked, then AES-256-GCM in pieces, so
// that nothing has to be held in memory and nothing is believed before it is proved. The key of each file is
// its own: by scrypt of a passphrase and a fresh salt, or by X25519 for whoever has the private key. The
// format is described in config/docs/operations.md; what is written once can be read for ever.

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';

export const magic = 'GATE-BACKUP 1';
/** Of plain text; its tag comes behind it. The last piece may be shorter, or empty. */
export const pieceBytes = 64 * 1024;
const tagBytes = 16;
const headBytesMax = 4096;
/** 128 MB and some 0.4 s a try on a mini-PC (RFC 7914; OWASP's cheat sheet names it for passwords). */
const scryptCost = { N: 2 ** 17, r: 8, p: 1 } as const;
const scryptMemory = 512 * 2 ** 20;
export const passphraseCharsMin = 12;

/** How it is locked. */
export type Lock =
  | { readonly by: 'passphrase'; readonly passphrase: string }
  /** PEM of an X25519 public key. */
  | { readonly by: 'recipient'; readonly publicKey: string };

/** How it is opened. */
export type Opener =
  | { readonly by: 'passphrase'; readonly passphrase: string }
  /** PEM of the private key. */
  | { readonly by: 'recipient'; readonly privateKey: string };

const base64 = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/);
const head = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('passphrase'),
    kdf: z.literal('scrypt'),
    N: z.literal([2 ** 14, 2 ** 15, 2 ** 16, 2 ** 17, 2 ** 18]),
    r: z.literal(8),
    p: z.literal(1),
    salt: base64,
  }),
  z.strictObject({
    by: z.literal('recipient'),
    kdf: z.literal('x25519'),
    from: base64,
    to: base64,
  }),
]);
type Head = z.infer<typeof head>;

const refused = (hint: string): Refusal =>
  new Refusal([{ field: 'backup', value: null, hint }], 'backup');

/** Locks what comes; the bytes of the file. */
export async function* seal(plain: AsyncIterable<Buffer>, lock: Lock): AsyncGenerator<Buffer> {
  const { head: told, key } = lockedWith(lock);
  const begin = Buffer.from(`${magic}\n${JSON.stringify(told)}\n`);
  yield begin;
  let n = 0;
  let held: Buffer | null = null;
  for await (const piece of inPieces(plain, pieceBytes)) {
    if (held) yield sealPiece(held, { key, n: n++, last: false, begin });
    held = piece;
  }
  yield sealPiece(held ?? Buffer.alloc(0), { key, n, last: true, begin });
}

/** Opens what `seal` has made. Throws a `Refusal`: not such a file, not this key, changed or cut off. What
 * it has given is genuine, and is all of it only when it has ended. */
export async function* unseal(
  file: AsyncIterable<Buffer>,
  open: (by: Head['by']) => Promise<Opener>,
): AsyncGenerator<Buffer> {
  const { begin, rest } = await readHead(file);
  const told = parseHead(begin);
  const key = openedWith(told, await open(told.by));
  let n = 0;
  let held: Buffer | null = null;
  for await (const piece of inPieces(rest, pieceBytes + tagBytes)) {
    if (held) yield openPiece(held, { key, n: n++, last: false, begin });
    held = piece;
  }
  if (!held) throw refused('it is cut off: copy it again');
  yield openPiece(held, { key, n, last: true, begin });
}

interface Piece {
  readonly key: Buffer;
  readonly n: number;
  readonly last: boolean;
  /** Bound to every piece. */
  readonly begin: Buffer;
}

/** A number that no other piece under this key has; the last one cannot be taken for another. */
function nonceOf({ n, last }: Piece): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(n), 3);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function sealPiece(plain: Buffer, piece: Piece): Buffer {
  const cipher = createCipheriv('aes-256-gcm', piece.key, nonceOf(piece)).setAAD(piece.begin);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openPiece(sealed: Buffer, piece: Piece): Buffer {
  const at = sealed.length - tagBytes;
  if (at < 0) throw refused('it is cut off: copy it again');
  const cipher = createDecipheriv('aes-256-gcm', piece.key, nonceOf(piece), {
    authTagLength: tagBytes,
  });
  cipher.setAAD(piece.begin).setAuthTag(sealed.subarray(at));
  const plain = cipher.update(sealed.subarray(0, at));
  try {
    cipher.final();
  } catch {
    // Node says only that it does not fit.
    throw refused(
      piece.n === 0
        ? 'it does not open: another passphrase or key, or the file was changed'
        : 'it is damaged or cut off: copy it again',
    );
  }
  return plain;
}

function lockedWith(lock: Lock): { head: Head; key: Buffer } {
  if (lock.by === 'passphrase') {
    const salt = randomBytes(16);
    const told = { by: 'passphrase', kdf: 'scrypt', ...scryptCost, salt: base64Of(salt) } as const;
    return { head: told, key: stretched(lock.passphrase, salt, told.N) };
  }
  const to = x25519(() => createPublicKey(lock.publicKey), 'a public key');
  const mine = generateKeyPairSync('x25519');
  const [from, whom] = [spkiOf(mine.publicKey), spkiOf(to)];
  const key = sharedKey(diffieHellman({ privateKey: mine.privateKey, publicKey: to }), from, whom);
  const told = {
    by: 'recipient',
    kdf: 'x25519',
    from: base64Of(from),
    to: base64Of(whom),
  } as const;
  return { head: told, key };
}

function openedWith(told: Head, opener: Opener): Buffer {
  if (told.by === 'passphrase') {
    if (opener.by !== told.by) throw refused('it is locked with a passphrase, not to a key');
    return stretched(opener.passphrase, Buffer.from(told.salt, 'base64'), told.N);
  }
  if (opener.by !== told.by) throw refused('it is locked to a key, not with a passphrase: --key');
  const privateKey = x25519(() => createPrivateKey(opener.privateKey), 'a private key');
  const [from, to] = [told.from, told.to].map((text) => Buffer.from(text, 'base64'));
  if (!from || !to || !spkiOf(createPublicKey(privateKey)).equals(to))
    throw refused('it is locked to another key');
  const publicKey = x25519(
    () => createPublicKey({ key: from, format: 'der', type: 'spki' }),
    'a public key',
  );
  return sharedKey(diffieHellman({ privateKey, publicKey }), from, to);
}

const base64Of = (bytes: Buffer): string => bytes.toString('base64');
const spkiOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

const stretched = (passphrase: string, salt: Buffer, N: number): Buffer =>
  scryptSync(passphrase.normalize('NFC'), salt, 32, { ...scryptCost, N, maxmem: scryptMemory });

const sharedKey = (secret: Buffer, from: Buffer, to: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.concat([from, to]), `${magic} x25519`, 32));

function x25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw refused(`not ${what} in PEM (openssl genpkey -algorithm x25519)`);
  }
  if (key.asymmetricKeyType !== 'x25519') throw refused(`not ${what} for X25519`);
  return key;
}

async function readHead(file: AsyncIterable<Buffer>) {
  const source = file[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const first = read.indexOf('\n');
    const end = first < 0 ? -1 : read.indexOf('\n', first + 1);
    if (end >= 0) {
      const rest = read.subarray(end + 1);
      return { begin: read.subarray(0, end + 1), rest: joined(rest, source) };
    }
    const next = await source.next();
    if (next.done || read.length > headBytesMax) throw refused('this is no backup of gate-agent');
    read = Buffer.concat([read, next.value]);
  }
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function parseHead(begin: Buffer): Head {
  const [first = '', second = ''] = begin.toString().split('\n');
  if (!first.startsWith('GATE-BACKUP ')) throw refused('this is no backup of gate-agent');
  if (first !== magic) throw refused('it is of a later form: take the newer program');
  try {
    const read = head.safeParse(JSON.parse(second));
    if (read.success) return read.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refused('its head cannot be read: the file was changed');
}

/** Pieces of exactly `size`, the last one of what is left; none where nothing comes. */
async function* inPieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const some of source) {
    waiting.push(some);
    length += some.length;
    if (length < size) continue;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; all.length - at >= size; at += size) yield all.subarray(at, at + size);
    waiting = [all.subarray(at)];
    length = all.length - at;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
