// Sound files: what ships can be read, what is read sounds as it did, and no file whatever does worse than
// be refused with a reason.

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import { Refusal } from '#agent/refusal.ts';
import { readWav } from '#agent/wav.ts';
import { promptPath } from './room.ts';
import { dbOf, joined, powerOf, shareOf } from './signal.ts';

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-wav-'));
  file = join(dir, 'one.wav');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Form {
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: number;
  readonly coding?: number;
}

/** A WAV file as it should be. */
function wav(samples: Int16Array, form: Form = {}): Buffer {
  const { rate = 16_000, channels = 1, bits = 16, coding = 1 } = form;
  const header = Buffer.alloc(44);
  header.write('RIFF....WAVEfmt ', 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(coding, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

const sine = (hz: number, rate: number): Int16Array =>
  Int16Array.from({ length: rate }, (_, n) => 16_384 * Math.sin((2 * Math.PI * hz * n) / rate));

const languages = ['zh', 'en'] as const;
const names = ['sent', 'undelivered', 'taken', 'announce', 'drill', 'talk-test'];
const shipped = languages.flatMap((language) => names.map((name) => `${language}/${name}`));

test.each(shipped)('%s can be read and heard', (name) => {
  const frames = readPrompt(promptPath(name));
  expect(frames.every((frame) => frame.length === 480)).toBe(true);
  expect(frames.length).toBeGreaterThan(50);
  expect(frames.length).toBeLessThan(400);
  expect(dbOf(powerOf(joined(frames)))).toBeGreaterThan(-30);
});

test('all of them are smaller than a megabyte', () => {
  const bytes = shipped.reduce((sum, name) => sum + statSync(promptPath(name)).size, 0);
  expect(bytes).toBeLessThan(1_000_000);
});

describe('brought to another rate a tone is the same tone', () => {
  test.each([8_000, 16_000, 22_050, 44_100, 48_000, 96_000])('%i Hz', (rate) => {
    writeFileSync(file, wav(sine(1_000, rate), { rate }));
    const samples = readWav(file, 48_000);
    expect(samples.length).toBe(48_000);
    const middle = samples.subarray(4_800, -4_800);
    expect(shareOf(1_000, middle)).toBeGreaterThan(0.999);
    expect(dbOf(powerOf(middle))).toBeCloseTo(-9.03, 1);
  });
});

test('what cannot be at the lower rate is not folded into it', () => {
  writeFileSync(file, wav(sine(30_000, 96_000), { rate: 96_000 }));
  expect(dbOf(powerOf(readWav(file, 48_000).subarray(4_800, -4_800)))).toBeLessThan(-50);
});

test('of two channels it is the mean', () => {
  writeFileSync(file, wav(Int16Array.of(100, 300, -50, -150), { channels: 2, rate: 48_000 }));
  expect([...readWav(file, 48_000)]).toEqual([200, -100]);
});

const good = () => wav(sine(440, 16_000));
const changed = (at: number, word: string): Buffer => {
  const bytes = good();
  bytes.write(word, at, 'latin1');
  return bytes;
};

test.each([
  ['nothing', () => Buffer.alloc(0), 'is no WAV file'],
  ['something else', () => Buffer.from('OggS and a long tail of it'), 'is no WAV file'],
  ['no sound in it', () => changed(36, 'LIST'), 'holds no sound'],
  ['no format', () => changed(12, 'junk'), 'has its sound before its format'],
  ['half a file', () => good().subarray(0, 9_000), 'is cut off'],
  ['8 bits', () => wav(sine(440, 8_000), { bits: 8 }), 'must be PCM of 16 bits'],
  ['MP3 inside', () => wav(sine(440, 8_000), { coding: 0x55 }), 'must be PCM of 16 bits'],
  ['six channels', () => wav(sine(440, 8_000), { channels: 6 }), 'has 6 channels'],
  ['no rate', () => wav(sine(440, 8_000), { rate: 0 }), 'has 0 samples a second'],
])('%s is refused, with the file and the reason', (_, bytes, why) => {
  writeFileSync(file, bytes());
  expect(() => readWav(file, 48_000)).toThrow(Refusal);
  expect(() => readWav(file, 48_000)).toThrow(`sound file: ${file}: ${why}`);
});

test('a file beyond all measure is refused unread', () => {
  writeFileSync(file, good());
  truncateSync(file, 2 ** 33);
  expect(() => readWav(file, 48_000)).toThrow('are allowed');
});

test('whatever the bytes are, they are read or refused', () => {
  const bytes = readFileSync(promptPath('en/drill')).subarray(0, 4_000);
  const places = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 20 });
  fc.assert(
    fc.property(places, fc.nat(bytes.length), (marks, length) => {
      const odd = Buffer.from(bytes);
      for (const [at, value] of marks) odd[at % 60] = value;
      writeFileSync(file, odd.subarray(0, length));
      try {
        readWav(file, 48_000);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 300 },
  );
});
