// The simulated dome moved and asked about its media by a client that is not ours: npm onvif. What
// counts is where the dome looks.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Cam } from 'onvif';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { readScene } from '#agent/sim/dome/scene/code.ts';
import { fieldOfView, optics } from '#agent/sim/dome/scene/optics.ts';
import { until, within } from '#test/support/wait.ts';
import { withLogin } from './player.ts';

const run = promisify(execFile);

type Done<T> = (error: Error | null, value?: T) => void;
const call = <T>(start: (done: Done<T>) => void): Promise<T> =>
  within(
    new Promise<T>((resolve, reject) => {
      start((error, value) => (error ? reject(error) : resolve(value as T)));
    }),
    { withinMs: 10_000, what: 'npm onvif' },
  );

// A busy machine is no failure.
vi.setConfig({ testTimeout: 60_000 });

let sim: SimDome;
let cam: Cam;
const still = () =>
  until(() => sim.motion.stillSinceMs, { withinMs: 10_000, what: 'a still dome' });

beforeEach(async () => {
  sim = await startDome({ auth: 'digest', algorithms: ['MD5'] });
  cam = new Cam({
    ...{ hostname: '127.0.0.1', port: sim.port, username: 'admin', password: 'secret' },
    ...{ useWSSecurity: false, autoconnect: false, timeout: 8000 },
  });
  await call<unknown>((done) => cam.connect((error) => done(error || null, null)));
});
afterEach(() => sim.close());

describe('moves', () => {
  test('continuously, until the timeout; GetStatus follows', async () => {
    await call((done) => cam.continuousMove({ x: 0.5, y: -0.25, timeout: 1500 }, done));
    const status = () =>
      call<{ moveStatus: { panTilt: string }; position: { x: number } }>((done) =>
        cam.getStatus({}, done),
      );
    const isMoving = async () => (await status()).moveStatus.panTilt === 'MOVING';
    await until(isMoving, { withinMs: 1500, what: 'MOVING' });
    await still();
    const { pan, tilt, zoom } = sim.motion.position;
    expect(pan).toBeCloseTo(0.375, 1);
    expect(tilt).toBeCloseTo(-0.375, 1);
    expect(zoom).toBe(0);
    const after = await status();
    expect(after.moveStatus).toMatchObject({ panTilt: 'IDLE', zoom: 'IDLE' });
    expect(after.position.x).toBeCloseTo(pan, 4);
  });

  test('and is stopped', async () => {
    await call((done) => cam.continuousMove({ x: -1, timeout: 30_000 }, done));
    await until(() => sim.motion.position.pan < -0.1, { withinMs: 10_000, what: 'a turn' });
    await call((done) => cam.stop({ panTilt: true, zoom: true }, done));
    await still();
    expect(sim.motion.position.pan).toBeGreaterThan(-0.9);
  });

  test('relatively, absolutely, to presets and home', async () => {
    await call((done) => cam.absoluteMove({ x: 0.2, y: 0.1, zoom: 0.3 }, done));
    await still();
    expect(sim.motion.position).toEqual({ pan: 0.2, tilt: 0.1, zoom: 0.3 });
    await call((done) => cam.relativeMove({ x: -0.1, y: 0, zoom: 0 }, done));
    await still();
    expect(sim.motion.position.pan).toBeCloseTo(0.1, 5);
    await call((done) => cam.setPreset({ presetName: 'pond' }, done));
    const pond = sim.presets.all.find(({ name }) => name === 'pond');
    expect(pond?.position).toEqual(sim.motion.position);
    await call((done) => cam.gotoHomePosition({}, done));
    await still();
    expect(sim.motion.position).toEqual({ pan: 0, tilt: 0, zoom: 0 });
    await call((done) => cam.gotoPreset({ preset: pond?.token ?? '' }, done));
    await still();
    expect(sim.motion.position).toEqual(pond?.position);
    await call((done) => cam.removePreset({ presetToken: pond?.token ?? '' }, done));
    await expect(
      call((done) => cam.gotoPreset({ preset: pond?.token ?? '' }, done)),
    ).rejects.toThrow('no preset');
  });

  test('within the view, as far as the dome knows that space', async () => {
    const inView = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov';
    for (const fovSpace of [true, false]) {
      await sim.close();
      sim = await startDome({ auth: 'none', fovSpace });
      const move = `<ProfileToken>Profile_1</ProfileToken><Translation><PanTilt
        xmlns="http://www.onvif.org/ver10/schema" x="0.5" y="0" space="${inView}"/></Translation>`;
      expect(await post('GetNodes', '')).toMatch(fovSpace ? inView : /GenericSpace/);
      expect(await post('RelativeMove', move)).toMatch(fovSpace ? /^200/ : /^400 .*SpaceNotSup/s);
      await still();
      const degrees = fovSpace ? fieldOfView(0) / 4 : 0;
      expect(sim.motion.position.pan * optics.panDegrees).toBeCloseTo(degrees, 3);
    }
  });

  test('not out of bounds', async () => {
    const move = call((done) => cam.absoluteMove({ x: 2, y: 0, zoom: 0 }, done));
    await expect(move).rejects.toThrow('out of bounds');
    expect(sim.motion.position.pan).toBe(0);
  });

  test('focus, wiper and light', async () => {
    await call((done) => cam.imagingMove({ continuous: { speed: 1 } }, done));
    await until(() => sim.imaging.focus > 0.2, { withinMs: 10_000, what: 'the focus' });
    await call((done) => cam.imagingStop({}, done));
    await until(() => !sim.imaging.focusing, { withinMs: 10_000, what: 'the focus to stand' });
    expect(sim.imaging.focus).toBeLessThan(1);
    await call((done) => cam.ptzSendAuxiliaryCommand({ data: 'tt:IRLamp|On' }, done));
    expect(sim.actuators).toMatchObject({ light: true, wiper: false });
  });
});

