// Lamp and buzzer of the box: what the box really shows, and what is said when it does not.

import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '#test/fakes/clock.ts';
import { boxRoom, until } from './support.ts';

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

const ready = { lamp: 'G3900.-100', buzzer: '0x' };
const stored = { lamp: 'Y250.-1500', buzzer: '1xT100' };

describe('indicator of a box', () => {
  test('shows what is wanted, at once, and is believed only when it says so', async () => {
    const { sim, driver, sink, open } = await enter();
    expect(sim.lamp).toBe('dead');
    driver.show(ready);
    await open();
    await until(() => sim.lamp === ready.lamp, 'ready');
    const began = performance.now();
    driver.show(stored);
    await until(() => sim.lamp === stored.lamp, 'stored');
    expect(performance.now() - began).toBeLessThan(100);
    expect(sim.buzzer).toBe('1xT100');
    expect(sink.of('fault.raised')).toEqual([]);
  });

  test('of three changes in one turn the last one is shown', async () => {
    const { sim, driver, open } = await enter();
    await open();
    driver.show(ready);
    driver.show(stored);
    driver.show({ lamp: 'R200.-200', buzzer: '75xT500.-300' });
    await until(() => sim.lamp === 'R200.-200', 'the last');
  });

  test('the same again neither restarts the lamp nor sounds the buzzer twice', async () => {
    const { sim, driver, open } = await enter();
    await open();
    driver.show(stored);
    await until(() => sim.lamp === stored.lamp, 'stored');
    driver.show({ ...stored });
    driver.show({ lamp: 'Y250.-610.Y80.-120.Y80.-610', buzzer: stored.buzzer });
    await until(() => sim.lamp !== stored.lamp, 'fault beside it');
    expect(sim.history.map(({ buzzer }) => buzzer)).toEqual([null, '1xT100', null]);
  });

  test('is shown again after a power cut of the box and after a cable that was pulled', async () => {
    const { sim, driver, open } = await enter();
    await open();
    driver.show(stored);
    await until(() => sim.lamp === stored.lamp, 'stored');
    sim.powerOn();
    expect(sim.lamp).toBe('dead');
    await until(() => sim.lamp === stored.lamp, 'after the power cut', 3000);
    await sim.unplug();
    driver.show(ready);
    await sim.replug();
    await until(() => sim.lamp === ready.lamp, 'after the cable', 3000);
  });

  test('a driver that has gone leaves a lamp that says so', async () => {
    const { sim, driver, open } = await enter();
    await open();
    driver.show(ready);
    await until(() => sim.lamp === ready.lamp, 'ready');
    await driver.close();
    await until(() => sim.lamp === 'dead', 'the sign of a dead terminal', 8000);
  });

  test('a box that goes on with an old pattern is a fault after 3 s, and clears', async () => {
    const clock = new VirtualClock();
    const { sim, driver, sink, open } = await enter({}, clock);
    await open();
    // No lamp has 25 segments by the document: the box keeps what it had.
    driver.show({ lamp: Array.from({ length: 25 }, () => 'R100').join('.'), buzzer: '0x' });
    await until(() => {
      clock.advance(100);
      return sink.story('box.desk.lamp').length === 1;
    }, 'fault');
    driver.show(ready);
    await until(() => sim.lamp === ready.lamp, 'ready');
    await until(() => sink.story('box.desk.lamp').length === 2, 'cleared');
  });

  test('a box without a lamp is sent nothing and missed nothing', async () => {
    const clock = new VirtualClock();
    const { sim, driver, sink, open } = await enter({ indicator: false }, clock);
    await open();
    driver.show(ready);
    for (let second = 0; second < 10; second++) {
      await sim.raw(sim.nextFrame());
      clock.advance(500);
    }
    expect(sink.story('box.desk.lamp')).toEqual([]);
    expect(sim.lamp).toBe('dead');
  });
});
