// A bundle is right, or what is wrong with it is named: any single bit of any file, files too many and too
// few, keys, chains that were made up. And whatever calls itself a bundle is refused with a word.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, openPromise } from 'yauzl';
import { names } from '#agent/evidence/manifest.ts';
import { type Verdict, verify } from '#agent/evidence/verify/verify.ts';
import { checkpointText, extend, genesis } from '#agent/store/chain.ts';
import {
  type Bundled,
  bundled,
  caseOf,
  chainOf,
  film,
  newKey,
  stored,
  type Told,
} from './support.ts';

interface Place {
  readonly name: string;
  readonly from: number;
  readonly bytes: number;
}

/** Where the bytes of each file lie. */
async function placesIn(path: string): Promise<Place[]> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  const places: Place[] = [];
  const look = async (entry: Entry) => {
    const { fileDataStart: from } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    places.push({ name: entry.fileName, from, bytes: entry.uncompressedSize });
  };
  for await (const entry of zip.eachEntry()) await look(entry);
  zip.close();
  return places;
}

let told: Told;
let made: Bundled;
let places: Place[];
beforeAll(async () => {
  told = caseOf();
  made = await bundled(told);
  places = await placesIn(made.path);
});
afterAll(() => made.remove());

async function changed(change: (bytes: Buffer) => void): Promise<Verdict> {
  const bytes = Buffer.from(made.bytes);
  change(bytes);
  const path = join(made.dir, 'changed.zip');
  writeFileSync(path, bytes);
  return verify(path);
}

const flip = (bytes: Buffer, at: number, bit: number): void => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
};

describe('an untouched bundle', () => {
  it('is right, and says of what', async () => {
    const verdict = await verify(made.path);
    expect(verdict.problems).toEqual([]);
    expect(verdict).toMatchObject({
      ...{ ok: true, terminal: 'hz-xihu-0012-east', files: 6, absent: [], gaps: [] },
      export: { role: 'platform', user: 'zhang', reason: '检察院调取' },
      key: { keyId: made.order.key.keyId },
    });
    expect(verdict.key.fingerprint.startsWith(verdict.key.keyId)).toBe(true);
    expect(places.map(({ name }) => name).sort()).toEqual(
      [...Object.values(names), ...told.files.keys()].sort(),
    );
  });

  it('has nothing of other cases but hashes', () => {
    for (const word of ['a-secret-of-others', 'a-stranger', 'gone.before'])
      expect(made.bytes.includes(word), word).toBe(false);
    expect(made.bytes.includes('检察院调取')).toBe(true);
  });
});

describe('a single bit', () => {
  const flipped = async (place: Place, at: number, bit: number) => {
    const { ok, problems } = await changed((bytes) => flip(bytes, place.from + at, bit));
    return { ok, named: problems.map(({ file }) => file), problems };
  };
  const told = (name: string, at: number, bit: number) => `${name}, byte ${at}, bit ${bit}`;

  it('of the signature is found, wherever it is', async () => {
    const place = places.find(({ name }) => name === names.signature);
    if (!place) throw new Error('no signature');
    for (let at = 0; at < place.bytes; at += 3) {
      const { ok, named } = await flipped(place, at, at % 8);
      expect({ ok, named }, told(place.name, at, at % 8)).toEqual({
        ok: false,
        named: [place.name],
      });
    }
  });

  it('of any file is found, and the file is named', async () => {
    const positions = fc.constantFrom(...places).chain((place) =>
      fc.record({
        place: fc.constant(place),
        at: fc.nat(place.bytes - 1),
        bit: fc.nat(7),
      }),
    );
    await fc.assert(
      fc.asyncProperty(positions, async ({ place, at, bit }) => {
        const { ok, named } = await flipped(place, at, bit);
        expect(ok).toBe(false);
        expect(named[0]).toBe(place.name);
        // The chain's record of a film speaks of that film.
        expect(new Set(named)).toEqual(new Set([place.name]));
      }),
      { numRuns: 300 },
    );
  });

  it('of a film is found in its fragment', async () => {
    const place = places.find(({ name }) => name.endsWith('.mp4'));
    if (!place) throw new Error('no film');
    const { problems } = await flipped(place, place.bytes - 4_000, 3);
    expect(problems.map(({ where }) => where)).toContain('fragment 3 of 4');
  });
});

