// What a hand scanner types and a file of answers says: taken or refused, with every wrong field named.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import { readAnswers } from '#agent/install/answers.ts';
import { certificatesIn } from '#agent/install/pkcs7.ts';
import { readQr } from '#agent/install/qr.ts';
import { Refusal } from '#agent/refusal.ts';
import { identityPairs, qrOf, readText, worldAt } from '#test/install/support.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nastyWord, nearlyRight } from './mutations.ts';

function taken<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.fields.length).toBeGreaterThan(0);
    for (const { hint } of error.fields) expect(hint).not.toBe('');
    return null;
  }
}

const right = qrOf(identityPairs);
const pieces = fc.constantFrom('&', '=', '%', '%E8', '%00', '+', 'c=', 'id=', 'lat=', '&k=', ',');

/** With a check value that fits, or it would end there every time. */
const signed = (text: string): string => `${text}&k=${crc32(text).toString(16).padStart(8, '0')}`;

export const qrStrings: Fuzz = fuzz(
  'QR strings',
  fc.oneof(
    nearlyRight([right], pieces),
    nearlyRight([right.slice(0, right.lastIndexOf('&k='))], fc.oneof(pieces, nastyWord)).map(
      signed,
    ),
  ),
  (text) => {
    const read = taken(() => readQr(text));
    if (read) expect(JSON.stringify(read).length).toBeLessThan(20_000);
  },
);

const example = readText(import.meta.dirname, '../../config/site.example.yaml');

export function answers(): Fuzz {
  const dir = mkdtempSync(join(tmpdir(), 'gate-fuzz-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const world = { ...worldAt(dir), file: join(dir, 'site.yaml') };
  const words = fc.constantFrom(': ', '\n', '  ', '- ', 'provision:', 'qr: ', 'enrol: {', '}', '~');
  return fuzz('answers', nearlyRight([example], fc.oneof(words, nastyWord)), (text) => {
    taken(() => readAnswers(text, world));
  });
}

export const enrolmentAnswers: Fuzz = fuzz(
  'answers of an enrolment server',
  fc.uint8Array({ maxLength: 400 }),
  (bytes) => {
    const found = certificatesIn(Buffer.from(bytes));
    expect(Buffer.concat(found).length).toBeLessThanOrEqual(bytes.length);
  },
  [Uint8Array.from([0x30, 0x80]), Uint8Array.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])],
);
