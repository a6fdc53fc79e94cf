// Whether there is anything to be seen in a snapshot: judged on JPEGs as ffmpeg writes them, and over HTTP.

import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lookAt } from '#agent/media/clip/jpeg.ts';
import { PictureWatch, pictureWatchTimes } from '#agent/media/clip/picture-watch.ts';
import type { MediaSaid } from '#agent/media/wire.ts';
import type { Clock } from '#agent/ports.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { until } from '#test/support/wait.ts';

const made = (source: string, ...more: string[]): Buffer =>
  execFileSync(
    'ffmpeg',
    [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', ...more],
      ...['-f', 'image2pipe', '-c:v', 'mjpeg', '-q:v', '4', '-'],
    ],
    { timeout: 30_000 },
  );

let scene: Buffer;
let other: Buffer;
let black: Buffer;
let covered: Buffer;
beforeAll(() => {
  scene = made('testsrc2=s=322x182');
  other = made('testsrc2=s=322x182', '-ss', '1');
  black = made('color=black:s=322x182,noise=alls=6:allf=t');
  covered = made('color=gray:s=322x182,noise=alls=6:allf=t');
});

describe('looking at a JPEG', () => {
  test('a scene, a black picture, one of nothing but grey', () => {
    expect(lookAt(scene)?.spread).toBeGreaterThan(30);
    expect(lookAt(black)?.mean).toBeLessThan(12);
    const { mean = 0, spread = 99 } = lookAt(covered) ?? {};
    expect(mean).toBeGreaterThan(100);
    expect(mean).toBeLessThan(150);
    expect(spread).toBeLessThan(3);
  });

  test.each(['yuvj420p', 'yuvj422p', 'yuvj444p', 'gray'])('the same in %s', (format) => {
    const one = lookAt(made('testsrc2=s=320x176', '-pix_fmt', format));
    expect(one?.mean).toBeGreaterThan(80);
    expect(one?.spread).toBeGreaterThan(30);
  });

  test('cut anywhere, or bent, it is no picture, or one; it never throws', () => {
    for (let length = 0; length < scene.length; length += 37) lookAt(scene.subarray(0, length));
    for (let at = 0; at < scene.length; at += 41) {
      const bent = Buffer.from(scene);
      bent[at] = (bent[at] ?? 0) ^ 0x55;
      lookAt(bent);
    }
    expect(lookAt(Buffer.from('GIF89a'))).toBeNull();
    expect(lookAt(scene.subarray(0, 300))).toBeNull();
  });
});

describe('watching', () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  async function watching(first: Buffer) {
    const clock = new VirtualClock();
    const said: MediaSaid[] = [];
    const state = { jpeg: first, asked: 0, status: 200 };
    server = createServer((_, response) => {
      state.asked += 1;
      response.writeHead(state.status).end(state.jpeg);
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    let [scheduled, dueMs] = [0, 0];
    const counting: Clock = {
      now: () => clock.now(),
      after(delayMs, call) {
        if (delayMs >= pictureWatchTimes.againMs) {
          scheduled += 1;
          dueMs = clock.now().monoMs + delayMs;
        }
        return clock.after(delayMs, call);
      },
    };
    const watch = new PictureWatch({ clock: counting, say: (one) => said.push(one) });
    const url = `http://127.0.0.1:${port}/shot.jpg`;
    watch.want({ url, username: 'u', password: 'p', ca: null });
    const look = async (jpeg: Buffer) => {
      const [asked, looked] = [state.asked, scheduled];
      state.jpeg = jpeg;
      clock.advance(dueMs - clock.now().monoMs);
      await until(() => state.asked > asked, { withinMs: 10_000, what: 'a look' });
      await until(() => scheduled > looked, { withinMs: 10_000, what: 'what comes of a look' });
    };
    const faults = () => said.map((one) => (one.t === 'fault' ? one.detail : one.t));
    return { look, faults, watch, state, clock };
  }

  test('black twice is told once, and well again twice', async () => {
    const { look, faults, watch } = await watching(scene);
    for (const jpeg of [scene, black, scene, other]) await look(jpeg);
    await look(black);
    expect(faults()).toEqual([]);
    await look(made('color=black:s=322x182,noise=alls=5:allf=t'));
    await until(() => faults().length === 1, { withinMs: 10_000, what: 'the fault' });
    expect(faults()[0]).toMatch(/^the dome's picture is black; /);
    await look(scene);
    await look(other);
    await until(() => faults().length === 2, { withinMs: 10_000, what: 'the all-clear' });
    expect(faults()[1]).toBeNull();
    watch.close();
  });

  test.each([
    ['covered', () => covered, /nothing to be seen/],
    ['frozen', () => scene, /stands still/],
  ])('%s', async (_, jpeg, words) => {
    const { look, faults, watch } = await watching(jpeg());
    for (let times = 0; times < 3; times += 1) await look(jpeg());
    await until(() => faults().length === 1, { withinMs: 10_000, what: 'the fault' });
    expect(faults()[0]).toMatch(words);
    watch.close();
  });

  test('a picture that cannot be had is no black one', async () => {
    const { look, faults, watch, state } = await watching(scene);
    state.status = 503;
    for (let times = 0; times < 3; times += 1) await look(black);
    expect(faults()).toEqual([]);
    watch.close();
  });
});
