// Shows all colours and the buzzer on whatever carries the lamp in this site, by the daemon's own drivers,
// for as long as a lamp test takes. Only where no daemon has the port or line; it is given back afterwards.

import { ButtonBox } from '../buttons/box.ts';
import type { Fact } from '../core/fact.ts';
import { Gpio } from '../gpio/gpio.ts';
import type { Place } from '../gpio/kernel.ts';
import { testShownMs, testSignal } from '../lamp/patterns.ts';
import { lights } from '../lamp/switches.ts';
import type { Clock, Indicator } from '../ports.ts';
import { type Group, type Site, type Value, valueAt } from './site.ts';

/** Boxes are heard, and lines that teach-in has watched are free again, within this. */
const readyWithinMs = 12_000;
const lookEveryMs = 100;

export interface Shown {
  /** How many lamps there are. */
  readonly lamps: number;
  /** What could not be had, as the drivers word it. */
  readonly troubles: readonly string[];
}

interface Carrier {
  readonly indicator: Indicator;
  readonly isReady: () => boolean;
  open(sink: { emit(fact: Fact): void }): Promise<void>;
  close(): Promise<void>;
}

export async function showLamp(site: Site, clock: Clock): Promise<Shown> {
  const carriers = [...boxesOf(site, clock), ...linesOf(site, clock)];
  const troubles = new Map<string, string>();
  const sink = {
    emit(fact: Fact) {
      if (fact.kind === 'fault.raised') troubles.set(fact.fault, fact.detail);
      if (fact.kind === 'fault.cleared') troubles.delete(fact.fault);
    },
  };
  const pause = (ms: number) => new Promise<void>((done) => clock.after(ms, done));
  try {
    for (const carrier of carriers) await carrier.open(sink);
    const endMs = clock.now().monoMs + readyWithinMs;
    const areReady = () => carriers.every(({ isReady }) => isReady());
    while (!areReady() && clock.now().monoMs < endMs) await pause(lookEveryMs);
    for (const { indicator } of carriers) indicator.show(testSignal);
    if (carriers.length > 0) await pause(testShownMs);
    return { lamps: carriers.length, troubles: areReady() ? [] : [...troubles.values()] };
  } finally {
    await Promise.all(carriers.map((carrier) => carrier.close()));
  }
}

const groupsAt = (site: Site, field: string): readonly Group[] => {
  const found = valueAt(site, field);
  return Array.isArray(found) ? found.filter((one) => typeof one === 'object') : [];
};
const textOf = (value: Value | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

function boxesOf(site: Site, clock: Clock): Carrier[] {
  const carrying = groupsAt(site, 'boxes').filter(({ indicator }) => indicator !== 'false');
  return carrying.map(({ id, path, baud, inputs }) => {
    const numbers = typeof inputs === 'object' ? Object.keys(inputs) : [];
    const box = new ButtonBox({
      ...{ id: textOf(id, 'box'), path: textOf(path, ''), clock },
      baud: Number(textOf(baud, '115200')),
      inputs: Object.fromEntries(numbers.map((number) => [number, number])),
    });
    return {
      indicator: box,
      isReady: () => box.figures().frames > 0,
      open: (sink) => box.open(sink),
      close: () => box.close(),
    };
  });
}

function linesOf(site: Site, clock: Clock): Carrier[] {
  const lamp = Object.fromEntries(
    Object.keys(lights).map((light) => [light, outputAt(site, `gpio.outputs.lamp.${light}`)]),
  );
  const buzzer = outputAt(site, 'gpio.outputs.buzzer');
  const outputs = { lamp, buzzer, strobe: null };
  const gpio = new Gpio({ driver: 'auto', inputs: [], outputs, debounceMs: 50, clock });
  const { indicator } = gpio;
  if (!indicator) return [];
  return [
    {
      indicator,
      isReady: () => gpio.figures().lines.every(({ where }) => where !== null),
      open: (sink) => gpio.open(sink),
      close: () => gpio.close(),
    },
  ];
}

function outputAt(site: Site, field: string): { place: Place; on: 0 | 1 } | null {
  const found = valueAt(site, field);
  if (found === null || typeof found === 'string' || Array.isArray(found)) return null;
  const { line, chip, offset, on } = found as Group;
  const place = {
    line: textOf(line, '') || null,
    chip: textOf(chip, '') || null,
    offset: offset === undefined ? null : Number(textOf(offset, '0')),
  };
  return { place, on: on === 'low' ? 0 : 1 };
}
