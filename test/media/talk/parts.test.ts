// The parts of a call that can be judged alone: rates, clocks, prompts, descriptions; and the judge.

import { describe, expect, it } from 'vitest';
import { Framer } from '#agent/media/framer.ts';
import { Resampler } from '#agent/media/resampler.ts';
import { Prompter } from '#agent/media/talk/prompter.ts';
import { BadOffer, narrowOffer } from '#agent/media/talk/sdp.ts';
import { SoundQueue } from '#agent/media/talk/sound-queue.ts';
import { seeded } from '#agent/sim/chance.ts';
import { longestGap } from '#test/support/media/judge.ts';
import { frameSamples } from '#test/support/media/recording.ts';
import { toneFrame, tonePower } from '#test/support/media/signal.ts';

const tone = (hz: number, rate: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / rate));

describe('rates', () => {
  it.each([8_000, 16_000, 32_000, 44_100])('%i Hz becomes 48 kHz, whatever its pieces', (rate) => {
    const frames: Int16Array[] = [];
    const framer = new Framer((frame) => void frames.push(frame));
    const sound = tone(1_000, rate, rate);
    const next = seeded(rate);
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
    const told: string[] = [];
    const prompter = new Prompter({
      ...{ read, trouble: (detail) => void troubles.push(detail) },
      said: (id) => void told.push(id),
    });
    prompter.folder = '/prompts';
    return { prompter, troubles, told };
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
    const { prompter, told } = prompterOf();
    prompter.say({ id: 'i/sent', prompt: 'sent' });
    expect(told).toEqual([]);
    expect(spoken(prompter).filter((peak) => peak > 0)).toHaveLength(4);
    expect(told).toEqual(['i/sent']);
    prompter.say({ id: 'i/sent', prompt: 'sent' });
    expect(prompter.isSpeaking).toBe(false);
    prompter.say({ id: 'i/taken', prompt: 'taken' });
    expect(prompter.isSpeaking).toBe(true);
    prompter.say(null);
    expect(prompter.isSpeaking).toBe(false);
    expect(told).toEqual(['i/sent']);
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
