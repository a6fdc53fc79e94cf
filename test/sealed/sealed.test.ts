// Files of evidence that are sealed: what was written is read, wherever and however much; every bit that is
// turned is found, and the record named; a tail that is torn off costs what was in it; nothing of what is
// inside can be seen from outside.

import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FragmentFile } from '#agent/media/clip/fragment-file.ts';
import {
  freshMaster,
  headBytes,
  type Master,
  masterOf,
  SealBroken,
  Sealer,
  sealed,
} from '#agent/sealed/format.ts';
import { KeptFile } from '#agent/sealed/kept-file.ts';
import { KeptFileSync } from '#agent/sealed/kept-file-sync.ts';
import { Layout, type Reading } from '#agent/sealed/layout.ts';
import { chanceOf } from '#test/e2e/support/random.ts';

const dir = mkdtempSync(join(tmpdir(), 'gate-sealed-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const master = masterOf(freshMaster()) as Master;
let files = 0;
const fresh = () => join(dir, `file-${++files}.mp4`);

const part = (bytes: number) => ({ data: randomBytes(bytes), monoMs: 0, lengthMs: 1000 });
/** Of lengths that fall on, before and behind every border there is. */
const lengths = [1, 20, 16_384, 262_143, 262_144, 262_145, 700_001, 3, 40_000] as const;

async function written(path: string, of: Master | null = master) {
  const head = randomBytes(900);
  const file = await FragmentFile.open(path, head, of);
  const parts = lengths.map(part);
  for (const one of parts) await file.append([one]);
  const { facts } = file;
  await file.close();
  const plain = Buffer.concat([head, ...parts.map(({ data }) => data)]);
  return { plain, facts };
}

async function all(path: string, of: Master | null = master): Promise<Buffer> {
  const file = await KeptFile.open(path, of);
  try {
    return await file.read(0, file.size);
  } finally {
    await file.close();
  }
}

function inMemory<T>(file: Buffer, reading: Reading<T>): T {
  let step = reading.next();
  while (!step.done)
    step = reading.next(file.subarray(step.value.at, step.value.at + step.value.bytes));
  return step.value;
}
const inside = (file: Buffer): Buffer =>
  inMemory(file, inMemory(file, Layout.of(file.length, master)).read(0, file.length));
function insideOrWhy(file: Buffer): Buffer | string {
  try {
    return inside(file);
  } catch (error) {
    if (error instanceof SealBroken) return error.message;
    throw error;
  }
}

describe('a sealed file', () => {
  it('gives what was written, from anywhere, and its hashes are of what is inside', async () => {
    const path = fresh();
    const { plain, facts } = await written(path);
    expect((await all(path)).equals(plain)).toBe(true);
    expect(facts).toMatchObject({
      ...{ bytes: plain.length, sha256: createHash('sha256').update(plain).digest('hex') },
    });
    const [file, sync] = [await KeptFile.open(path, master), KeptFileSync.open(path, master)];
    const random = chanceOf(7);
    for (let n = 0; n < 60; n++) {
      const from = Math.floor(random.next() * (plain.length + 10));
      const bytes = Math.floor(random.next() * 300_000);
      const wanted = plain.subarray(from, from + bytes);
      expect((await file.read(from, bytes)).equals(wanted)).toBe(true);
      expect(sync.read(from, bytes).equals(wanted)).toBe(true);
    }
    await file.close();
    sync.close();
  });

  it('shows nothing of it, and never the same twice', async () => {
    const told = Buffer.from('what was said at the gate '.repeat(100));
    const [one, two] = [sealed(master, told), sealed(master, told)];
    expect(one.includes('at the gate')).toBe(false);
    expect(one.subarray(headBytes).equals(two.subarray(headBytes))).toBe(false);
    expect(one.includes(master.key)).toBe(false);
  });

  it('a plain file of a version before is read as it is', async () => {
    const path = fresh();
    const { plain } = await written(path, null);
    expect(readFileSync(path).equals(plain)).toBe(true);
    expect((await all(path)).equals(plain)).toBe(true);
    expect((await all(path, null)).equals(plain)).toBe(true);
    for (const short of ['', 'GATE', 'ftyp']) {
      writeFileSync(path, short);
      expect(`${await all(path)}`).toBe(short);
    }
  });

  it('with another master key, or none, it says so', async () => {
    const path = fresh();
    await written(path);
    await expect(all(path, null)).rejects.toThrow('it is sealed, and there is no master key here');
    await expect(all(path, masterOf(freshMaster()))).rejects.toThrow('another master key');
  });

  it('every bit that is turned is found, and the record named', () => {
    const sealer = new Sealer(master);
    const good = Buffer.concat([
      sealer.head,
      ...[4, 40, 30].map((bytes) => sealer.seal(randomBytes(bytes))),
    ]);
    const plain = inside(good);
    const firstEnd = headBytes + 4 + 4 + 16;
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bent = Buffer.from(good);
      const at = bit >> 3;
      bent[at] = (bent[at] ?? 0) ^ (1 << (bit & 7));
      const read = insideOrWhy(bent);
      // The magic itself: then it is a plain file, of garbage.
      if (at < 8) expect(read).toEqual(bent);
      else if (at < headBytes) expect(read).toMatch(/its head has been changed|another master/);
      else if (typeof read === 'string') {
        expect(read).toMatch(/^record [123] has been changed$/);
        if (at < firstEnd) expect(read).toContain('record 1');
      } else expect(read.length).toBeLessThan(plain.length);
    }
  });

  it('records cannot be moved, nor taken from another file', async () => {
    const path = fresh();
    const file = await FragmentFile.open(path, Buffer.alloc(10), master);
    await file.append([part(50), part(50)]);
    await file.close();
    const good = readFileSync(path);
    const [one, two] = [good.subarray(-140, -70), good.subarray(-70)];
    writeFileSync(path, Buffer.concat([good.subarray(0, -140), two, one]));
    await expect(all(path)).rejects.toThrow('record 2 has been changed');
    const other = fresh();
    await written(other);
    const head = readFileSync(other).subarray(0, headBytes);
    writeFileSync(path, Buffer.concat([head, good.subarray(headBytes)]));
    await expect(all(path)).rejects.toThrow('record 1 has been changed');
  });
});

describe('a torn tail', () => {
  it('costs what was in it, wherever it is torn, and is cut to what is whole', () => {
    const sealer = new Sealer(master);
    const parts = [4, 100, 2_000, 50].map((bytes) => randomBytes(bytes));
    const good = Buffer.concat([sealer.head, ...parts.map((one) => sealer.seal(one))]);
    const plain = Buffer.concat(parts);
    const ends = [0, 4, 104, 2_104, 2_154];
    for (let size = headBytes; size <= good.length; size++) {
      const torn = good.subarray(0, size);
      const layout = inMemory(torn, Layout.of(size, master, true));
      expect(ends).toContain(layout.bytes);
      // As a mend may: one part less than is whole.
      const keep = ends.findLast((end) => end < layout.bytes) ?? 0;
      for (const end of [keep, layout.bytes])
        expect(inside(torn.subarray(0, layout.cutAt(end)))).toEqual(plain.subarray(0, end));
    }
  });

  it('garbage and zeros behind what was flushed are cut', async () => {
    const path = fresh();
    const { plain } = await written(path);
    const { size } = statSync(path);
    for (const tail of [Buffer.alloc(5_000), randomBytes(5_000), Buffer.from([0, 0, 0, 9, 1, 2])]) {
      appendFileSync(path, tail);
      const torn = await KeptFile.openTorn(path, master);
      expect(torn.size).toBe(plain.length);
      await torn.cut(torn.size);
      await torn.close();
      expect(statSync(path).size).toBe(size);
    }
  });
});
