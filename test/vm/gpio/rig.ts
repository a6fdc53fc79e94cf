// The real seam in a guest with gpio-sim: its lines are driven through sysfs attributes of the simulator, of
// which the drivers know nothing.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Gpio } from '#agent/gpio/gpio.ts';
import type { DriverName, Level, Place } from '#agent/gpio/kernel.ts';
import { systemClock } from '#agent/system/clock.ts';
import { button, debounceMs, noOutputs } from '#test/gpio/support.ts';

const gate = '/sys/kernel/config/gpio-sim/gate';

/** A bank of the simulator: `bank0` has interrupts, `bank1` has none. */
export class Bank {
  readonly #name: string;

  constructor(name: 'bank0' | 'bank1') {
    this.#name = name;
  }

  get label(): string {
    return readFileSync(`${gate}/${this.#name}/label`, 'utf8').trim();
  }

  /** gpiochip0 .. as long as the bank is there. */
  get chip(): string {
    return readFileSync(`${gate}/${this.#name}/chip_name`, 'utf8').trim();
  }

  drive(offset: number, level: Level): void {
    writeFileSync(`${this.#attributes(offset)}/pull`, level === 1 ? 'pull-up' : 'pull-down');
  }

  level(offset: number): Level {
    return readFileSync(`${this.#attributes(offset)}/value`, 'utf8').trim() === '1' ? 1 : 0;
  }

  /** `count` edges `periodUs` apart, during which our own loop is blocked. */
  wave(offset: number, count: number, periodUs: number): void {
    execFileSync('gpio-wave', [`${this.#attributes(offset)}/pull`, `${count}`, `${periodUs}`]);
  }

  place(offset: number): Place {
    return { line: null, chip: this.label, offset };
  }

  #attributes(offset: number): string {
    return `/sys/devices/platform/gpio-sim.0/${this.chip}/sim_gpio${offset}`;
  }
}

/** Takes the chips away, and brings them back. */
export const live = (isThere: boolean): void => writeFileSync(`${gate}/live`, isThere ? '1' : '0');

/** `b1` is a pair on lines 0 and 1, `b2` a make contact on line 2. */
export function rig(driver: DriverName, bank: Bank) {
  const bias = 'as-is';
  const inputs = [
    button('b1', { contact: 'pair', place: bank.place(0), pair: bank.place(1), bias }),
    button('b2', { place: bank.place(2), bias }),
  ];
  const gpio = new Gpio({ driver, inputs, outputs: noOutputs, debounceMs, clock: systemClock() });
  return gpio;
}
