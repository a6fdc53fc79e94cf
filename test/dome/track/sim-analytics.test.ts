// What the simulated dome's analytics see of the people before the gate, and how its metadata stream tells
// it; on a clock of the test's own, and once over RTSP.

import { afterEach, describe, expect, test } from 'vitest';
import { Analytics, type AnalyticsOptions } from '#agent/sim/dome/analytics/analytics.ts';
import { Detector } from '#agent/sim/dome/analytics/detector.ts';
import { gateView, stander, straight, walkOf } from '#agent/sim/dome/analytics/walks.ts';
import { aimAt, boxOf } from '#agent/sim/dome/analytics/world.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { Motion } from '#agent/sim/dome/motion.ts';
import { readRtp } from '#agent/sim/dome/rtsp/packets.ts';
import { fieldOfView } from '#agent/sim/dome/scene/optics.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { until } from '#test/support/wait.ts';
import { RtspClient } from '../rtsp-client.ts';

const atGate = stander({ x: 0, y: 15 });

describe('the lens', () => {
  test('shows in its middle what it is aimed at, wherever that stands', () => {
    for (const [x, y] of [
      [0, 15],
      [9, 12],
      [-14, 8],
    ] as const) {
      const box = boxOf(atGate, { x, y }, { ...aimAt(atGate, { x, y }), zoom: 0.4 });
      expect(((box?.left ?? 9) + (box?.right ?? 9)) / 2).toBeCloseTo(0, 2);
      expect(((box?.top ?? 9) + (box?.bottom ?? 9)) / 2).toBeCloseTo(0, 1);
    }
  });

  test('what is to the right and above is so; behind it, it is not at all', () => {
    const box = boxOf(atGate, { x: 2, y: 15 }, gateView);
    const half = fieldOfView(gateView.zoom) / 2;
    const expected = Math.tan(Math.atan2(2, 15)) / Math.tan((half * Math.PI) / 180);
    expect(((box?.left ?? 0) + (box?.right ?? 0)) / 2).toBeCloseTo(expected, 1);
    expect(box?.top).toBeGreaterThan(box?.bottom ?? 9);
    expect(boxOf(atGate, { x: 0, y: -15 }, gateView)).toBeNull();
  });
});

describe('the detector', () => {
  const seen = (detector: Detector, seconds: number) =>
    detector.see(seconds, gateView).map(({ id, kind }) => `${kind} ${id}`);

  test('keeps a number while somebody is seen, and gives another after a tree', () => {
    const world = {
      things: [straight({ x: -3, y: 15 }, { x: 1, y: 0 })],
      trees: [{ x: 0, y: 10, widthM: 0.8 }],
    };
    const detector = new Detector(world, { missedPct: 0 });
    expect(seen(detector, 0)).toEqual(['Human 101']);
    expect(seen(detector, 2)).toEqual(['Human 102']);
    expect(seen(detector, 2.2)).toEqual(['Human 102']);
    expect(seen(detector, 3)).toEqual([]);
    expect(seen(detector, 4)).toEqual(['Human 103']);
  });

  test('sees the same for the same seed, and something else for another', () => {
    const boxes = (seed: number) => {
      const detector = new Detector(walkOf(3), { seed });
      return JSON.stringify([0, 1, 2].map((second) => detector.see(second, gateView)));
    };
    expect(boxes(4)).toBe(boxes(4));
    expect(boxes(4)).not.toBe(boxes(5));
  });
});

describe('a walk', () => {
  test('goes at its pace, some 15 m away', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const [walker] = walkOf(seed).things;
      for (let s = 1; s < 30; s += 1) {
        const [from, to] = [walker?.at(s), walker?.at(s + 0.1)];
        if (!from || !to) throw new Error(`nobody walks at ${s} s of ${seed}`);
        expect(Math.hypot(to.x - from.x, to.y - from.y) / 0.1).toBeCloseTo(1.5, 1);
        expect(from.y).toBeGreaterThan(10);
        expect(from.y).toBeLessThan(20);
      }
    }
  });
});

function heard(options: Partial<AnalyticsOptions>) {
  const clock = new VirtualClock();
  const now = () => clock.now().monoMs;
  const motion = new Motion({ now });
  motion.absolute(gateView);
  clock.advance(5000);
  const told: { document: string; afterMs: number }[] = [];
  const analytics = new Analytics(
    {
      ...{ now, after: (ms: number, call: () => void) => clock.after(ms, call) },
      ...{ world: { things: [atGate], trees: [] }, detector: { missedPct: 0 }, ...options },
    },
    motion,
    () => clock.now().wallMs,
  );
  const stop = analytics.listen((document, takenMs) =>
    told.push({ document, afterMs: now() - takenMs }),
  );
  clock.advance(1100);
  stop();
  return { told, clock };
}

describe('the metadata stream', () => {
  test('tells ten pictures a second, each after its latency, and then nothing', () => {
    const { told, clock } = heard({ latencyMs: 150, jitterMs: 40 });
    expect(told.length).toBeGreaterThanOrEqual(9);
    for (const { afterMs } of told) {
      expect(afterMs).toBeGreaterThanOrEqual(150);
      expect(afterMs).toBeLessThan(191);
    }
    expect(clock.timers).toBe(0);
  });

  test('says it in the words of today, of years ago, or in pixels', () => {
    const last = (options: Partial<AnalyticsOptions>) => heard(options).told.at(-1)?.document ?? '';
    expect(last({})).toMatch(/<tt:Type Likelihood="0\.\d\d">Human<\/tt:Type>/);
    expect(last({ wording: { classes: 'candidate' } })).toContain('<tt:ClassCandidate>');
    expect(last({ wording: { classes: 'none' } })).not.toContain('Human');
    const pixels = last({ wording: { pixels: { width: 640, height: 360 } } });
    expect(pixels).toContain('<tt:Scale x="0.003125" y="-0.005555555555555556"/>');
    expect(Number(/left="([\d.]+)"/.exec(pixels)?.[1])).toBeGreaterThan(200);
    expect(last({ wording: { place: true } })).toContain('<tt:PTZStatus>');
  });
});

describe('over RTSP', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  test('it is a track of its own, a document a marker', async () => {
    const sim: SimDome = await startDome({ analytics: { world: walkOf(1), latencyMs: 20 } });
    open.push(sim);
    const client = new RtspClient(sim.rtspUrl('sub'));
    open.push(client);
    const { body } = await client.ask('DESCRIBE');
    expect(body).toContain('m=application 0 RTP/AVP 107');
    expect(body).toContain('a=rtpmap:107 vnd.onvif.metadata/90000');
    expect((await client.setUp(3)).status).toBe(200);
    expect((await client.ask('PLAY')).status).toBe(200);
    const documents = () => {
      const packets = client.packets.flatMap(({ packet }) => readRtp(packet) ?? []);
      return packets.filter(({ type, marker }) => type === 107 && marker);
    };
    await until(() => documents().length >= 5, { withinMs: 15_000, what: 'five documents' });
    await client.ask('TEARDOWN');
    await until(() => !sim.inside.analytics?.watched, { withinMs: 5000, what: 'the end of it' });
  });
});