/** What npm onvif has no word for. */
async function post(operation: string, inner: string): Promise<string> {
  const body =
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
    `<${operation} xmlns="http://www.onvif.org/ver20/ptz/wsdl">${inner}</${operation}>` +
    '</s:Body></s:Envelope>';
  const reply = await fetch(`http://127.0.0.1:${sim.port}/onvif/PTZ`, { method: 'POST', body });
  return `${reply.status} ${await reply.text()}`;
}

/** A JPEG as ffmpeg sees it: RGBA. */
async function snapshot(url: string): Promise<Buffer> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'image2pipe', '-c:v', 'mjpeg', '-i', url],
      ...['-f', 'rawvideo', '-pix_fmt', 'rgba', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 8_000_000, timeout: 15_000 },
  );
  return stdout;
}

describe('media', () => {
  test('main and sub, by the second media service and by the first', async () => {
    const told = (encoding: string, width: number) =>
      expect.objectContaining({
        videoEncoderConfiguration: expect.objectContaining({
          encoding,
          resolution: expect.objectContaining({ width }),
        }),
      });
    for (const media2Support of [true, false]) {
      Object.assign(cam, { media2Support });
      const profiles = await call<object[]>((done) => cam.getProfiles(done));
      expect(profiles).toHaveLength(3);
      expect(profiles.slice(1)).toEqual([told('H264', 1280), told('H264', 640)]);
      const { uri } = await call<{ uri: string }>((done) =>
        cam.getStreamUri({ protocol: 'RTSP', profileToken: 'Profile_2' }, done),
      );
      expect(uri).toBe(sim.rtspUrl('sub'));
    }
    const outputs = await call<object>((done) => cam.getAudioOutputs(done));
    expect(JSON.stringify(outputs)).toContain('AudioOutput_1');
  });

  test.each(['digest', 'token'] as const)(
    'a snapshot is a JPEG of now, and wants the password: %s',
    async (auth) => {
      const { uri } = await call<{ uri: string }>((done) =>
        cam.getSnapshotUri({ profileToken: 'Profile_1' }, done),
      );
      const { port } = sim;
      await sim.close();
      sim = await startDome({ auth, port, algorithms: ['MD5'] });
      sim.actuators.set('strobe', true);
      const beforeMs = Date.now();
      const scene = readScene(await snapshot(withLogin(uri)), 1280, 720);
      expect(scene?.strobe).toMatch(/red|blue/);
      expect(scene?.sentMs).toBeGreaterThanOrEqual(beforeMs);
      const open = await fetch(uri);
      expect(open.status).toBe(401);
      expect((await open.arrayBuffer()).byteLength).toBeLessThan(2000);
    },
  );

  test('SetSynchronizationPoint brings a key frame before its time', async () => {
    sim.rtsp.streams.main.change({ gopSeconds: 60 });
    const keys: number[] = [];
    let frames = 0;
    const leave = sim.rtsp.streams.main.watch(({ isKey }) => {
      if (isKey) keys.push(frames);
      frames++;
    });
    await until(() => frames >= 5, { withinMs: 15_000, what: 'a picture' });
    expect(keys).toEqual([0]);
    for (const [n, media2Support] of [true, false].entries()) {
      Object.assign(cam, { media2Support });
      await call((done) => cam.setSynchronizationPoint({ profileToken: 'Profile_1' }, done));
      await until(() => keys.length === n + 2, { withinMs: 15_000, what: 'a key frame' });
    }
    // Asked again and again, as by a viewer that has lost a packet: it comes all the same.
    await until(
      () => {
        sim.rtsp.streams.main.keyFrame();
        return keys.length === 4;
      },
      { withinMs: 15_000, what: 'a key frame' },
    );
    leave();
  });
});
