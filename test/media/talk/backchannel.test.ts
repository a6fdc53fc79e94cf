// The parts of the backchannel that can be judged alone: codecs, packets, and what an RTSP server may send.

import { describe, expect, it } from 'vitest';
import { decodeG711, encodeG711, g711Names } from '#agent/media/backchannel/g711.ts';
import { Packer } from '#agent/media/backchannel/rtp.ts';
import { soundTracks } from '#agent/media/backchannel/tracks.ts';
import { parseRtp } from '#agent/rtsp/packet.ts';
import { RtspError, RtspReader, readerLimits } from '#agent/rtsp/reader.ts';
import { seeded } from '#agent/sim/chance.ts';

describe('G.711', () => {
  it.each(g711Names)(
    '%s: every sample comes back as near as its steps allow, every byte as itself',
    (codec) => {
      const samples = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
      const back = decodeG711(codec, encodeG711(codec, samples));
      for (let i = 0; i < samples.length; i += 7) {
        const sample = samples[i] ?? 0;
        expect(Math.abs((back[i] ?? 0) - sample)).toBeLessThanOrEqual(
          Math.max(16, Math.abs(sample) / 28),
        );
      }
      const decoded = decodeG711(
        codec,
        Uint8Array.from({ length: 256 }, (_, i) => i),
      );
      expect(decodeG711(codec, encodeG711(codec, decoded))).toEqual(decoded);
    },
  );

  it('is what others make of it', () => {
    // ITU-T G.191, and ffmpeg's pcm_mulaw and pcm_alaw.
    const samples = Int16Array.from([0, 1_000, -1_000, 32_767, -32_768]);
    expect([...encodeG711('PCMU', samples)]).toEqual([0xff, 0xce, 0x4e, 0x80, 0x00]);
    expect([...encodeG711('PCMA', samples)]).toEqual([0xd5, 0xfa, 0x7a, 0xaa, 0x2a]);
  });
});

describe('RTSP', () => {
  const heard = () => {
    const all: string[] = [];
    const reader = new RtspReader({
      reply: ({ status, body }) => void all.push(`${status} ${body}`),
      packet: (channel, packet) => void all.push(`${channel}: ${packet.toString()}`),
    });
    return { all, reader };
  };
  const stream = Buffer.from(
    'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello$\0\0\x03abc' +
      'OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n$\x01\0\x02deRTSP/1.0 401 No\r\nCSeq: 2\r\n\r\n',
    'latin1',
  );

  it('is read whatever its pieces', () => {
    for (const size of [1, 2, 3, 7, 50, 500]) {
      const { all, reader } = heard();
      for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
      expect(all).toEqual(['200 hello', '0: abc', '1: de', '401 ']);
    }
  });

  it.each([
    ['noise', 'a\r\n\r\n'],
    ['HTTP', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a head without an end', `RTSP/1.0 200 OK\r\n${'x'.repeat(readerLimits.headBytesMax)}`],
    [
      'a body too large',
      `RTSP/1.0 200 OK\r\nContent-Length: ${readerLimits.bodyBytesMax + 1}\r\n\r\n`,
    ],
    ['a body of minus one', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a body of no number', 'RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n'],
  ])('%s ends it', (_, text) => {
    expect(() => heard().reader.push(Buffer.from(text))).toThrow(RtspError);
  });

  it('tracks: the backchannel is the one that we send', () => {
    const sdp = [
      ...['v=0', 'm=video 0 RTP/AVP 96', 'a=control:trackID=0', 'a=sendonly'],
      ...['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000', 'a=control:trackID=1'],
      ...['m=audio 0 RTP/AVP 8 0', 'a=control:rtsp://other/back', 'a=sendonly', ''],
    ].join('\r\n');
    expect(soundTracks(sdp, 'rtsp://dome/live/')).toEqual([
      {
        ...{ isBackchannel: false, url: 'rtsp://dome/live/trackID=1', codec: null },
        names: ['MPEG4-GENERIC/16000'],
      },
      {
        ...{ isBackchannel: true, url: 'rtsp://other/back', codec: { name: 'PCMA', type: 8 } },
        names: ['PCMA/8000', 'PCMU/8000'],
      },
    ]);
  });

  it('packets: what is packed comes out, and nothing of what is not whole', () => {
    const packer = new Packer(8);
    const [first, second] = [packer.pack(Buffer.from('ab')), packer.pack(Buffer.from('cd'))];
    expect(parseRtp(first)?.payload.toString()).toBe('ab');
    expect(parseRtp(first)?.payloadType).toBe(8);
    expect(second.readUInt16BE(2)).toBe((first.readUInt16BE(2) + 1) & 0xffff);
    expect(second.readUInt32BE(4)).toBe((first.readUInt32BE(4) + 2) >>> 0);
    expect([(first[1] ?? 0) >> 7, (second[1] ?? 0) >> 7]).toEqual([1, 0]);
    const next = seeded(1);
    for (let n = 0; n < 1_000; n++) {
      const junk = Buffer.from(Array.from({ length: Math.floor(30 * next()) }, () => 256 * next()));
      expect(() => parseRtp(junk)).not.toThrow();
    }
  });
});
