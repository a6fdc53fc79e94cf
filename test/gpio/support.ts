// A terminal's GPIO on a simulated chip, with a clock that a test moves.

import { onTestFinished } from 'vitest';
import { Gpio, type GpioSetup } from '#agent/gpio/gpio.ts';
import type { InputSetup } from '#agent/gpio/input.ts';
import type { Place } from '#agent/gpio/kernel.ts';
import type { OutputSetup } from '#agent/gpio/output.ts';
import { RecordingSink } from '#test/buttons/support.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { place, SimChip } from './sim-chip.ts';

export const debounceMs = 50;
export const noOutputs: GpioSetup['outputs'] = { lamp: null, buzzer: null, strobe: null };

/** An output that a level lights. */
export const on = (at: Place, level: OutputSetup['on'] = 1) => ({ place: at, on: level });

/** A make contact to a line of its own name that is high while it is closed. */
export const button = (id: string, also: Partial<InputSetup> = {}): InputSetup => ({
  ...{ id, name: `Button ${id}`, contact: 'no', place: place(id), pair: null },
  ...{ bias: 'pull-down', closed: 1 },
  ...also,
});

export function bench(
  inputs: readonly InputSetup[],
  outputs: GpioSetup['outputs'] = noOutputs,
  lines: readonly string[] = [],
) {
  const clock = new VirtualClock();
  const names = inputs.flatMap((one) => [one.place, one.pair]).map((at) => at?.line ?? '');
  const chip = new SimChip(clock, [...new Set([...names, ...lines])]);
  const gpio = new Gpio({ driver: 'auto', inputs, outputs, debounceMs, clock, kernel: chip });
  const sink = new RecordingSink();
  onTestFinished(() => gpio.close());
  return { clock, chip, gpio, sink, open: () => gpio.open(sink) };
}
