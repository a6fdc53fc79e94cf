// The driver on a real pseudo terminal against a box that was written from the document alone:
// presses, and everything that goes wrong with boxes and cables.

import { randomBytes } from 'node:crypto';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ButtonBox, secondLookMs } from '#agent/buttons/box.ts';
import { frameOf } from '#agent/sim/box-frames.ts';
import { systemClock } from '#agent/system/clock.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { boxRoom, RecordingSink, until } from './support.ts';

type Room = Awaited<ReturnType<typeof boxRoom>>;
const rooms: Room[] = [];
async function enter(...args: Parameters<typeof boxRoom>): Promise<Room> {
  const room = await boxRoom(...args);
  rooms.push(room);
  return room;
}
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

describe('presses', () => {
  test('a press is a fact within milliseconds', async () => {
    const { sim, sink, open } = await enter();
    await open();
    const times: number[] = [];
    for (let press = 1; press <= 20; press++) {
      const began = performance.now();
      sim.press(1);
      while (sink.total('b1') !== press) await new Promise((done) => setImmediate(done));
      times.push(performance.now() - began);
      sim.release(1);
      await until(() => sink.contacts('b1').at(-1) === 'normal', 'released');
      await sim.quiet(1);
    }
    times.sort((a, b) => a - b);
    expect(times[10]).toBeLessThan(20);
  });

  test('ten edges of bounce are one press', async () => {
    const { sim, sink, open } = await enter();
    await open();
    await sim.bounce(1);
    await until(() => sink.contacts('b1').at(-1) === 'pressed', 'pressed');
    sim.release(1);
    await until(() => sink.contacts('b1').at(-1) === 'normal', 'released');
    expect(sink.total('b1')).toBe(1);
  });

  test('a press too short for its release to be told is counted, and its release follows', async () => {
    const { sim, sink, open } = await enter();
    await open();
    sim.press(1);
    sim.release(1);
    await until(() => sink.contacts('b1').length === 3, 'press and release');
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
  });

  test('counts go on across a restart of the driver, with the presses in between', async () => {
    const { sim, sink, driver, make, open } = await enter();
    await open();
    await sim.tap(1);
    await until(() => sink.total('b1') === 1, 'first press');
    await driver.close();
    await sim.tap(1);
    await sim.tap(1);
    const second = make();
    const later = new RecordingSink();
    await second.open(later);
    await until(() => later.total('b1') === 3, 'all three presses');
    await second.close();
    const sessions = [...sink.of('input.changed'), ...later.of('input.changed')].map(
      ({ count }) => count?.session,
    );
    expect(new Set(sessions).size).toBe(1);
  });

  test('a box that loses power begins a session; a button held meanwhile counts once', async () => {
    const { sim, sink, driver, open } = await enter();
    await open();
    await sim.tap(1);
    sim.press(2);
    await until(() => sink.total('b2') === 1, 'pressed');
    const before = sim.session;
    sim.powerOn();
    await until(() => driver.figures().restarts === 1, 'restart seen');
    const last = sink.of('input.changed').slice(-2);
    expect(last.map(({ input, count }) => [input, count])).toEqual([
      ['b1', { session: sim.session, total: 0 }],
      ['b2', { session: sim.session, total: 1 }],
    ]);
    expect(sim.session).not.toBe(before);
  });

  test('milliseconds of the box that begin again after 49.7 days go on in ours', async () => {
    const { sim, sink, open } = await enter();
    await open();
    sim.hang(true);
    await sim.raw(frameOf('S,1,AAAA,1,4294967290,-,1:N:0;2:N:0'));
    await sim.raw(frameOf('S,1,AAAA,2,4,-,1:P:1;2:N:0'));
    await until(() => sink.total('b1') === 1, 'press after the wrap');
    expect(sink.of('input.changed').at(-1)?.edgeMs).toBe(2 ** 32 + 4);
  });
});