describe('what was made up with the key itself', () => {
  const [clipFile = ''] = caseOf().files.keys();

  it('a film that was told anew is not what was recorded while it was made', async () => {
    const story = caseOf();
    const other = film('another');
    const id = clipFile.slice(0, -'-1.mp4'.length);
    story.story.recorded.push({ at: story.story.now, fact: stored(id, clipFile, other.bytes) });
    const files = new Map([...story.files, [clipFile, other.bytes]]);
    const forged = await bundled({ ...story, files });
    const { problems } = await verify(forged.path);
    forged.remove();
    expect(problems).toEqual([
      {
        file: clipFile,
        where: 'fragment 1 of 4',
        what: expect.stringContaining('not what was recorded'),
      },
    ]);
  });

  it('a chain with a record taken out, changed or put in', async () => {
    const rows = chainOf(caseOf().story.recorded);
    const at = rows.findIndex(({ body }) => body?.includes('"verb":"take"'));
    const taken = rows[at];
    if (!taken?.body) throw new Error('nobody took it');
    const body = taken.body.replace('"user":"li"', '"user":"lo"');
    const changes = {
      changed: rows.with(at, { ...taken, body }),
      out: rows.filter((row) => row !== taken),
      hashed: rows.with(at, {
        ...extend(rows[at - 1] ?? genesis, JSON.parse(body).at, JSON.parse(body).fact),
      }),
    };
    for (const [name, forged] of Object.entries(changes)) {
      const one = await bundled(caseOf(), { rows: forged });
      const { problems } = await verify(one.path);
      one.remove();
      expect(
        problems.map(({ file }) => file),
        name,
      ).toEqual([names.chain]);
      expect(problems[0]?.where, name).toMatch(/^record \d+$/);
    }
  });

  it('an export that the chain has no record of', async () => {
    const rows = chainOf(
      caseOf().story.recorded.filter(({ fact }) => fact.kind !== 'export.begun'),
    );
    const one = await bundled(caseOf(), { rows });
    const { problems } = await verify(one.path);
    one.remove();
    expect(problems).toEqual([
      { file: names.chain, where: null, what: 'it has no record of this export, by whom and why' },
    ]);
  });

  it('a file that the chain does not know, and one that has another content on the disk', async () => {
    const prepare = (dir: string) => writeFileSync(join(dir, clipFile), film('swapped').bytes);
    const one = await bundled(caseOf(), { prepare });
    const { problems } = await verify(one.path);
    one.remove();
    expect(problems.map(({ file, where }) => [file, where])).toEqual([
      [clipFile, 'fragment 1 of 4'],
      [clipFile, null],
    ]);
  });
});

describe('keys', () => {
  it('the head may be by an earlier key, which is named; a key that nobody names is refused', async () => {
    const [old, key, strange] = [newKey(), newKey(), newKey()];
    const rows = chainOf(caseOf().story.recorded);
    const lost = (by: typeof old) => {
      const [at] = rows.slice(-3);
      const { seq, hash } = at ?? genesis;
      const text = checkpointText('hz-xihu-0012-east', { why: 'lost', seq, hash });
      return {
        why: 'lost',
        seq,
        hash,
        alg: 'ed25519',
        keyId: by.keyId,
        sig: by.sign(text),
      } as const;
    };
    const right = await bundled(caseOf(), { rows, key, earlier: [old], checkpoints: [lost(old)] });
    const verdict = await verify(right.path);
    right.remove();
    expect(verdict).toMatchObject({
      ok: true,
      earlierKeys: [old.keyId],
      key: { keyId: key.keyId },
    });
    const wrong = await bundled(caseOf(), {
      rows,
      key,
      earlier: [old],
      checkpoints: [lost(strange)],
    });
    const { problems } = await verify(wrong.path);
    wrong.remove();
    expect(problems).toMatchObject([
      { file: names.chain, what: expect.stringContaining('checkpoint') },
    ]);
  });
});

describe('records that were lost', () => {
  it('are named, under the checkpoint that was signed then', async () => {
    const key = newKey();
    const rows = chainOf(caseOf().story.recorded);
    const gapAt = rows.findIndex(({ body }) => body?.includes('"verb":"take"')) + 1;
    const before = rows[gapAt - 1] ?? genesis;
    const from = { seq: before.seq + 1_000, hash: before.hash };
    const recorded = caseOf().story.recorded.slice(gapAt);
    const later: typeof rows = [];
    for (const { at, fact } of recorded) later.push(extend(later.at(-1) ?? from, at, fact));
    const text = checkpointText('hz-xihu-0012-east', { why: 'lost', ...from });
    const sig = key.sign(text);
    const lost = { why: 'lost', ...from, alg: 'ed25519', keyId: key.keyId, sig } as const;
    const one = await bundled(caseOf(), {
      ...{ key, rows: [...rows.slice(0, gapAt), ...later], checkpoints: [lost] },
    });
    const { ok, problems, gaps } = await verify(one.path);
    one.remove();
    expect({ ok, problems, gaps }).toEqual({
      ...{ ok: true, problems: [], gaps: [{ from: before.seq + 1, to: from.seq }] },
    });
  });
});

describe('what is not all there', () => {
  it('a file that is gone is listed as absent, and the rest is right', async () => {
    const files = new Map([...told.files].filter(([name]) => name.endsWith('.jpg')));
    const one = await bundled({ ...told, files });
    const { ok, absent } = await verify(one.path);
    const report = JSON.parse(
      readFileSync(one.path)
        .toString('latin1')
        .match(/\{\n "v": 1,[\s\S]*?\n\}\n/)?.[0] ?? '',
    );
    one.remove();
    expect({ ok, absent }).toEqual({
      ...{
        ok: true,
        absent: [{ name: expect.stringMatching(/\.mp4$/), why: 'it is no longer there' }],
      },
    });
    expect(report.files.map(({ state }: { state: string }) => state).sort()).toEqual([
      'absent',
      'here',
    ]);
  });
});
