// Bytes from the button box: whatever comes, only frames whose CRC is right are taken, and what a state
// frame says is within the document.

import fc from 'fast-check';
import { expect } from 'vitest';
import { FrameReader, frameBytesMax, inputsMax, parsePayload } from '#agent/buttons/frame.ts';
import { frameOf } from '#agent/sim/box-frames.ts';
import { fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

const rightPayloads = [
  'S,1,3FA9,6,4321,512,1:P:1;2:O:0',
  'S,1,0000,0,0,-,1:N:0',
  'S,1,FFFF,65535,4294967295,65535,1:T:9999999;16:S:0',
  'O,1,7,R200.-200,2xT50.-50',
];
const pieces = fc.constantFrom(
  '$',
  '*',
  '\r\n',
  '\n',
  ',',
  ':',
  ';',
  'S,1,',
  '-',
  'P',
  '0',
  'FFFF',
);
const stream = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: nearlyRight(rightPayloads.map(frameOf), pieces) },
    { weight: 3, arbitrary: nearlyRight(rightPayloads, pieces).map(frameOf) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 400 }) },
  ),
  { maxLength: 8 },
);

export const frames = fuzz(
  'button box frames',
  fc.tuple(stream, fc.nat({ max: 300 })),
  ([parts, cut]) => {
    const bytes = Buffer.from(parts.join(''), 'latin1');
    const taken: string[] = [];
    const reader = new FrameReader({
      frame: (payload) => taken.push(payload),
      damaged: (_, size) => expect(size).toBeLessThanOrEqual(frameBytesMax),
      noise: (size) => expect(size).toBeGreaterThan(0),
    });
    const at = Math.min(cut, bytes.length);
    reader.feed(bytes.subarray(0, at));
    reader.feed(bytes.subarray(at));
    const text = bytes.toString('latin1').replaceAll('\r\n', '\n');
    for (const payload of taken) {
      // Judged by the box's side, which was written from the document alone.
      expect(text).toContain(frameOf(payload).replaceAll('\r\n', '\n'));
      checkPayload(payload);
    }
  },
);

export const payloads = fuzz(
  'payloads of frames',
  nearlyRight(rightPayloads, pieces),
  checkPayload,
);

function checkPayload(payload: string): void {
  const parsed = parsePayload(payload);
  if (!('state' in parsed)) return;
  const { session, seq, applied, uptimeMs, inputs } = parsed.state;
  expect(session).toMatch(/^[0-9A-F]{4}$/);
  expect(seq).toBeLessThanOrEqual(0xffff);
  expect(applied ?? 0).toBeLessThanOrEqual(0xffff);
  expect(Number.isSafeInteger(uptimeMs)).toBe(true);
  expect(inputs.size).toBeLessThanOrEqual(inputsMax);
  for (const [number, { presses }] of inputs) {
    expect(Number(number)).toBeGreaterThanOrEqual(1);
    expect(Number(number)).toBeLessThanOrEqual(inputsMax);
    expect(Number.isSafeInteger(presses)).toBe(true);
  }
}
