// The simulated dome's RTSP server, watched by players that are not ours: what counts is what is in the
// decoded frames.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SimDomeOptions } from '#agent/sim/dome/dome.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { readScene } from '#agent/sim/dome/scene/code.ts';
import { until, within } from '#test/support/wait.ts';
import { probe, type Viewer, view, withLogin } from './player.ts';

const patient = (what: string) => ({ withinMs: 15_000, what });

// A busy machine is no failure.
vi.setConfig({ testTimeout: 60_000 });

let sim: SimDome;
const viewers: Viewer[] = [];
const started = async (options: SimDomeOptions = {}): Promise<SimDome> => {
  sim = await startDome({ auth: 'digest', ...options });
  return sim;
};
const watch = (...given: Parameters<typeof view>): Viewer => {
  const viewer = view(...given);
  viewers.push(viewer);
  return viewer;
};
afterEach(async () => {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
  await sim.close();
});

describe('ffprobe is content', () => {
  test.each([
    ['main', 'tcp', 1920, 1080],
    ['sub', 'udp', 640, 360],
  ] as const)('%s over %s', async (name, transport, width, height) => {
    await started({ video: { main: { width: 1920, height: 1080 } } });
    const [video, audio] = await probe(withLogin(sim.rtspUrl(name)), transport);
    const profile = 'Constrained Baseline';
    expect(video).toMatchObject({ codec_name: 'h264', profile, width, height, has_b_frames: 0 });
    expect(audio).toMatchObject({ codec_name: 'pcm_alaw', sample_rate: '8000' });
  });

  test('H.265 alone on main, PCMU beside it', async () => {
    await started({ video: { main: { codec: 'h265' } }, sound: { microphone: 'PCMU' } });
    const [video, audio] = await probe(withLogin(sim.rtspUrl()));
    expect(video).toMatchObject({ codec_name: 'hevc', width: 1280, height: 720 });
    expect(audio).toMatchObject({ codec_name: 'pcm_mulaw' });
  });

  test('a wrong password, a stream that is not there, no password at all', async () => {
    await started();
    const url = sim.rtspUrl();
    await expect(probe(url.replace('//', '//admin:wrong@'))).rejects.toThrow('401');
    await expect(probe(url)).rejects.toThrow('401');
    await expect(probe(withLogin(url.replace('main', 'third')))).rejects.toThrow('404');
  });
});

test('frames come in order, none is missing that was drawn, and each says when it was drawn', async () => {
  await started();
  const viewer = watch({ url: withLogin(sim.rtspUrl()) });
  await until(() => viewer.scenes.length >= 40, patient('40 frames'));
  const frames = viewer.scenes.slice(-25).map((scene) => scene?.frame ?? 0);
  const [first = 0, last = 0] = [frames[0], frames.at(-1)];
  const all = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const { leftOut } = sim.rtsp.streams.main;
  expect(frames).toEqual(all.filter((frame) => !leftOut.includes(frame)));
  const ageMs = Date.now() - (viewer.scenes.at(-1)?.sentMs ?? 0);
  expect(ageMs).toBeGreaterThanOrEqual(0);
  expect(ageMs).toBeLessThan(5000);
  expect(viewer.complaints()).toBe('');
});

test('a still scene fills the bitrate where it is asked to', async () => {
  await started({ video: { sub: { steady: true, kbps: 800, gopSeconds: 1 } } });
  let [bytes, frames] = [0, 0];
  const leave = sim.rtsp.streams.sub.watch(({ units }) => {
    frames++;
    bytes += units.reduce((sum, unit) => sum + unit.length, 0);
  });
  await until(() => frames >= 75, patient('three seconds of the picture'));
  leave();
  expect((bytes * 8 * 25) / frames / 1000).toBeGreaterThan(700);
  expect((bytes * 8 * 25) / frames / 1000).toBeLessThan(900);
  const [video] = await probe(withLogin(sim.rtspUrl('sub')));
  expect(video).toMatchObject({ codec_name: 'h264', has_b_frames: 0 });
});

test('strobe and siren are seen in the picture, at any size', async () => {
  await started();
  const viewer = watch({
    ...{ url: withLogin(sim.rtspUrl('sub')), transport: 'udp' as const },
    ...{ width: 320, height: 180 },
  });
  await until(() => viewer.scenes.at(-1)?.strobe === 'off', patient('a dark strobe'));
  expect(viewer.scenes.at(-1)?.siren).toBe(false);
  sim.actuators.set('strobe', true);
  sim.actuators.set('siren', true);
  await until(() => viewer.scenes.at(-1)?.strobe === 'red', patient('red'));
  await until(() => viewer.scenes.at(-1)?.strobe === 'blue', patient('blue'));
  expect(viewer.scenes.at(-1)?.siren).toBe(true);
  expect(viewer.scenes).not.toContain(null);
});

test("GStreamer's rtspsrc plays it, picture and sound", async () => {
  await started();
  const source = ['rtspsrc', `location=${sim.rtspUrl('sub')}`, 'name=dome', 'latency=0'];
  const login = ['protocols=tcp', 'user-id=admin', 'user-pw=secret'];
  const of = (media: string) => ['dome.', '!', `application/x-rtp,media=${media}`, '!'];
  const sink = ['!', 'fdsink', 'fd=1'];
  const picture = [...of('video'), 'rtph264depay', '!', 'avdec_h264', ...sink];
  const sound = [...of('audio'), 'rtppcmadepay', '!', 'alawdec', '!', 'fakesink'];
  const player = spawn('gst-launch-1.0', ['-q', ...source, ...login, ...picture, ...sound], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(player, 'exit');
  try {
    let decoded = Buffer.alloc(0);
    let complaints = '';
    player.stdout.on('data', (chunk: Buffer) => {
      decoded = Buffer.concat([decoded, chunk]);
    });
    player.stderr.on('data', (text: Buffer) => {
      complaints += text.toString();
    });
    const bytes = (640 * 360 * 3) / 2;
    await until(() => decoded.length >= 25 * bytes, patient('a second of the picture'));
    const numbers = Array.from(
      { length: 25 },
      (_, n) => readScene(decoded.subarray(n * bytes, (n + 1) * bytes), 640, 360)?.frame ?? 0,
    );
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(25);
    expect(numbers).not.toContain(0);
    expect(complaints).toBe('');
  } finally {
    player.kill('SIGKILL');
    await within(ended, patient('the end of GStreamer'));
  }
});

test('two watch, one encoder runs, and ends when nobody watches', async () => {
  await started();
  expect(sim.rtsp.streams.main.running).toBe(false);
  const [one, other] = [1, 2].map(() => watch({ url: withLogin(sim.rtspUrl()) }));
  await until(() => one?.scenes.length && other?.scenes.length, patient('two pictures'));
  expect(sim.rtsp.playing).toBe(2);
  expect(sim.rtsp.streams.sub.running).toBe(false);
  await one?.close();
  await until(() => sim.rtsp.playing === 1, patient('one to be left'));
  const { pid = 0 } = sim.rtsp.streams.main;
  expect(process.kill(pid, 0)).toBe(true);
  await other?.close();
  await until(() => !sim.rtsp.streams.main.running, patient('the encoder to rest'));
  await until(() => !isAlive(pid), patient('the end of ffmpeg'));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
