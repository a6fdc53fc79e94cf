// Frames in a stream: cut anywhere, damaged anyhow, never more than one held.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  crc16,
  encodeFrame,
  encodeOutput,
  FrameReader,
  frameBytesMax,
  parsePayload,
} from '#agent/buttons/frame.ts';
import { frameOf } from '#agent/sim/box-frames.ts';

function read(chunks: readonly Uint8Array[]) {
  const frames: string[] = [];
  const damaged: string[] = [];
  let noise = 0;
  let heldMost = 0;
  const reader = new FrameReader({
    frame: (payload) => frames.push(payload),
    damaged: (why) => damaged.push(why),
    noise: (bytes) => {
      noise += bytes;
    },
  });
  for (const chunk of chunks) {
    reader.feed(chunk);
    heldMost = Math.max(heldMost, reader.held);
  }
  return { frames, damaged, noise, heldMost };
}

const readText = (text: string) => read([Buffer.from(text, 'latin1')]);

/** Cuts bytes at arbitrary places. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const ends = at.sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
};

const payloads = fc.string({
  unit: fc.constantFrom(...'SO,1;:NP.-0AFxT RYG25'),
  minLength: 1,
  maxLength: 200,
});

describe('frame reader', () => {
  test('the CRC is CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789')).toString(16)).toBe('29b1');
  });

  test('agrees with an implementation written from the document alone', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(encodeFrame(payload).toString('latin1')).toBe(frameOf(payload));
        expect(readText(frameOf(payload)).frames).toEqual([payload]);
      }),
    );
  });

  test('any cutting of a stream gives the same frames, noise and damage', () => {
    const pieces = fc.oneof(
      payloads.map((payload) => encodeFrame(payload)),
      payloads.map((payload) => encodeFrame(payload).subarray(0, 7)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (all, places) => {
          const stream = Buffer.concat(all);
          const whole = read([stream]);
          const inPieces = read(cut(stream, places));
          expect({ ...inPieces, heldMost: 0 }).toEqual({ ...whole, heldMost: 0 });
        },
      ),
    );
  });

  test('arbitrary bytes never throw and never hold more than a frame; the next frame is read', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 10 }), (chunks) => {
        const { frames, heldMost } = read([...chunks, encodeFrame('S,1')]);
        expect(heldMost).toBeLessThan(frameBytesMax);
        expect(frames.at(-1)).toBe('S,1');
      }),
    );
  });

  test.each([
    ['a bare line feed', '$A*CRC\n', 1, []],
    ['a wrong CRC', '$A*0000\r\n', 0, ['crc']],
    ['a CRC in lower case', '$A*crc\r\n', 0, ['crc']],
    ['no star', '$ABCDEFGH\r\n', 0, ['crc']],
    ['no payload', '$*FFFF\r\n', 1, []],
    ['a half frame, then a whole one', '$S,1,3F$A*CRC\r\n', 1, ['length']],
    ['a line that does not end', `$${'A'.repeat(300)}\r\n$A*CRC\r\n`, 1, ['length']],
  ])('%s', (_, text, good, damage) => {
    const crc = crc16(Buffer.from('A')).toString(16).padStart(4, '0');
    const bytes = text.replaceAll('CRC', crc.toUpperCase()).replaceAll('crc', crc);
    const { frames, damaged } = readText(bytes);
    expect(frames.length).toBe(good);
    expect(damaged).toEqual(damage);
  });

  test('a frame of 256 bytes is read, one of 257 is not', () => {
    const most = 'A'.repeat(frameBytesMax - '$*0000\r\n'.length);
    expect(readText(frameOf(most)).frames).toEqual([most]);
    expect(readText(frameOf(`${most}A`)).damaged).toEqual(['length']);
  });

  test('a bit that flipped anywhere loses the frame and no other', () => {
    const good = frameOf('S,1,3FA9,6,4321,512,1:P:1;2:N:0');
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Buffer.from(good, 'latin1');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { frames } = read([bytes, Buffer.from(`\r\n${good}`, 'latin1')]);
      const wrong = frames.filter((payload) => frameOf(payload) !== good);
      expect(wrong, `bit ${bit}`).toEqual([]);
      expect(frames.length, `bit ${bit}`).toBeGreaterThan(0);
    }
  });
});

describe('payload', () => {
  const wrong = (payload: string) => 'wrong' in parsePayload(payload);

  test('a state frame', () => {
    const parsed = parsePayload('S,1,3FA9,6,4321,512,1:P:1;2:O:0');
    expect(parsed).toEqual({
      state: {
        session: '3FA9',
        seq: 6,
        uptimeMs: 4321,
        applied: 512,
        inputs: new Map([
          ['1', { contact: 'pressed', presses: 1 }],
          ['2', { contact: 'open', presses: 0 }],
        ]),
      },
    });
  });

  test('no output applied yet', () => {
    expect(parsePayload('S,1,3FA9,6,4321,-,1:N:0')).toMatchObject({ state: { applied: null } });
  });

  test.each([
    'S,2,3FA9,6,4321,-,1:N:0',
    'S,1,3fa9,6,4321,-,1:N:0',
    'S,1,3FA9,65536,4321,-,1:N:0',
    'S,1,3FA9,6,4321,70000,1:N:0',
    'S,1,3FA9,6,4321,-,',
    'S,1,3FA9,6,4321,-,1:X:0',
    'S,1,3FA9,6,4321,-,0:N:0',
    'S,1,3FA9,6,4321,-,17:N:0',
    'S,1,3FA9,6,4321,-,1:N:0;1:P:1',
    'S,1,3FA9,6,4321,-,1:N:12345678',
    'S,1',
  ])('against the document: %s', (payload) => expect(wrong(payload)).toBe(true));

  test('types of other versions are passed over', () => {
    expect(parsePayload('Q,1,whatever')).toEqual({ other: 'Q' });
  });

  test('arbitrary payloads never throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 250 }), (text) => void parsePayload(`S,1,${text}`)),
    );
  });

  test('the fullest frames of both directions keep to 256 bytes', () => {
    const inputs = Array.from({ length: 16 }, (_, i) => `${i + 1}:P:9999999`).join(';');
    expect(encodeFrame(`S,1,FFFF,65535,4294967295,65535,${inputs}`).length).toBeLessThanOrEqual(
      256,
    );
    const lamp = Array.from({ length: 24 }, () => 'R10000').join('.');
    const buzzer = `255x${Array.from({ length: 8 }, () => 'T29').join('.')}`;
    expect(encodeOutput({ seq: 65535, lamp, buzzer }).length).toBeLessThanOrEqual(256);
  });
});
