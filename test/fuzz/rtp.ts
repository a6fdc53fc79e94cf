// What comes from the dome's picture and from a viewer: RTP, H.264 in it, RTCP, SDP. Whatever it is,
// what is taken is within the limits.

import fc from 'fast-check';
import { expect } from 'vitest';
import { Assembler, assemblerLimits } from '#agent/media/live/assembler.ts';
import { payloadsOf } from '#agent/media/live/h264.ts';
import { readOffer } from '#agent/media/live/offer.ts';
import { parseRtcp } from '#agent/media/live/rtcp.ts';
import { parseRtp, payloadBytesMax } from '#agent/media/live/rtp.ts';
import { fragmentsOf, idr, pps, pSlice, rtpOf, sps, stapOf } from '#test/live/rtp.ts';
import { fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

const bytes = fc.uint8Array({ maxLength: 80 }).map((one) => Buffer.from(one));
const payload = fc.oneof(
  fc.constantFrom(sps(), pps(), idr(), pSlice(), stapOf(sps(), pps(), idr())),
  fc.constantFrom(...fragmentsOf(idr(400, 1), 90)),
  fc.tuple(fc.constantFrom(24, 25, 28, 29, 30, 7, 8, 5, 1), bytes).map(([type, rest]) => {
    return Buffer.concat([Buffer.from([0x60 | type]), rest]);
  }),
  bytes,
);
const packet = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        ahead: fc.constantFrom(1, 1, 1, 1, 0, 2),
        later: fc.boolean(),
        marker: fc.boolean(),
        payload,
      })
      .map((one) => ({ ...one, raw: null })),
  },
  {
    weight: 1,
    arbitrary: bytes.map((raw) => ({ ahead: 0, later: false, marker: false, payload: raw, raw })),
  },
);

export const pictures = fuzz('pictures in RTP', fc.array(packet, { maxLength: 60 }), (packets) => {
  let [sequence, timestamp] = [0, 0];
  const assembler = new Assembler(({ units, key, damaged }) => {
    expect(units.length).toBeLessThanOrEqual(
      assemblerLimits.unitsMax + assemblerLimits.parameterSetsMax,
    );
    const size = units.reduce((sum, unit) => sum + unit.length, 0);
    expect(size).toBeLessThanOrEqual(assemblerLimits.pictureBytesMax + 16 * 100);
    if (key && !damaged) expect(units.some((unit) => ((unit[0] ?? 0) & 31) === 5)).toBe(true);
    for (const cut of units.flatMap(payloadsOf)) {
      expect(cut.length).toBeLessThanOrEqual(payloadBytesMax);
      expect(cut.length).toBeGreaterThan(0);
    }
  });
  for (const { ahead, later, marker, payload, raw } of packets) {
    sequence = (sequence + ahead) & 0xffff;
    if (later) timestamp += 3600;
    const read = parseRtp(raw ?? rtpOf({ sequence, timestamp, marker }, payload));
    if (!read) continue;
    expect(read.payload.length).toBeGreaterThan(0);
    assembler.take(read);
  }
});

export const reports = fuzz('reports of viewers', fc.uint8Array({ maxLength: 300 }), (raw) => {
  const { loss, bitsPerS } = parseRtcp(Buffer.from(raw), 7);
  if (loss !== null) expect(loss >= 0 && loss <= 1).toBe(true);
  if (bitsPerS !== null) expect(Number.isFinite(bitsPerS)).toBe(true);
});

const offer = [
  'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\na=rtpmap:8 PCMA/8000\r\n' +
    'm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n' +
    'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n',
];
const lines = fc.constantFrom(
  'm=',
  'm=video ',
  'a=mid:',
  '\r\n',
  'a=rtpmap:',
  ' 102',
  'a=fmtp:',
  ';',
);

export const offers = fuzz('offers', nearlyRight(offer, lines), (sdp) => {
  const read = readOffer(sdp);
  if (typeof read === 'string') return expect(read.length).toBeGreaterThan(10);
  const { payloadType, format } = read.video;
  expect(sdp).toContain(`a=rtpmap:${payloadType} `);
  expect(format).toContain('packetization-mode=1');
});
