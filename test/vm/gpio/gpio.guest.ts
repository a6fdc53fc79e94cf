// GPIO on a real kernel: both drivers, on the chip with interrupts and on the one without.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { Gpio } from '#agent/gpio/gpio.ts';
import type { DriverName, Level, Place } from '#agent/gpio/kernel.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from '#test/buttons/support.ts';
import { inputsSuite } from '#test/contract/inputs.suite.ts';
import { button, debounceMs, noOutputs, on } from '#test/gpio/support.ts';
import { Bank, live, rig } from './rig.ts';

const drivers = ['chardev', 'sysfs'] as const;
const banks = { with: new Bank('bank0'), without: new Bank('bank1') };
const levels = { pressed: [1, 0], normal: [0, 1], tamper: [0, 0] } as const;
const withinMs = 30_000;

const rest = (bank: Bank): void => {
  for (const [offset, level] of [0, 1, 0, 0, 0, 0].entries())
    bank.drive(offset, level === 1 ? 1 : 0);
};

for (const driver of drivers)
  for (const [interrupts, bank] of Object.entries(banks))
    inputsSuite(
      `${driver}, chip ${interrupts} interrupts`,
      async () => {
        rest(bank);
        const gpio = rig(driver, bank);
        let now = { b1: [0, 1] as readonly Level[], b2: [0] as readonly Level[] };
        const apply = () => {
          for (const [n, level] of [...now.b1, ...now.b2].entries()) bank.drive(n, level);
        };
        return {
          inputs: gpio,
          contact(input, contact) {
            if (contact === 'short' || contact === 'open') throw new RangeError(contact);
            now = { ...now, [input]: levels[contact].slice(0, input === 'b1' ? 2 : 1) };
            if (isLive) apply();
          },
          lose: async () => setLive(false),
          mend: async () => {
            setLive(true);
            apply();
          },
          fault: 'input.b1.line',
          close: () => gpio.close(),
        };
      },
      { counts: false, wiring: ['tamper'] },
    );

let isLive = true;
function setLive(to: boolean): void {
  isLive = to;
  live(to);
}
afterEach(() => {
  if (!isLive) setLive(true);
});

async function opened(driver: 'auto' | DriverName, places: readonly Place[], outputs = noOutputs) {
  const inputs = places.map((place, n) => button(`b${n}`, { place, bias: 'as-is' }));
  const gpio = new Gpio({ driver, inputs, outputs, debounceMs, clock: systemClock() });
  const sink = new RecordingSink();
  onTestFinished(() => gpio.close());
  await gpio.open(sink);
  return { gpio, sink };
}

describe.each(drivers)('%s', (driver) => {
  const bank = banks.with;

  test('a press that comes and goes while the loop is blocked for 300 ms counts', async () => {
    rest(bank);
    const { sink } = await opened(driver, [bank.place(2)]);
    bank.wave(2, 2, 150_000);
    expect(sink.contacts('b0')).toEqual(['normal']);
    await until(() => sink.contacts('b0').length === 3, 'press and release', withinMs);
    expect(sink.contacts('b0')).toEqual(['normal', 'pressed', 'normal']);
  });

  test('bounce of 9 edges is one press each time', async () => {
    rest(bank);
    const { sink } = await opened(driver, [bank.place(2)]);
    for (let press = 1; press <= 5; press++) {
      bank.wave(2, 9, 300);
      await until(() => sink.contacts('b0').at(-1) === 'pressed', 'pressed', withinMs);
      bank.wave(2, 9, 300);
      await until(() => sink.contacts('b0').at(-1) === 'normal', 'released', withinMs);
    }
    const presses = sink.contacts('b0').filter((contact) => contact === 'pressed').length;
    // A busy host can tear a burst apart by more than the 50 ms of bounce; no press may be missing.
    expect(presses).toBeGreaterThanOrEqual(5);
  });

  test('outputs are off at start and as wanted then', async () => {
    bank.drive(4, 0);
    const lamp = { lamp: { green: on(bank.place(4)) }, buzzer: null, strobe: on(bank.place(5), 0) };
    const { gpio } = await opened(driver, [], lamp);
    expect([bank.level(4), bank.level(5)]).toEqual([0, 1]);
    gpio.indicator?.show({ lamp: 'G5000.-100', buzzer: '0x' });
    gpio.strobe?.want(true);
    expect([bank.level(4), bank.level(5)]).toEqual([1, 0]);
    // What a line does that nobody holds is the chip's own affair; the simulator's goes back to its pull.
  });

  test.each([
    ['a line that somebody else holds', 0, /in use by .*(End what holds it|Unexport)/],
    ['an offset past the end', 8, /lines 0 to 7\. Correct the offset/],
  ])('%s: one sentence, and the other button works', async (_, offset, sentence) => {
    rest(bank);
    const other = await opened('chardev', [bank.place(0)]);
    const { sink } = await opened(driver, [bank.place(offset), bank.place(2)]);
    expect(sink.of('fault.raised').map(({ fault }) => fault)).toEqual(['input.b0.line']);
    expect(sink.of('fault.raised')[0]?.detail).toMatch(sentence);
    bank.drive(2, 1);
    await until(() => sink.contacts('b1').at(-1) === 'pressed', 'the other button', withinMs);
    await other.gpio.close();
    if (offset === 0)
      await until(() => sink.story('input.b0.line').length === 2, 'cleared', withinMs);
  });

  test('a chip that is not there: named, with those that are', async () => {
    const { sink } = await opened(driver, [{ line: null, chip: 'it87', offset: 0 }]);
    expect(sink.of('fault.raised')[0]?.detail).toContain('there is no GPIO chip it87; there are:');
    expect(sink.of('fault.raised')[0]?.detail).toContain(bank.label);
  });
});