describe('noise', () => {
  test('a megabyte of it, then a good frame', async () => {
    const { sim, sink, driver, open } = await enter();
    await open();
    await sim.raw(randomBytes(1_000_000));
    sim.press(1);
    await until(() => sink.total('b1') === 1, 'press after the noise');
    expect(driver.figures().noiseBytes).toBeGreaterThan(0);
    // One burst is weather, not a fault.
    expect(sink.story('box.desk.garbled')).toEqual([]);
  });

  test('half a frame and a damaged one cost themselves only', async () => {
    const { sim, sink, driver, open } = await enter();
    await open();
    await sim.raw(sim.nextFrame().slice(0, 12));
    await sim.raw(sim.nextFrame().replace(/\*..../, '*0000'));
    sim.press(1);
    await until(() => sink.total('b1') === 1, 'press');
    expect(driver.figures()).toMatchObject({ damaged: 2, gaps: 2 });
  });

  test('a wrong speed is a fault with a hint, and clears', async () => {
    const clock = new VirtualClock();
    const { sim, sink, driver, open } = await enter({}, clock);
    await open();
    sim.hang(true);
    for (let second = 1; second <= 5; second++) {
      await sim.raw(Buffer.alloc(40, 0xfe));
      await until(() => driver.figures().noiseBytes === 40 * second, 'noise read');
      clock.advance(1000);
    }
    expect(sink.story('box.desk.garbled')).toEqual(['raised']);
    const { detail } = sink.of('fault.raised').find(({ fault }) => fault.endsWith('garbled')) ?? {};
    expect(detail).toContain('115200 baud');
    sim.hang(false);
    for (let second = 0; second < 6; second++) {
      const { frames } = driver.figures();
      sim.speak();
      await until(() => driver.figures().frames > frames, 'frame read');
      clock.advance(1000);
    }
    expect(sink.story('box.desk.garbled')).toEqual(['raised', 'cleared']);
  });

  test('a box that breaks the protocol is named, and told what it does', async () => {
    const clock = new VirtualClock();
    const { sim, sink, open } = await enter({}, clock);
    await open();
    await sim.raw(frameOf('S,2,3FA9,1,1,-,1:N:0'));
    await until(() => sink.story('box.desk.protocol').length === 1, 'fault');
    expect(sink.of('fault.raised').at(-1)?.detail).toContain('version 2');
    clock.advance(5000);
    expect(sink.story('box.desk.protocol')).toEqual(['raised', 'cleared']);
  });
});

