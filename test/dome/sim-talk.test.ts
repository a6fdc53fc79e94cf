// Sound of the simulated dome both ways, and its RTSP server towards clients that do not behave.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SimDomeOptions } from '#agent/sim/dome/dome.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { readRtp, writeRtp } from '#agent/sim/dome/rtsp/packets.ts';
import { decodeSound, encodeSound, type SoundCodec } from '#agent/sim/dome/sound.ts';
import { until } from '#test/support/wait.ts';
import { withLogin } from './player.ts';
import { backchannel, RtspClient } from './rtsp-client.ts';

const run = promisify(execFile);
const patient = (what: string) => ({ withinMs: 15_000, what });

// A busy machine is no failure.
vi.setConfig({ testTimeout: 60_000 });

let sim: SimDome;
const clients: RtspClient[] = [];
const client = (): RtspClient => {
  const one = new RtspClient(sim.rtspUrl());
  clients.push(one);
  return one;
};
const start = async (options: SimDomeOptions = {}) => {
  sim = await startDome({ auth: 'digest', ...options });
};
afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.close()));
  await sim.close();
});

/** How much of the sound's power is at this frequency, 0 to 1. */
function share(pcm: Int16Array, hz: number): number {
  let [real, imaginary, power] = [0, 0, 0];
  pcm.forEach((sample, n) => {
    const angle = (2 * Math.PI * hz * n) / 8000;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
    power += sample * sample;
  });
  return power === 0 ? 0 : (2 * (real ** 2 + imaginary ** 2)) / (power * pcm.length);
}

const tone = (hz: number, samples: number, from = 0): Int16Array =>
  Int16Array.from(
    { length: samples },
    (_, n) => 9000 * Math.sin((2 * Math.PI * hz * (n + from)) / 8000),
  );

/** Two seconds of the microphone, as ffmpeg hears it: less what came before its first picture. */
async function listen(): Promise<Int16Array> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-rtsp_transport', 'tcp', '-i', withLogin(sim.rtspUrl('sub'))],
      ...['-vn', '-t', '2', '-f', 's16le', '-ar', '8000', 'pipe:1'],
    ],
    { encoding: 'buffer', timeout: 20_000 },
  );
  return new Int16Array(Uint8Array.from(stdout).buffer);
}

describe('the microphone', () => {
  test.each(['PCMU', 'PCMA'] as const)('a tone, %s', async (microphone) => {
    await start({ sound: { microphone } });
    sim.microphone.tone(1000);
    const heard = await listen();
    expect(heard.length).toBeGreaterThan(8000);
    expect(share(heard.subarray(2000, 8000), 1000)).toBeGreaterThan(0.95);
    expect(share(heard.subarray(2000, 8000), 700)).toBeLessThan(0.01);
  });

  test('what is played to it', async () => {
    await start();
    sim.microphone.tone(null);
    sim.microphone.play(tone(700, 80_000));
    const heard = await listen();
    expect(share(heard.subarray(2000, 8000), 700)).toBeGreaterThan(0.95);
  });
});

describe('G.711', () => {
  // ITU-T G.711: the first steps of either law, and their ends.
  test.each([
    ['PCMU', [0xff, 0xfe, 0x80, 0x00], [0, 8, 32_124, -32_124]],
    ['PCMA', [0xd5, 0x55, 0xaa, 0x2a], [8, -8, 32_256, -32_256]],
  ] as const)('%s', (codec, bytes, samples) => {
    expect([...decodeSound(codec, Uint8Array.from(bytes))]).toEqual([...samples]);
    expect([...encodeSound(codec, Int16Array.from(samples))]).toEqual([...bytes]);
  });
});

