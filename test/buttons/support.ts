// What the tests of button boxes share: a sink that remembers, a wait with a deadline, a room with
// a simulated box and the driver on its other end.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BoxSetup, ButtonBox } from '#agent/buttons/box.ts';
import type { Fact, FactKind, FactOf } from '#agent/core/fact.ts';
import type { Clock, Sink } from '#agent/ports.ts';
import { SimBox } from '#agent/sim/box.ts';
import { systemClock } from '#agent/system/clock.ts';

export class RecordingSink implements Sink {
  readonly facts: Fact[] = [];

  emit(fact: Fact): void {
    this.facts.push(fact);
  }

  of<K extends FactKind>(kind: K): FactOf<K>[] {
    return this.facts.filter((fact): fact is FactOf<K> => fact.kind === kind);
  }

  /** `raised`, `cleared`, .. of one fault, in order. */
  story(fault: string): string[] {
    return this.facts.flatMap((fact) =>
      (fact.kind === 'fault.raised' || fact.kind === 'fault.cleared') && fact.fault === fault
        ? [fact.kind.slice('fault.'.length)]
        : [],
    );
  }

  contacts(input: string): string[] {
    return this.of('input.changed').flatMap((fact) => (fact.input === input ? [fact.contact] : []));
  }

  total(input: string): number | undefined {
    return this.of('input.changed').findLast((fact) => fact.input === input)?.count?.total;
  }
}

/** Waits for a condition, 5 s at most. */
export async function until(
  condition: () => boolean,
  what: string,
  withinMs = 15_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise<void>((done) => setTimeout(done, 2));
  }
}

/** A simulated box with two buttons, `b1` and `b2`, and a driver that is not yet open. */
export async function boxRoom(
  setup: Partial<Omit<BoxSetup, 'clock'>> = {},
  clock: Clock = systemClock(),
) {
  const dir = await mkdtemp(join(tmpdir(), 'gate-box-'));
  const sim = new SimBox({ dir, inputs: 2 });
  await sim.open();
  const { path } = sim;
  const make = () =>
    new ButtonBox({
      id: 'desk',
      path,
      baud: 115_200,
      inputs: { 1: 'b1', 2: 'b2' },
      ...setup,
      clock,
    });
  const driver = make();
  const sink = new RecordingSink();
  const open = async () => {
    await driver.open(sink);
    sim.speak();
    await until(() => sink.of('input.changed').length >= 2, 'level at start');
  };
  const close = async () => {
    await driver.close();
    await sim.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, sim, driver, make, sink, path, open, close };
}