describe('a box that goes', () => {
  test('is silent after three seconds, not sooner, and comes back', async () => {
    const clock = new VirtualClock();
    const { sim, sink, open } = await enter({}, clock);
    await open();
    sim.hang(true);
    clock.advance(2999);
    expect(sink.story('box.desk.silent')).toEqual([]);
    clock.advance(1 + secondLookMs);
    expect(sink.story('box.desk.silent')).toEqual(['raised']);
    clock.advance(60_000);
    sim.hang(false);
    await until(() => sink.story('box.desk.silent').length === 2, 'cleared');
    expect(sink.story('box.desk.silent')).toEqual(['raised', 'cleared']);
  });

  test('a stall of our own is not held against it', async () => {
    const { sim, sink, open } = await enter();
    await open();
    await until(() => sink.total('b1') === 0, 'its counts');
    sim.press(1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
    await until(() => sink.total('b1') === 1, 'the press');
    expect(sink.story('box.desk.silent')).toEqual([]);
  });

  test('pulled: known at once; plugged in again: back within a second, presses and all', async () => {
    const { sim, sink, open } = await enter();
    await open();
    const pulledMs = performance.now();
    await sim.unplug();
    await until(() => sink.story('box.desk.absent').length === 1, 'absent', 500);
    expect(performance.now() - pulledMs).toBeLessThan(500);
    await sim.tap(1);
    await sim.tap(1);
    sim.press(2);
    const pluggedMs = performance.now();
    await sim.replug();
    await until(() => sink.story('box.desk.absent').length === 2, 'back');
    expect(performance.now() - pluggedMs).toBeLessThan(1500);
    await until(() => sink.total('b1') === 2 && sink.total('b2') === 1, 'presses meanwhile');
    expect(sink.contacts('b2').at(-1)).toBe('pressed');
  });

  test('a press is told as it happens; one that nobody heard may be as old as the last frame', async () => {
    const { sim, sink, open } = await enter();
    await open();
    await sim.tap(1);
    await until(() => sink.contacts('b1').length === 3, 'press and release');
    await sim.unplug();
    await until(() => sink.story('box.desk.absent').length === 1, 'absent');
    const { monoMs } = systemClock().now();
    await sim.tap(1);
    await sim.replug();
    await until(() => sink.total('b1') === 2, 'the press meanwhile');
    const facts = sink.of('input.changed').filter(({ input }) => input === 'b1');
    expect(facts.map(({ earliestMs }) => typeof earliestMs)).toEqual([
      ...['object', 'undefined', 'undefined', 'number'],
    ]);
    expect(facts[0]?.earliestMs).toBeNull();
    expect(facts[3]?.earliestMs).toBeLessThanOrEqual(monoMs);
  });

  test('pulled and plugged ten times: nothing is left behind', async () => {
    const clock = new VirtualClock();
    const { sim, sink, open, driver } = await enter({}, clock);
    await open();
    const timers = clock.timers;
    for (let time = 1; time <= 10; time++) {
      await sim.unplug();
      await until(() => sink.story('box.desk.absent').length === 2 * time - 1, 'absent');
      await sim.replug();
      await until(() => {
        clock.advance(500);
        return sink.story('box.desk.absent').length === 2 * time;
      }, 'back');
    }
    sim.press(1);
    await until(() => sink.total('b1') === 1, 'press');
    expect(clock.timers).toBe(timers);
    await driver.close();
    expect(clock.timers).toBe(0);
  });
});

describe('a path that is none', () => {
  const alone = async (path: string) => {
    const sink = new RecordingSink();
    const driver = new ButtonBox({
      id: 'desk',
      path,
      baud: 115_200,
      inputs: { 1: 'b1' },
      clock: systemClock(),
    });
    await driver.open(sink);
    await until(() => sink.facts.length > 0, 'a fault');
    await driver.close();
    return sink;
  };

  test('missing', async () => {
    const sink = await alone('/dev/no-such-box');
    expect(sink.facts).toMatchObject([{ kind: 'fault.raised', fault: 'box.desk.absent' }]);
    expect(sink.of('fault.raised')[0]?.detail).toContain('Plug the button box in');
  });

  test('a file, and a link to nowhere', async () => {
    const { dir } = await enter();
    await writeFile(join(dir, 'file'), '');
    expect((await alone(join(dir, 'file'))).story('box.desk.absent')).toEqual(['raised']);
    await symlink('/dev/no-such-box', join(dir, 'link'));
    expect((await alone(join(dir, 'link'))).story('box.desk.absent')).toEqual(['raised']);
    await rm(join(dir, 'link'));
  });

  test('held by another program', async () => {
    const { path, open } = await enter();
    await open();
    const sink = await alone(path);
    expect(sink.of('fault.raised')[0]?.detail).toContain('Another program holds the port');
  });
});

describe('inputs that do not fit the configuration', () => {
  test('a number nobody named, and one the box does not have', async () => {
    const { sim, sink, driver } = await enter({ inputs: { 1: 'b1', 3: 'b3' } });
    await driver.open(sink);
    sim.speak();
    await until(() => sink.of('fault.raised').length === 2, 'both faults');
    expect(sink.story('box.desk.input-2.unknown')).toEqual(['raised']);
    expect(sink.story('box.desk.input-3.missing')).toEqual(['raised']);
    expect(sink.contacts('b1')).toEqual(['normal']);
  });
});
