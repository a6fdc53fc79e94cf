// The small parts that decide: what of an offer is served, what a receiver says, what ffmpeg means,
// whose clock counts, and when a viewer gets the smaller stream.

import { describe, expect, test } from 'vitest';
import {
  bidirectional,
  ffmpegArguments,
  ffmpegInput,
  troubleIn,
} from '#agent/media/live/ffmpeg.ts';
import { iceServersOf } from '#agent/media/live/ice.ts';
import { readOffer } from '#agent/media/live/offer.ts';
import { type Feedback, parseRtcp } from '#agent/media/live/rtcp.ts';
import { StreamChoice } from '#agent/media/live/stream-choice.ts';
import { Timeline } from '#agent/media/live/timeline.ts';

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const video = (types: string, ...lines: string[]) =>
  [`m=video 9 UDP/TLS/RTP/SAVPF ${types}`, 'a=mid:1', ...lines, ''].join('\r\n');
const h264 = (type: number, profile: string, mode = 1) => [
  `a=rtpmap:${type} H264/90000`,
  `a=fmtp:${type} level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
];

describe('offers', () => {
  test('Constrained Baseline in mode 1 is taken before others, by its number and words', () => {
    const lines = [...h264(98, '640c1f'), ...h264(99, '42e01f', 0), ...h264(102, '42e01f')];
    const sdp = session + video('96 98 99 102', 'a=rtpmap:96 VP8/90000', ...lines);
    expect(readOffer(sdp)).toEqual({
      video: {
        ...{ mid: '1', payloadType: 102 },
        format: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      },
      sound: null,
    });
  });

  test('sound where it can be had', () => {
    const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\na=mid:0\r\na=recvonly\r\n';
    const rtpmaps = 'a=rtpmap:111 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n';
    const picture = video('102', ...h264(102, '42e01f'));
    expect(readOffer(session + audio + rtpmaps + picture)).toMatchObject({
      sound: { mid: '0', payloadTypes: { PCMU: 0, PCMA: 8, OPUS: 111 } },
    });
    const sending = audio.replace('recvonly', 'sendonly');
    expect(readOffer(session + sending + rtpmaps + picture)).toMatchObject({ sound: null });
  });

  test.each([
    ['no picture', 'm=audio 9 X 0\r\na=mid:0\r\n', 'no picture'],
    ['VP8 alone', video('96', 'a=rtpmap:96 VP8/90000'), 'no H.264'],
    ['mode 0 alone', video('99', ...h264(99, '42e01f', 0)), 'no H.264'],
    ['only sends', video('102', 'a=sendonly', ...h264(102, '42e01f')), 'no picture'],
    ['nonsense', 'hello', 'no picture'],
  ])('%s is refused with a reason', (_, sdp, why) => {
    expect(readOffer(session + sdp)).toContain(why);
  });
});

test('TURN over UDP goes as an object, what the library does not know is left out', () => {
  const login = { username: 'u:1', credential: 'p@/%' };
  const all = ['stun:s.example:3479', 'turn:[2001:db8::1]', 'turn:t:1?transport=udp'];
  const never = ['turn:t:1?transport=tcp', 'turns:t:5349', 'http://x', 'turn:a:b:c'];
  const turn = { username: 'u:1', password: 'p@/%', relayType: 'TurnUdp' };
  expect(iceServersOf([...all, ...never].map((urls) => ({ urls, ...login })))).toEqual([
    'stun:s.example:3479',
    { hostname: '2001:db8::1', port: 3478, ...turn },
    { hostname: 't', port: 1, ...turn },
  ]);
});

describe('receivers', () => {
  const block = (ssrc: number, lost: number) => {
    const bytes = Buffer.alloc(24);
    bytes.writeUInt32BE(ssrc);
    bytes[4] = lost;
    return bytes;
  };
  const packet = (format: number, type: number, body: Buffer) => {
    const bytes = Buffer.concat([Buffer.from([0x80 | format, type, 0, 0]), body]);
    bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
    return bytes;
  };
  const four = Buffer.alloc(4);
  const report = packet(2, 201, Buffer.concat([four, block(9, 255), block(7, 64)]));
  const remb = packet(
    15,
    206,
    Buffer.from([...Array(8).fill(0), ...Buffer.from('REMB'), 1, 0x0b, 0xd0, 0x90]),
  );

  test('report, loss of our own stream, REMB and PLI in one packet', () => {
    const pli = packet(1, 206, Buffer.alloc(8));
    // 2 bits of exponent, 0x3d090: 250,000 x 4.
    expect(parseRtcp(Buffer.concat([report, remb, pli]), 7)).toEqual({
      ...{ report: true, loss: 0.25, bitsPerS: 0x3d090 * 4, keyWanted: true },
    });
    expect(parseRtcp(packet(4, 206, Buffer.alloc(16)), 7).keyWanted).toBe(true);
  });

  test('a packet that is cut or of something else says nothing', () => {
    const nothing = { report: false, loss: null, bitsPerS: null, keyWanted: false };
    expect(parseRtcp(packet(1, 205, Buffer.alloc(12)), 7)).toEqual(nothing);
    expect(parseRtcp(report.subarray(0, 20), 7)).toEqual(nothing);
    expect(parseRtcp(Buffer.alloc(100), 7)).toEqual(nothing);
    expect(parseRtcp(packet(2, 201, four), 7)).toEqual({ ...nothing, report: true });
  });
});

describe('ffmpeg', () => {
  const source = { url: 'rtsp://dome:554/a?b=1&c=2', username: 'ad:min', password: "p'@/%d\n" };

  test('address and password go to its standard input, and on no command line', () => {
    expect(ffmpegInput(source)).toBe(
      "ffconcat version 1.0\nfile 'rtsp://ad%3Amin:p'\\''%40%2F%25d%0A@dome:554/a?b=1&c=2'\n" +
        'option rtsp_transport tcp\noption analyzeduration 20000000\noption fpsprobesize 0\n' +
        'option max_ts_probe 0\n',
    );
    expect(ffmpegArguments({ video: 1, sound: 2, opus: 3 }).join(' ')).not.toMatch(/dome|min|%/);
  });

  test.each(['http://dome/x', 'file:///etc/passwd', 'rtsp://', 'rtsp', '', "rtsp:'x"])(
    '%s is no address of a picture',
    (url) => expect(ffmpegInput({ ...source, url })).toBeNull(),
  );

  test.each([
    ['method DESCRIBE failed: 401 Unauthorized', 'unauthorized', 'user name and password'],
    ['method DESCRIBE failed: 404 Not Found', 'unknown', 'not known'],
    ['Connection to tcp://10.0.0.2:554 failed: Connection refused', 'unreachable', 'refuses RTSP'],
    ['tcp: No route to host', 'unreachable', 'no answer'],
    ['  Stream #0:0: Video: hevc (Main), yuv420p(tv), 1920x1080', 'codec', 'is H.265'],
    ['  Stream #0:0(und): Video: mjpeg (Baseline)', 'codec', 'set it to H.264'],
    ["Unrecognized option 'copytb'", 'program', 'ffmpeg 5.1'],
  ])('%s', (line, kind, part) => {
    expect(troubleIn(line)).toMatchObject({ kind, detail: expect.stringContaining(part) });
  });

  test('what is well is no trouble', () => {
    expect(troubleIn('  Stream #0:0: Video: h264 (Constrained Baseline), yuv420p')).toBeNull();
    expect(troubleIn("[concat] Impossible to open 'rtsp://admin:secret@dome/'")).toBeNull();
    expect(bidirectional).toContain('B-frames');
  });
});

describe('time', () => {
  const begin = 5_000;
  /** Pictures of 25 a second: what their timestamps become, from step to step in ms. */
  function stepsOf(timestamps: readonly number[], arriveMs = (n: number) => n * 40): number[] {
    const timeline = new Timeline(90);
    const ticks = timestamps.map((timestamp, n) => timeline.at(timestamp, begin + arriveMs(n)));
    return ticks.slice(1).map((one, n) => (one - (ticks[n] ?? 0)) / 90);
  }
  const even = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => from + n * 3_600);

  test('is the dome’s, whatever delays its packets; 32 bits are not the end', () => {
    const steps = stepsOf(even(200, 2 ** 32 - 360_000), (n) => n * 40 + (n % 5) * 20);
    for (const step of steps.slice(20)) expect(Math.abs(step - 40)).toBeLessThan(10);
  });

  test.each([3_600_000, -3_600_000, 2 ** 31])(
    'goes on when the dome’s clock jumps by %i ticks',
    (by) => {
      const steps = stepsOf([...even(50), ...even(50, 50 * 3_600 + by)]);
      for (const step of steps) expect(Math.abs(step - 40)).toBeLessThan(1);
    },
  );

  test('goes on when ffmpeg holds a clock that went back (one tick each)', () => {
    const steps = stepsOf([...even(50), ...Array.from({ length: 200 }, (_, n) => 176_400 + n + 1)]);
    expect(Math.max(...steps)).toBeLessThan(60);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    const last = steps.slice(-50).reduce((sum, step) => sum + step, 0) / 50;
    expect(last).toBeGreaterThan(38);
  });

  test('a crystal that is 1 % off gets nowhere', () => {
    const timeline = new Timeline(90);
    let ticks = 0;
    for (let n = 0; n < 25 * 3600; n++) ticks = timeline.at((n * 3_636) % 2 ** 32, begin + n * 40);
    expect(Math.abs(ticks / 90 - (begin + 25 * 3600 * 40))).toBeLessThan(100);
  });
});

describe('main or sub', () => {
  const well: Feedback = { report: true, loss: 0, bitsPerS: 3_000_000, keyWanted: false };
  const lossy: Feedback = { ...well, loss: 0.2 };
  const narrow: Feedback = { ...well, bitsPerS: 900_000 };
  /** Says `feedback` every second; returns when the stream changed. */
  function hearFor(choice: StreamChoice, feedback: Feedback, fromS: number, toS: number): number[] {
    const changes: number[] = [];
    for (let s = fromS; s < toS; s++) {
      const before = choice.stream;
      choice.hear(feedback, choice.stream === 'main' ? 2_000_000 : 400_000, s * 1_000);
      if (choice.stream !== before) changes.push(s);
    }
    return changes;
  }

  test.each([lossy, narrow])('down within seconds of %o, not at the first word of it', (bad) => {
    const choice = new StreamChoice(0);
    expect(hearFor(choice, well, 0, 60)).toEqual([]);
    const [when = 0, ...more] = hearFor(choice, bad, 60, 75);
    expect(when).toBeGreaterThan(61);
    expect(when).toBeLessThan(65);
    expect(more).toEqual([]);
    expect(choice.stream).toBe('sub');
  });

  test('up again after 15 s, then later and later where it does not hold', () => {
    const choice = new StreamChoice(0);
    hearFor(choice, lossy, 0, 10);
    const pauses: number[] = [];
    for (let s = 10; s < 1_500 && pauses.length < 6; s++) {
      const before = choice.stream;
      choice.hear(before === 'main' ? lossy : well, 1_000_000, s * 1_000);
      if (before === 'sub' && choice.stream === 'main') pauses.push(s);
    }
    const gaps = pauses.slice(1).map((s, n) => s - (pauses[n] ?? 0));
    expect(gaps[0]).toBeGreaterThan(30);
    expect(gaps.every((gap, n) => n === 0 || gap >= (gaps[n - 1] ?? 0))).toBe(true);
    expect(Math.max(...gaps)).toBeLessThan(260);
  });

  test('the beginning, with a group at once, is no sign of the line', () => {
    const choice = new StreamChoice(0);
    hearFor(choice, lossy, 0, 3);
    expect(hearFor(choice, well, 3, 60)).toEqual([]);
  });
});
