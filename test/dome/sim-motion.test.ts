// The simulated dome's motors, on a clock of the test's own; and what the picture shows of them.

import { beforeEach, describe, expect, test } from 'vitest';
import { Motion, type MotionOptions } from '#agent/sim/dome/motion.ts';
import { readScene, type Scene } from '#agent/sim/dome/scene/code.ts';
import { fieldOfView, optics } from '#agent/sim/dome/scene/optics.ts';
import { Picture } from '#agent/sim/dome/scene/picture.ts';

let nowMs: number;
const motor = (options: Partial<MotionOptions> = {}) =>
  new Motion({ now: () => nowMs, latencyMs: 60, ...options });
const pass = (ms: number) => {
  nowMs += ms;
};
beforeEach(() => {
  nowMs = 5000;
});

describe('motors', () => {
  test('begin after the latency, speed up, and brake when the timeout is over', () => {
    const motion = motor();
    motion.continuous({ pan: 1 }, 1000);
    pass(55);
    expect(motion.position.pan).toBe(0);
    expect(motion.stillSinceMs).toBeNull();
    pass(130);
    const early = motion.position.pan;
    expect(early).toBeGreaterThan(0);
    // A steady 0.5 a second would have come twice as far.
    expect(early).toBeLessThan(0.5 * 0.125);
    pass(5000);
    expect(motion.position.pan).toBeCloseTo(0.5, 2);
    expect(motion.moving).toEqual({ panTilt: false, zoom: false });
    expect(motion.stillSinceMs).toBeGreaterThanOrEqual(5000 + 60 + 1000 + 245);
    expect(motion.stillSinceMs).toBeLessThanOrEqual(5000 + 60 + 1000 + 260);
  });

  test('stop one and not the other', () => {
    const motion = motor();
    motion.continuous({ pan: 0.5, zoom: 0.5 }, 60_000);
    pass(1000);
    motion.stop({ zoom: false });
    pass(1000);
    expect(motion.moving).toEqual({ panTilt: false, zoom: true });
    const { pan, zoom } = motion.position;
    pass(200);
    expect(motion.position.pan).toBe(pan);
    expect(motion.position.zoom).toBeGreaterThan(zoom);
  });

  test('end at their ends', () => {
    const motion = motor();
    motion.continuous({ pan: -1, tilt: 1, zoom: -1 }, 60_000);
    pass(10_000);
    expect(motion.position).toEqual({ pan: -1, tilt: 1, zoom: 0 });
    expect(motion.stillSinceMs).not.toBeNull();
  });

  test('go exactly where they are sent, slower where it is asked', () => {
    const to = { pan: 0.4, tilt: -0.3, zoom: 0.7 };
    const [fast, slow] = [motor(), motor()];
    fast.absolute(to);
    slow.absolute(to, { pan: 0.2, tilt: 0.2, zoom: 0.2 });
    pass(3000);
    expect(fast.position).toEqual(to);
    expect(slow.stillSinceMs).toBeNull();
    expect(slow.position.pan).toBeLessThan(0.4);
    pass(10_000);
    expect(slow.position).toEqual(to);
  });

  test.each([0, 0.5])('move within the view at zoom %s: its edge comes to the middle', (zoom) => {
    const motion = motor();
    motion.absolute({ zoom });
    pass(5000);
    motion.relative({ pan: 1, tilt: -0.5 }, {}, true);
    pass(5000);
    const { pan, tilt } = motion.position;
    const view = fieldOfView(zoom);
    expect(pan * optics.panDegrees).toBeCloseTo(view / 2, 3);
    expect(tilt * optics.tiltDegrees).toBeCloseTo((-view * 9) / 16 / 4, 3);
  });

  test('run away where the timeout is ignored, until they are stopped', () => {
    const motion = motor({ ignoresTimeout: true });
    motion.continuous({ pan: 0.1 }, 100);
    pass(5000);
    expect(motion.moving.panTilt).toBe(true);
    motion.stop();
    pass(500);
    expect(motion.moving.panTilt).toBe(false);
  });
});

describe('the picture', () => {
  const scene: Scene = {
    ...{ frame: 4_000_000_000, sentMs: 1_795_000_000_123, strobe: 'blue', siren: true },
    ...{ pan: 0.25, tilt: -0.5, zoom: 0.75 },
  };
  const drawn = (of: Scene, width = 640, height = 360): Buffer => {
    const picture = new Picture(width, height);
    const frame = Buffer.alloc(picture.bytes);
    picture.draw(frame, of);
    return frame;
  };

  test.each([
    [640, 360],
    [1280, 720],
    [1920, 1080],
    [704, 576],
  ])('%d x %d says what it shows', (width, height) => {
    const read = readScene(drawn(scene, width, height), width, height);
    expect(read).toMatchObject({
      ...{ frame: scene.frame, sentMs: scene.sentMs, strobe: 'blue', siren: true },
      pan: expect.closeTo(0.25, 4),
      tilt: expect.closeTo(-0.5, 4),
      zoom: expect.closeTo(0.75, 4),
    });
    const dark = { ...scene, strobe: 'off', siren: false } as const;
    expect(readScene(drawn(dark, width, height), width, height)).toMatchObject({
      strobe: 'off',
      siren: false,
    });
  });

  test('noise, darkness and a damaged code are not read', () => {
    const frame = drawn(scene);
    expect(
      readScene(
        frame.map((level) => level / 8),
        640,
        360,
      ),
    ).toBeNull();
    // One cell turned over: the checksum tells.
    const cell = 16;
    for (let y = 0; y < cell; y++) {
      const at = (360 - 4 * cell + y) * 640 + 12 * cell;
      frame.subarray(at, at + cell).forEach((level, n) => {
        frame[at + n] = 251 - level;
      });
    }
    expect(readScene(frame, 640, 360)).toBeNull();
    expect(readScene(new Uint8Array(640 * 360), 640, 360)).toBeNull();
  });

  test('turns with the dome: what was right of the middle is in the middle', () => {
    const ahead = { ...scene, pan: 0, tilt: 0, zoom: 0 };
    const degrees = 15;
    const row = (frame: Buffer) => frame.subarray(150 * 640, 151 * 640);
    const [before, after] = [
      row(drawn(ahead)),
      row(drawn({ ...ahead, pan: degrees / optics.panDegrees })),
    ];
    const pixels = Math.round((degrees / fieldOfView(0)) * 640);
    expect(new Set(before.subarray(pixels)).size).toBeGreaterThan(3);
    expect(after.subarray(0, 640 - pixels)).toEqual(before.subarray(pixels));
  });
});
