// The envelope of a backup gives back what was put in, or nothing: not to another key, not changed by a bit,
// not cut off anywhere; and the archive inside says when it is not whole.

import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Item, type Manifest, pack, unpack } from '#agent/backup/archive.ts';
import { type Lock, magic, type Opener, pieceBytes, seal, unseal } from '#agent/backup/envelope.ts';

async function* from(bytes: Buffer, step = bytes.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function all(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const some: Buffer[] = [];
  for await (const one of source) some.push(one);
  return Buffer.concat(some);
}

const mine = generateKeyPairSync('x25519');
const other = generateKeyPairSync('x25519');
const pem = {
  to: mine.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  key: mine.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  otherKey: other.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
};
const toMe: Lock = { by: 'recipient', publicKey: pem.to };
const me: Opener = { by: 'recipient', privateKey: pem.key };
const opened = (file: Buffer, by: Opener = me, step?: number) =>
  all(unseal(from(file, step), () => Promise.resolve(by)));

describe('the envelope', () => {
  it('gives back every length around the borders of a piece, however it is read', async () => {
    for (const bytes of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes]) {
      const plain = Buffer.alloc(bytes, 'gate');
      const file = await all(seal(from(plain, 1000), toMe));
      expect((await opened(file, me, 777)).equals(plain), `${bytes} bytes`).toBe(true);
    }
  });

  it('opens with its passphrase and no other', async () => {
    const lock: Lock = { by: 'passphrase', passphrase: '校门口的老槐树 7' };
    const file = await all(seal(from(Buffer.from('keys')), lock));
    expect(file.toString('latin1').split('\n')[0]).toBe(magic);
    expect((await opened(file, lock)).toString()).toBe('keys');
    const wrong = { by: 'passphrase', passphrase: '校门口的老槐树 8' } as const;
    await expect(opened(file, wrong)).rejects.toThrow('another passphrase or key');
    await expect(opened(file)).rejects.toThrow('with a passphrase');
  });

  it('opens with its key and no other', async () => {
    const file = await all(seal(from(Buffer.from('keys')), toMe));
    const wrong = { by: 'recipient', privateKey: pem.otherKey } as const;
    await expect(opened(file, wrong)).rejects.toThrow('to another key');
    await expect(opened(file, { by: 'passphrase', passphrase: 'x' })).rejects.toThrow('to a key');
    // No two files have a key, so no two pieces have key and nonce in common.
    const again = await all(seal(from(Buffer.from('keys')), toMe));
    expect(again.subarray(-20).equals(file.subarray(-20))).toBe(false);
  });

  it('gives nothing that was changed or cut off', async () => {
    const plain = Buffer.alloc(2 * pieceBytes + 500, 'record');
    const file = await all(seal(from(plain), toMe));
    const headEnd = file.indexOf('\n', file.indexOf('\n') + 1);
    const bit = fc.integer({ min: 0, max: file.length * 8 - 1 });
    const broken = (name: string, bytes: Buffer) =>
      expect(opened(bytes), name).rejects.toThrow(/backup/);
    await fc.assert(
      fc.asyncProperty(bit, async (n) => {
        const changed = Buffer.from(file);
        changed[n >> 3] = (changed[n >> 3] ?? 0) ^ (1 << (n & 7));
        await broken(`bit ${n}`, changed);
      }),
      { numRuns: 60 },
    );
    const pieces = [0, 1].map((n) => headEnd + 1 + n * (pieceBytes + 16));
    const ends = [5, headEnd, headEnd + 1, ...pieces, file.length - 1, file.length - 16];
    for (const end of ends) await broken(`${end} bytes`, file.subarray(0, end));
    const [a = 0, b = 0] = pieces;
    const swapped = [file.subarray(0, a), file.subarray(b, 2 * b - a), file.subarray(a, b)];
    await broken('two pieces exchanged', Buffer.concat([...swapped, file.subarray(2 * b - a)]));
  });

  it('says what is none of ours, and what is of a later form', async () => {
    await expect(opened(Buffer.from('PK\x03\x04'))).rejects.toThrow('no backup of gate-agent');
    await expect(opened(Buffer.from('GATE-BACKUP 2\n{}\n'))).rejects.toThrow('newer program');
    const costly = { by: 'passphrase', kdf: 'scrypt', N: 2 ** 30, r: 8, p: 1, salt: 'AAAA' };
    const file = Buffer.from(`${magic}\n${JSON.stringify(costly)}\n`);
    await expect(opened(file)).rejects.toThrow('cannot be read');
  });
});

const about: Manifest = {
  ...({ is: 'manifest', v: 1, clips: false, missing: [] } as const),
  ...{ terminal: 'hz-1', version: '0.1.0', wallMs: 1, host: 'gate' },
};
const item = (name: string, text: string): Item => ({
  head: { place: 'data', name, mode: 0o600 },
  from: { text: Buffer.from(text) },
});

describe('the archive', () => {
  const read = async (bytes: Buffer, step: number) => {
    const found: Record<string, string> = {};
    await unpack(
      from(bytes, step),
      () => undefined,
      async ({ head, content }) => {
        found[head.name] = (await all(content)).toString();
      },
    );
    return found;
  };

  it('gives back its files, empty ones too, however the bytes come', async () => {
    const bytes = await all(pack(about, [item('a', 'first\n{"is":"end"}\n'), item('b', '')]));
    for (const step of [1, 7, 4096])
      expect(await read(bytes, step)).toEqual({ a: 'first\n{"is":"end"}\n', b: '' });
  });

  it('is refused wherever it ends before its end', async () => {
    const bytes = await all(pack(about, [item('a', 'first'), item('b', 'second')]));
    for (let end = 0; end < bytes.length; end++)
      await expect(read(bytes.subarray(0, end), 64), `${end} bytes`).rejects.toThrow(/backup/);
  });

  it('names no place outside its directory', async () => {
    for (const name of ['../x', '/etc/passwd', 'a/../../x', 'a//b', '.'])
      await expect(read(await all(pack(about, [item(name, 'x')])), 64)).rejects.toThrow(/backup/);
  });
});
