// What calls itself a bundle: bytes of a ZIP bent in any way are a verdict that is not right, or refused
// with a word; and a timeline of any text is read or refused, within its limits.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { readLines } from '#agent/evidence/segment.ts';
import { verify } from '#agent/evidence/verify/verify.ts';
import { NoBundleFile } from '#agent/evidence/verify/zip.ts';
import { bundled, caseOf } from '#test/evidence/support.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

/** Where it is bent, what stands there then, and how much is cut off at the end. */
const bends = fc.tuple(
  fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 6 }),
  fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3_000)),
);

export async function bundles(): Promise<Fuzz> {
  const made = await bundled(caseOf());
  const { bytes } = made;
  made.remove();
  // The end, where the ZIP's own tables are, as often as all that is before.
  const tables = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  return fuzz('bundles', bends, async ([changes, cut]) => {
    const bent = Buffer.from(bytes.subarray(0, bytes.length - cut));
    for (const [where, value] of changes) {
      const from = value % 2 === 0 ? tables : 0;
      bent[from + Math.floor(where * (bent.length - from - 1))] = value;
    }
    const dir = mkdtempSync(join(tmpdir(), 'gate-fuzz-'));
    try {
      const path = join(dir, 'bent.zip');
      writeFileSync(path, bent);
      const { ok, problems, terminal } = await verify(path);
      expect(problems.length === 0).toBe(ok);
      if (ok) expect(terminal).toBe('hz-xihu-0012-east');
    } catch (error) {
      if (!(error instanceof NoBundleFile)) throw error;
      expect(error.message).not.toBe('');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

const hash = 'ab'.repeat(32);
const body = { at: { wallMs: 1, monoMs: 1, bootId: 'b' }, fact: { kind: 'x' } };
const right = [
  '{"v":1,"terminal":"t","from":{"seq":0,"hash":"HASH"},"checkpoints":[]}',
  '{"seq":1,"stubs":["HASH","HASH"]}',
  JSON.stringify({ seq: 3, hash: 'HASH', body: JSON.stringify(body) }),
  '{"seq":9,"hash":"HASH","stub":"HASH"}',
  '',
].map((line) => line.replaceAll('HASH', hash));
const pieces = fc.constantFrom(
  ...[
    '\n',
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '-1',
    '1e999',
    'null',
    '{"seq":',
    '"stubs":[]',
    hash,
  ],
  ...['{"seq":1,"body":"{}"}', '"__proto__":{}', '"fact":null', '\u0000', '9007199254740993'],
);

export const timelines: Fuzz = fuzz(
  'timelines',
  nearlyRight([right.join('\n')], pieces),
  (text) => {
    const read = readLines(text);
    if ('problem' in read) return expect(read.problem).not.toBe('');
    for (const { seq, bodyHash } of read.rows) {
      expect(Number.isSafeInteger(seq)).toBe(true);
      expect(bodyHash).toMatch(/^[0-9a-f]{64}$/);
    }
  },
);
