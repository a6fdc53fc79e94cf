// A teach-in on a simulated chip with a clock that a test moves; by day the room of an installer.

import { onTestFinished } from 'vitest';
import type { Level } from '#agent/gpio/kernel.ts';
import { Teach, type TeachSetup } from '#agent/teach/teach.ts';
import { noUses } from '#agent/teach/uses.ts';
import type { LineView, Signal, TeachView } from '#agent/teach/view.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { SimChip } from '#test/gpio/sim-chip.ts';

export function lineRoom(names: readonly string[], setup: Partial<TeachSetup> = {}) {
  const clock = new VirtualClock();
  const chip = new SimChip(clock, names);
  const serialPorts = () => [];
  const teach = new Teach({
    ...{ clock, driver: 'auto', uses: noUses, kernel: chip, serialPorts },
    ...setup,
  });
  onTestFinished(() => teach.close());
  let args: { readonly [name: string]: unknown } = {};
  const look = (): Promise<TeachView> => teach.look(args);
  /** Looks ten times a second meanwhile. */
  const watch = async (ms: number): Promise<TeachView> => {
    for (let passed = 0; passed < ms; passed += 100) {
      await look();
      clock.advance(100);
    }
    return look();
  };
  const move = async (name: string, level: Level, forMs: number) => {
    chip.drive(name, level);
    return watch(forMs);
  };
  return {
    ...{ clock, chip, teach, look, watch, move },
    /** What a button does: leaves its rest and comes back. */
    press: async (name: string, ms = 300): Promise<TeachView> => {
      const rest = chip.line(name).level;
      await move(name, rest === 1 ? 0 : 1, ms);
      return move(name, rest, 500);
    },
    asking: (next: typeof args) => {
      args = next;
    },
  };
}

export function lineOf(view: TeachView, name: string): LineView {
  const line = view.lines.find((one) => one.name === name);
  if (!line) throw new RangeError(`no line ${name}`);
  return line;
}

export const signalOf = (view: TeachView, name: string): Signal | null => lineOf(view, name).signal;