test('an adapter that is plugged in after the start is taken, by the better way', async () => {
  const bank = banks.with;
  const place = bank.place(2);
  setLive(false);
  const { sink, gpio } = await opened('auto', [place]);
  expect(sink.of('fault.raised')[0]?.detail).toContain('this machine has no GPIO chip');
  setLive(true);
  await until(() => sink.story('input.b0.line').length === 2, 'cleared', withinMs);
  expect(gpio.figures()).toMatchObject({ driver: 'chardev', lines: [{ mode: 'edge' }] });
});

test('sysfs knows no names, and says what to give instead', async () => {
  const { sink } = await opened('sysfs', [{ line: 'door', chip: null, offset: null }]);
  expect(sink.of('fault.raised')[0]?.detail).toMatch(
    /knows no names of lines. Give chip and offset/,
  );
});

describe('the character device', () => {
  const bank = banks.with;

  test('finds a line by its name', async () => {
    rest(bank);
    const { sink, gpio } = await opened('chardev', [{ line: 'door', chip: null, offset: null }]);
    expect(gpio.figures().lines[0]?.where).toBe(`${bank.chip} (${bank.label}) line 2`);
    bank.drive(2, 1);
    await until(() => sink.contacts('b0').at(-1) === 'pressed', 'pressed', withinMs);
  });

  test('a name that is not there: those that are', async () => {
    const { sink } = await opened('chardev', [{ line: 'pannic', chip: null, offset: null }]);
    expect(sink.of('fault.raised')[0]?.detail).toMatch(
      /no GPIO line is called "pannic"; there are: panic/,
    );
  });

  test('names who holds a line', async () => {
    const holder = spawn('gpioset', ['--mode=signal', bank.chip, '3=0']);
    const gone = once(holder, 'exit');
    onTestFinished(async () => {
      holder.kill();
      await gone;
    });
    await until(
      () => execFileSync('gpioinfo', [bank.chip]).includes('gpioset'),
      'it is held',
      withinMs,
    );
    const { sink } = await opened('chardev', [bank.place(3)]);
    expect(sink.of('fault.raised')[0]?.detail).toContain('in use by "gpioset"');
  });

  test('a queue that ran over loses no press', async () => {
    rest(bank);
    const { sink, gpio } = await opened('chardev', [bank.place(2)]);
    bank.wave(2, 3000, 50);
    await until(
      () => sink.contacts('b0').at(-1) === 'normal' && sink.contacts('b0').length >= 3,
      'rest',
      withinMs,
    );
    expect(sink.contacts('b0').slice(0, 2)).toEqual(['normal', 'pressed']);
    expect(gpio.figures().lines[0]?.lost).toBeGreaterThan(0);
  });
});
