// Whatever calls itself a bundle: bombs, names that lead elsewhere, links, doubles, files missing or too
// many, huge counts, noise. Each is refused with a word or found wrong, and none is believed.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { names } from '#agent/evidence/manifest.ts';
import { verify } from '#agent/evidence/verify/verify.ts';
import { NoBundleFile } from '#agent/evidence/verify/zip.ts';
import { type Bundled, bundled, caseOf } from './support.ts';

let dir: string;
let made: Bundled;
/** What is in a right bundle. */
let right: Map<string, Buffer>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-hostile-'));
  made = await bundled(caseOf());
  right = new Map();
  const zip = await openPromise(made.path, { lazyEntries: true, autoClose: false });
  for await (const entry of zip.eachEntry())
    right.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  zip.close();
});
afterAll(() => {
  made.remove();
  rmSync(dir, { recursive: true, force: true });
});

type Added = readonly [name: string, bytes: Buffer, how?: { compress?: boolean; mode?: number }];

async function zipOf(entries: readonly Added[]): Promise<Buffer> {
  const zip = new ZipFile();
  const out = buffer(zip.outputStream);
  for (const [name, bytes, how = {}] of entries)
    zip.addBuffer(bytes, name, { compress: false, ...how });
  zip.end();
  return out;
}

async function judged(bytes: Buffer): Promise<string> {
  const path = join(dir, 'hostile.zip');
  writeFileSync(path, bytes);
  try {
    const { ok, problems } = await verify(path);
    return ok ? 'right' : problems.map(({ file, what }) => `${file}: ${what}`).join('; ');
  } catch (error) {
    if (!(error instanceof NoBundleFile)) throw error;
    return `refused: ${error.message}`;
  }
}

const entries = (): Added[] => [...right].map(([name, bytes]) => [name, bytes]);
/** In the names of a ZIP, which stand in it twice. */
const renamed = (bytes: Buffer, from: string, to: string): Buffer => {
  const text = bytes.toString('latin1').replaceAll(from, to);
  return Buffer.from(text, 'latin1');
};

describe('refused with a word', () => {
  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ['nothing', async () => Buffer.alloc(0), /cannot be read as a ZIP/],
    ['noise', async () => Buffer.alloc(100_000, 'PK\x05\x06'), /cannot be read as a ZIP|^refused/],
    [
      'half a bundle',
      async () => made.bytes.subarray(0, made.bytes.length / 2),
      /cannot be read as a ZIP/,
    ],
    ['another ZIP', () => zipOf([['hello.txt', Buffer.from('hello')]]), /no manifest\.json/],
    [
      'a bomb',
      () => zipOf([...entries(), ['bomb.mp4', Buffer.alloc(50_000_000), { compress: true }]]),
      /"bomb.mp4" is compressed/,
    ],
    [
      'a way out of the directory',
      async () =>
        renamed(await zipOf([...entries(), ['xx-evil', Buffer.from('x')]]), 'xx-evil', '../evil'),
      /invalid relative path|no name of a file/,
    ],
    [
      'an absolute name',
      async () =>
        renamed(await zipOf([...entries(), ['xevil', Buffer.from('x')]]), 'xevil', '/evil'),
      /absolute path|no name of a file/,
    ],
    [
      'a directory',
      () => zipOf([...entries(), ['dir/file', Buffer.from('x')]]),
      /no name of a file/,
    ],
    [
      'a link',
      () => zipOf([...entries(), ['link.mp4', Buffer.from('/etc/passwd'), { mode: 0o120777 }]]),
      /"link.mp4" is no regular file/,
    ],
    [
      'the same name twice',
      async () =>
        renamed(
          await zipOf([...entries(), ['zeport.json', Buffer.from('{}')]]),
          'zeport',
          'report',
        ),
      /"report.json" is there twice/,
    ],
    [
      'ten thousand files',
      () => zipOf(Array.from({ length: 10_000 }, (_, n): Added => [`f${n}`, Buffer.alloc(0)])),
      /it says that it holds 10000 files/,
    ],
    [
      'a manifest of three megabytes',
      () =>
        zipOf([
          [names.manifest, Buffer.alloc(3_000_000, ' ')],
          [names.signature, Buffer.from('{}')],
        ]),
      /manifest.json has 3000000 bytes/,
    ],
    ['bytes that two files share', () => shared(), /"b.mp4" and "a.mp4" share their bytes/],
  ])('%s', async (_, bytes, word) => {
    expect(await judged(await bytes())).toMatch(word);
  });
});

/** The second file lies within the first: how a small ZIP becomes a large one. */
async function shared(): Promise<Buffer> {
  const inner: Added = ['b.mp4', Buffer.alloc(1_000, 7)];
  const alone = await zipOf([inner]);
  const local = alone.subarray(0, alone.indexOf('PK\x01\x02', 0, 'latin1'));
  const zip = await zipOf([['a.mp4', local], inner]);
  const record = zip.lastIndexOf('PK\x01\x02', undefined, 'latin1');
  zip.writeUInt32LE(zip.indexOf('PK\x03\x04', 4, 'latin1'), record + 42);
  return zip;
}

describe('found wrong', () => {
  it('a file that is missing, each', async () => {
    for (const name of right.keys()) {
      const less = entries().filter(([other]) => other !== name);
      const needed = name === names.manifest || name === names.signature;
      const said = await judged(await zipOf(less));
      expect(said, name).toContain(
        needed ? `refused: it has no ${name}` : `${name}: it is missing`,
      );
    }
  });

  it('a file that does not belong', async () => {
    const more = await zipOf([...entries(), ['extra.mp4', Buffer.from('x')]]);
    expect(await judged(more)).toBe(
      'extra.mp4: it does not belong here: the manifest does not name it',
    );
  });

  it('two files exchanged', async () => {
    const [zh, en] = [right.get(names.zh), right.get(names.en)];
    if (!zh || !en) throw new Error('no reports');
    const exchanged = [...right, [names.zh, en] as const, [names.en, zh] as const];
    const said = await judged(
      await zipOf([...new Map(exchanged)].map(([name, bytes]) => [name, bytes])),
    );
    expect(said).toContain(names.zh);
    expect(said).toContain(names.en);
  });

  it('the manifest of another bundle of the same key, and its signature', async () => {
    const other = await bundled(caseOf());
    const zip = await openPromise(other.path, { lazyEntries: true, autoClose: false });
    const theirs = new Map<string, Buffer>();
    for await (const entry of zip.eachEntry())
      theirs.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
    zip.close();
    other.remove();
    const signature = theirs.get(names.signature) ?? Buffer.alloc(0);
    const mixed = new Map([...right, [names.signature, signature]]);
    expect(await judged(await zipOf([...mixed]))).toContain(`${names.manifest}: it was changed`);
  });
});

it('a ZIP packed again by another program is right: its bytes are what counts', async () => {
  const again = await zipOf(entries().reverse());
  expect(await judged(again)).toBe('right');
});

it('Python reads a bundle', () => {
  const { status, stdout } = spawnSync('python3', ['-m', 'zipfile', '-t', made.path], {
    encoding: 'utf8',
  });
  expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: 'Done testing' });
});
