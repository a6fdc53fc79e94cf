// The parts of a call that can be judged alone: rates, clocks, descriptions, codecs, what an RTSP server
// may send.

import { describe, expect, it } from 'vitest';
import { decodeG711, encodeG711, g711Names } from '#agent/media/backchannel/g711.ts';
import { RtspError, RtspReader, readerLimits } from '#agent/media/backchannel/reader.ts';
import { Packer, payloadOf } from '#agent/media/backchannel/rtp.ts';
import { soundTracks } from '#agent/media/backchannel/tracks.ts';
import { Framer } from '#agent/media/framer.ts';
import { Resampler } from '#agent/media/resampler.ts';
import { Prompter } from '#agent/media/talk/prompter.ts';
import { BadOffer, narrowOffer } from '#agent/media/talk/sdp.ts';
import { SoundQueue } from '#agent/media/talk/sound-queue.ts';
import { longestGap } from '#test/support/media/judge.ts';
import { frameSamples } from '#test/support/media/recording.ts';
import { randoms, toneFrame, tonePower } from '#test/support/media/signal.ts';

const tone = (hz: number, rate: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / rate));

describe('rates', () => {
  it.each([8_000, 16_000, 32_000, 44_100])('%i Hz becomes 48 kHz, whatever its pieces', (rate) => {
    const frames: Int16Array[] = [];
    const framer = new Framer((frame) => void frames.push(frame));
    const sound = tone(1_000, rate, rate);
    const next = randoms(rate);
    for (let at = 0; at < sound.length; ) {
      const size = 1 + Math.floor(400 * next());
      framer.push(sound.subarray(at, at + size), rate);
      at += size;
    }
    expect(frames.length).toBeGreaterThanOrEqual(99);
    expect(frames.length).toBeLessThanOrEqual(100);
    const all = Int16Array.from(frames.slice(5, 95).flatMap((frame) => [...frame]));
    expect(tonePower(all, 1_000)).toMatchObject({
      share: expect.closeTo(1, 2),
      db: expect.closeTo(-15.3, 0),
    });
    for (const { buffer } of frames) expect(buffer.byteLength).toBe(2 * frameSamples);
  });

  it('a rate that changes in mid-stream leaves frames of the new one', () => {
    const frames: Int16Array[] = [];
    const framer = new Framer((frame) => void frames.push(frame));
    for (let n = 0; n < 20; n++) framer.push(tone(1_000, 16_000, 160), 16_000);
    for (let n = 0; n < 20; n++) framer.push(toneFrame(1_000, n), 48_000);
    expect(frames.length).toBeGreaterThanOrEqual(38);
    const late = Int16Array.from(frames.slice(-10).flatMap((frame) => [...frame]));
    expect(tonePower(late, 1_000).share).toBeGreaterThan(0.99);
  });

  it('down to 8 kHz, what does not fit goes, and does not fold', () => {
    const out = new Resampler(48_000, 8_000).push(tone(6_000, 48_000, 48_000));
    expect(Math.max(...out.subarray(100, -100))).toBeLessThan(400);
    expect(out.length).toBeGreaterThan(7_950);
  });
});

describe('two clocks', () => {
  /** Frames in at one rate, out at another, for ten minutes; how many waited at most, once settled. */
  function drifted(ppm: number, levelOf: (n: number) => number) {
    const queue = new SoundQueue();
    const waiting: number[] = [];
    let [given, gaps] = [0, 0];
    for (let out = 0; out < 60_000; out++) {
      for (; given * (1 + ppm / 1e6) <= out; given++)
        queue.push(new Int16Array(frameSamples).fill(levelOf(given)));
      if (queue.pull() === null) gaps++;
      if (out > 1_000) waiting.push(queue.length);
    }
    return { gaps, most: Math.max(...waiting) };
  }

  it.each([-500, -200, 200, 500])('%i ppm apart leave no gap and no growing delay', (ppm) => {
    const speech = drifted(ppm, (n) => (n % 200 < 150 ? 8_000 : 10));
    expect(speech.gaps).toBe(0);
    expect(speech.most).toBeLessThanOrEqual(3);
    const unbroken = drifted(ppm, () => 8_000);
    expect(unbroken.gaps).toBe(0);
    expect(unbroken.most).toBeLessThanOrEqual(4);
  });

  it('a wave of late frames is worked off, and silence after 30 ms without any', () => {
    const queue = new SoundQueue();
    for (let n = 0; n < 40; n++) queue.push(toneFrame(500, n));
    expect(queue.length).toBe(12);
    for (let n = 0; n < 400; n++) {
      queue.push(toneFrame(500, n));
      queue.pull();
    }
    expect(queue.length).toBeLessThanOrEqual(4);
    queue.clear();
    queue.push(toneFrame(500, 0));
    const out = Array.from({ length: 6 }, () => queue.pull());
    expect(out.map((frame) => frame !== null)).toEqual([true, true, true, true, false, false]);
  });
});

