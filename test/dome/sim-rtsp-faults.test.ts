// What goes wrong with a dome's stream, done by the simulator and seen by ffmpeg.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { readRtp } from '#agent/sim/dome/rtsp/packets.ts';
import { until } from '#test/support/wait.ts';
import { probe, type Viewer, view, withLogin } from './player.ts';
import { RtspClient } from './rtsp-client.ts';

const patient = (what: string) => ({ withinMs: 15_000, what });

// A busy machine is no failure.
vi.setConfig({ testTimeout: 60_000 });

let sim: SimDome;
const viewers: Viewer[] = [];
beforeEach(async () => {
  sim = await startDome({ auth: 'digest', video: { main: { gopSeconds: 1 } } });
});
afterEach(async () => {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
  await sim.close();
});

const watch = async (): Promise<Viewer> => {
  const viewer = view({ url: withLogin(sim.rtspUrl()), width: 320, height: 180 });
  viewers.push(viewer);
  await until(() => viewer.scenes.length >= 5, patient('a picture'));
  return viewer;
};

describe('a reboot', () => {
  test('with notice: the player ends, the dome comes back on the same ports', async () => {
    const { port } = sim.rtsp;
    const viewer = await watch();
    await sim.reboot({ downMs: 50, forget: false });
    await until(() => !viewer.plays(), patient('the player to end'));
    expect(sim.rtsp.port).toBe(port);
    expect((await watch()).scenes.at(-1)).not.toBeNull();
  });

  test('by a power cut: silence first, a reset when it is up again', async () => {
    const viewer = await watch();
    await sim.down();
    const seen = viewer.scenes.length;
    expect(sim.rtsp.streams.main.running).toBe(false);
    expect(viewer.plays()).toBe(true);
    await sim.up();
    await until(() => !viewer.plays(), patient('the player to end'));
    expect(viewer.scenes.length).toBeLessThan(seen + 25);
    await watch();
  });
});

test('a hanging stream: the connection stays, nothing comes, nobody is answered', async () => {
  const viewer = await watch();
  const one = new RtspClient(sim.rtspUrl());
  try {
    await one.ask('DESCRIBE');
    await one.setUp(0);
    await one.ask('PLAY');
    await until(() => one.packets.length > 0, patient('packets'));
    sim.rtsp.faults.hanging = true;
    const settled = sim.rtsp.log.length;
    one.patienceMs = 1000;
    const answer = one.ask('GET_PARAMETER');
    const before = one.packets.length;
    await expect(answer).rejects.toThrow('waited 1000 ms for an answer to GET_PARAMETER');
    // 25 would have come; one picture may have been on its way.
    expect(one.packets.length).toBeLessThanOrEqual(before + 10);
    const afterwards = one.packets.length;
    expect(sim.rtsp.log.length).toBe(settled);
    expect(one.closed).toBe(false);
    expect(viewer.plays()).toBe(true);
    sim.rtsp.faults.hanging = false;
    await until(() => one.packets.length > afterwards, patient('packets again'));
  } finally {
    await one.close();
  }
});

test('other parameter sets in mid-stream: the player goes on with the new size', async () => {
  const viewer = await watch();
  sim.rtsp.streams.main.change({ width: 1024, height: 576 });
  const at = viewer.scenes.length;
  await until(() => viewer.scenes.length > at + 30, patient('more of the picture'));
  expect(viewer.plays()).toBe(true);
  expect(viewer.scenes.at(-1)).not.toBeNull();
  const [video] = await probe(withLogin(sim.rtspUrl()));
  expect(video).toMatchObject({ width: 1024, height: 576 });
});

test('the clock of RTP jumps, and the sequence goes on', async () => {
  const one = new RtspClient(sim.rtspUrl());
  try {
    await one.ask('DESCRIBE');
    await one.setUp(0);
    await one.ask('PLAY');
    const video = () =>
      one.packets.flatMap(({ channel, packet }) => (channel === 0 ? (readRtp(packet) ?? []) : []));
    await until(() => video().length > 10, patient('packets'));
    sim.rtsp.jumpClock(-60_000);
    const before = video().length;
    await until(() => video().length > before + 10, patient('more packets'));
    const all = video();
    const steps = all.slice(1).map((one, n) => ({
      time: (one.time - (all[n]?.time ?? 0)) | 0,
      sequence: (one.sequence - (all[n]?.sequence ?? 0)) & 0xffff,
    }));
    expect(new Set(steps.map(({ sequence }) => sequence))).toEqual(new Set([1]));
    const back = steps.filter(({ time }) => time < 0);
    expect(back).toHaveLength(1);
    expect(back[0]?.time).toBeLessThanOrEqual(-60 * 90_000 + 11 * 3600);
    expect(steps.every(({ time }) => time % 3600 === 0)).toBe(true);
  } finally {
    await one.close();
  }
});

test('refused', async () => {
  sim.rtsp.faults.refuse = 503;
  await expect(probe(withLogin(sim.rtspUrl()))).rejects.toThrow(/503|5XX/);
  sim.rtsp.faults.refuse = null;
  await watch();
});

test('an encoder that dies is replaced, and the picture goes on', async () => {
  const viewer = await watch();
  const { pid } = sim.rtsp.streams.main;
  expect(pid).toBeGreaterThan(0);
  process.kill(pid ?? 0, 'SIGKILL');
  await until(() => sim.rtsp.streams.main.pid !== pid, patient('another encoder'));
  const at = viewer.scenes.length;
  await until(() => viewer.scenes.length > at + 30, patient('the picture'));
});

test('without ffmpeg: described as unavailable, everything else works', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  const one = new RtspClient(sim.rtspUrl());
  try {
    const answer = await one.ask('DESCRIBE');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('warning')).toContain('ENOENT');
    expect((await fetch(`http://127.0.0.1:${sim.port}/snapshot/main.jpg`)).status).toBe(401);
  } finally {
    process.env.PATH = path;
    await one.close();
  }
});