describe('the backchannel', () => {
  beforeEach(() => start());

  const talk = async (one: RtspClient) => {
    await one.ask('DESCRIBE', backchannel);
    const { status } = await one.setUp(2, backchannel);
    if (status === 200) await one.ask('PLAY', backchannel);
    return status;
  };
  const say = (one: RtspClient, codec: SoundCodec, hz: number) => {
    for (let n = 0; n < 50; n++) {
      const head = { type: codec === 'PCMU' ? 0 : 8, marker: n === 0, sequence: n, time: n * 160 };
      one.send(4, writeRtp({ ...head, ssrc: 77 }, encodeSound(codec, tone(hz, 160, n * 160))));
    }
  };

  test('is told to those who ask for it', async () => {
    const plain = await client().ask('DESCRIBE');
    expect(plain.body).not.toContain('sendonly');
    const asked = await client().ask('DESCRIBE', backchannel);
    expect(asked.body).toMatch(/m=audio 0 RTP\/AVP 0 8\r\n(a=rtpmap.*\r\n){2}a=sendonly/);
  });

  test.each(['PCMU', 'PCMA'] as const)('%s is heard from the speaker', async (codec) => {
    const one = client();
    expect(await talk(one)).toBe(200);
    say(one, codec, 600);
    await until(() => sim.speaker.heard.length === 50, patient('a second of sound'));
    expect(share(sim.speaker.pcm, 600)).toBeGreaterThan(0.95);
    expect(sim.speaker.heard[0]).toMatchObject({ codec, sequence: 0, time: 0 });
  });

  test('one client has it; when he goes the next may', async () => {
    const [one, other] = [client(), client()];
    expect(await talk(one)).toBe(200);
    expect(await talk(other)).toBe(453);
    await one.ask('TEARDOWN');
    expect(await talk(other)).toBe(200);
    await other.close();
    await until(() => !sim.speaker.busy, patient('the speaker to be free'));
  });

  test('a dome without one says so', async () => {
    await sim.close();
    await start({ sound: { talk: [] } });
    const { status, headers } = await client().ask('DESCRIBE', backchannel);
    expect([status, headers.get('unsupported')]).toEqual([551, backchannel.Require]);
  });
});

describe('sessions', () => {
  const play = async (): Promise<RtspClient> => {
    const one = client();
    await one.ask('DESCRIBE');
    await one.setUp(0);
    await one.setUp(1);
    expect((await one.ask('PLAY')).status).toBe(200);
    await until(() => one.packets.some(({ channel }) => channel === 0), patient('a picture'));
    return one;
  };

  test('pause and go on; a sender report comes before the first packet', async () => {
    await start();
    const one = await play();
    await until(() => one.packets.some(({ channel }) => channel === 2), patient('sound'));
    const firstOf = (...channels: number[]) =>
      one.packets.find(({ channel }) => channels.includes(channel))?.channel;
    expect([firstOf(0, 1), firstOf(2, 3)]).toEqual([1, 3]);
    const video = one.packets.find(({ channel }) => channel === 0);
    const report = one.packets.find(({ channel }) => channel === 1);
    expect(report?.packet.readUInt32BE(4)).toBe(readRtp(video?.packet ?? Buffer.alloc(0))?.ssrc);
    expect((await one.ask('PAUSE')).status).toBe(200);
    one.packets.length = 0;
    expect((await one.ask('GET_PARAMETER')).status).toBe(200);
    expect(one.packets).toEqual([]);
    await one.ask('PLAY');
    await until(() => one.packets.some(({ channel }) => channel === 0), patient('more'));
  });

  test('end when nothing is heard of the client for the timeout', async () => {
    await start({ video: { main: { gopSeconds: 1 } }, sound: { timeoutSeconds: 4 } });
    const one = await play();
    await until(() => sim.rtsp.playing === 0, patient('the end of the session'));
    expect((await one.ask('GET_PARAMETER')).status).toBe(454);
  });

  test('wrong requests are refused, unreadable ones end the connection', async () => {
    await start();
    const one = client();
    expect((await one.ask('PLAY')).status).toBe(454);
    expect((await one.ask('RECORD')).status).toBe(405);
    expect((await one.ask('DESCRIBE', { Require: 'a.unicorn' })).status).toBe(551);
    expect((await one.setUp(7)).status).toBe(404);
    const multicast = { Transport: 'RTP/AVP;multicast' };
    expect((await one.ask('SETUP', multicast, '/trackID=0')).status).toBe(461);
    for (const junk of ['GET / HTTP/1.1\r\n\r\n', `OPTIONS * RTSP/1.0\r\nX: ${'x'.repeat(9000)}`]) {
      const other = client();
      other.raw(junk);
      await until(() => other.closed, patient('the end of the connection'));
    }
    expect((await one.ask('OPTIONS')).status).toBe(200);
  });
});