describe('what is said in the room', () => {
  const words = [toneFrame(300, 0), toneFrame(300, 1)];
  const quiet = () => new Int16Array(frameSamples);
  const prompterOf = (read: () => Int16Array[] = () => words) => {
    const troubles: (string | null)[] = [];
    const prompter = new Prompter({ read, trouble: (detail) => void troubles.push(detail) });
    prompter.folder = '/prompts';
    return { prompter, troubles };
  };
  /** Frames with something in them until it falls silent for good. */
  function spoken(prompter: Prompter, whileSpoken = false): number[] {
    const peaks: number[] = [];
    while (prompter.isSpeaking && peaks.length < 1_000) {
      const frame = quiet();
      prompter.addTo(frame, whileSpoken);
      peaks.push(Math.max(...frame));
    }
    return peaks;
  }

  it('is said twice for each id, and not again', () => {
    const { prompter } = prompterOf();
    prompter.say({ id: 'i/sent', prompt: 'sent' });
    expect(spoken(prompter).filter((peak) => peak > 0)).toHaveLength(4);
    prompter.say({ id: 'i/sent', prompt: 'sent' });
    expect(prompter.isSpeaking).toBe(false);
    prompter.say({ id: 'i/taken', prompt: 'taken' });
    expect(prompter.isSpeaking).toBe(true);
    prompter.say(null);
    expect(prompter.isSpeaking).toBe(false);
  });

  it('goes low under a voice', () => {
    const { prompter } = prompterOf();
    prompter.say({ id: 'i/sent', prompt: 'sent' });
    expect(Math.max(...spoken(prompter, true))).toBeLessThan(1_000);
  });

  it('waits for an announcement, and the announcement has its tone though the words are missing', () => {
    const { prompter, troubles } = prompterOf(() => {
      throw new Error('no such file');
    });
    let done = 0;
    prompter.announce(() => void done++);
    expect(spoken(prompter).filter((peak) => peak > 1_000).length).toBeGreaterThan(40);
    expect(done).toBe(1);
    expect(troubles).toEqual(['the prompt announce cannot be read (no such file)']);
  });
});

describe('the judge of these tests', () => {
  it('sees a gap in a tone, and leaves out what a stall of the machine has spoilt', () => {
    const samples = Int16Array.from({ length: 400 }, (_, n) => n).reduce(
      (all, n) => {
        if (n < 200 || n >= 208) all.set(toneFrame(500, n), n * frameSamples);
        return all;
      },
      new Int16Array(400 * frameSamples),
    );
    const onTime = Array.from({ length: 400 }, (_, n) => 10 * n);
    expect(longestGap({ times: onTime, samples }, 500, [])).toEqual({
      longestMs: 80,
      judgedMs: 4_000,
    });
    const late = onTime.filter((time) => time < 1_900 || time > 1_950);
    const judged = longestGap({ times: onTime, samples }, 500, [late]);
    expect(judged.longestMs).toBe(0);
    expect(judged.judgedMs).toBeLessThan(3_500);
  });
});

describe('descriptions', () => {
  const offer = [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'],
    ...['m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendrecv'],
    ...['a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=fmtp:111 minptime=10;cbr=1'],
    ...['a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111', 'a=rtpmap:0 PCMU/8000'],
    ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:1', 'a=sctp-port:5000', ''],
  ].join('\r\n');

  it('are narrowed to Opus with forward error correction, and to nothing else', () => {
    const lines = narrowOffer(offer).split('\r\n');
    expect(lines).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 111');
    expect(lines.filter((line) => /rtpmap|fmtp|rtcp-fb/.test(line))).toEqual([
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;cbr=1;useinbandfec=1;usedtx=0;stereo=0;maxaveragebitrate=32000',
    ]);
    expect(lines.indexOf('a=sctp-port:5000')).toBeGreaterThan(lines.indexOf('a=mid:1'));
    expect(narrowOffer(offer.replaceAll('\r\n', '\n'))).toBe(narrowOffer(offer));
  });

  it.each([
    ['no sound', offer.replace('m=audio', 'm=video')],
    ['two lines of it', offer.replace('m=application', 'm=audio')],
    ['no Opus', offer.replace('opus', 'speex')],
    ['nothing', ''],
  ])('with %s are refused', (_, sdp) => {
    expect(() => narrowOffer(sdp)).toThrow(BadOffer);
  });
});

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
    expect(payloadOf(first, 8)?.toString()).toBe('ab');
    expect(second.readUInt16BE(2)).toBe((first.readUInt16BE(2) + 1) & 0xffff);
    expect(second.readUInt32BE(4)).toBe((first.readUInt32BE(4) + 2) >>> 0);
    expect([(first[1] ?? 0) >> 7, (second[1] ?? 0) >> 7]).toEqual([1, 0]);
    expect(payloadOf(first, 0)).toBe(null);
    const next = randoms(1);
    for (let n = 0; n < 5_000; n++) {
      const junk = Buffer.from(Array.from({ length: Math.floor(30 * next()) }, () => 256 * next()));
      expect(() => payloadOf(junk, 8)).not.toThrow();
    }
  });
});
