// Teach-in on a real kernel: what is listed of lines, what a look does to them, and a press that finds one.

import { execFileSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseKernel } from '#agent/gpio/choose.ts';
import { Gpio } from '#agent/gpio/gpio.ts';
import { systemClock } from '#agent/system/clock.ts';
import { baselineOf, findIn } from '#agent/teach/found.ts';
import { Teach } from '#agent/teach/teach.ts';
import { noUses } from '#agent/teach/uses.ts';
import type { TeachView } from '#agent/teach/view.ts';
import { RecordingSink } from '#test/buttons/support.ts';
import { debounceMs, noOutputs, on } from '#test/gpio/support.ts';
import { until } from '#test/support/wait.ts';
import { Bank } from './rig.ts';

const withinMs = 60_000;
const clock = systemClock();
const bank = new Bank('bank0');
const deaf = new Bank('bank1');

/** The line of a bank, whichever of its two names the driver has for the chip. */
const lineOf = (view: TeachView, { label }: Bank, offset: number) =>
  view.lines.find((line) => line.label === label && line.offset === offset);

describe.each(['chardev', 'sysfs'] as const)('%s', (driver) => {
  test('a relay is seen and left alone; a press finds its line, with interrupts and without', async () => {
    const outputs = { ...noOutputs, strobe: on(bank.place(5)) };
    const gpio = new Gpio({ driver, inputs: [], outputs, debounceMs, clock });
    onTestFinished(() => gpio.close());
    await gpio.open(new RecordingSink());
    gpio.strobe?.want(true);
    bank.drive(2, 1);
    deaf.drive(3, 0);
    const teach = new Teach({ clock, driver, uses: noUses, serialPorts: () => [] });
    onTestFinished(() => teach.close());
    const seen = (what: string, is: (view: TeachView) => boolean) =>
      until(
        async () => {
          const view = await teach.look({});
          return is(view) ? view : null;
        },
        { withinMs, what },
      );
    const first = await seen('the lines', (view) => {
      const [here, there] = [lineOf(view, bank, 2), lineOf(view, deaf, 3)];
      return here?.signal?.level === 1 && there?.signal?.level === 0;
    });
    expect(first.troubles).toEqual([]);
    const holder = driver === 'sysfs' ? 'sysfs' : 'gate-agent';
    expect(lineOf(first, bank, 5)).toMatchObject({ state: 'busy', by: holder });
    expect(bank.level(5)).toBe(1);
    expect(lineOf(first, deaf, 3)).toMatchObject({ isPolled: true });
    const baseline = baselineOf(first);
    const foundIn = (view: TeachView) =>
      findIn(view, baseline).flatMap((one) =>
        one.what === 'line' ? `${one.line.label} ${one.line.offset}` : [],
      );
    const foundAt = ({ label }: Bank, offset: number) =>
      seen(`a press on ${label} ${offset}`, (now) => foundIn(now).includes(`${label} ${offset}`));
    bank.wave(2, 2, 150_000);
    expect(foundIn(await foundAt(bank, 2))).toEqual([`${bank.label} 2`]);
    deaf.drive(3, 1);
    await seen('held', (view) => lineOf(view, deaf, 3)?.signal?.level === 1);
    deaf.drive(3, 0);
    await foundAt(deaf, 3);
    await teach.close();
    const kernel = (await chooseKernel(driver, clock)).kernel;
    const held = kernel.survey().lines.filter(({ usedBy }) => usedBy === holder);
    expect(held.map(({ label, offset }) => [label, offset])).toEqual([[bank.label, 5]]);
    if (driver === 'chardev')
      expect(execFileSync('gpioinfo', [bank.chip]).toString()).toMatch(/line +2:.*unused +input/);
  });
});
