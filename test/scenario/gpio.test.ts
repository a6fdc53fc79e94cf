// A terminal of lines alone: button, lamp, buzzer and a strobe of its own on one chip, no box and no dome.

import { describe, expect, it } from 'vitest';
import { wireOf } from '#agent/contract.ts';
import { Gpio } from '#agent/gpio/gpio.ts';
import { LampDriver } from '#agent/lamp/lamp.ts';
import { Terminal } from '#agent/terminal.ts';
import { countingIds, VirtualClock } from '#test/fakes/clock.ts';
import { MemoryStore } from '#test/fakes/store.ts';
import { FakeUplink } from '#test/fakes/uplink.ts';
import { place, SimChip } from '#test/gpio/sim-chip.ts';
import { button, debounceMs } from '#test/gpio/support.ts';
import { contractIdentity } from '#test/support/identity.ts';
import { setup } from './world.ts';

class Room {
  readonly clock = new VirtualClock();
  readonly chip = new SimChip(this.clock, ['desk', 'quiet', 'reset', 'lamp', 'strobe']);
  readonly #ids = countingIds('fact');
  readonly #store = new MemoryStore({
    terminal: setup.terminal,
    wire: (message, head) =>
      JSON.stringify(wireOf(message, setup.terminal, contractIdentity, head)),
  });
  terminal = this.#made();

  #made(): Terminal {
    const { clock, chip } = this;
    const on = (line: string) => ({ place: place(line), on: 1 as const });
    const inputs = ['desk', 'quiet', 'reset'].map((id) => button(id));
    const outputs = { lamp: { white: on('lamp') }, buzzer: null, strobe: on('strobe') };
    const gpio = new Gpio({ driver: 'auto', inputs, outputs, debounceMs, clock, kernel: chip });
    const indicators = gpio.indicator ? [gpio.indicator] : [];
    return new Terminal({
      ...{ setup, clock, ids: this.#ids, store: this.#store, dome: null, inputs: [gpio] },
      lamp: new LampDriver({ indicators, clock }),
      strobe: gpio.strobe,
      uplink: new FakeUplink(setup.terminal),
      watch: { stepped: () => undefined, committed: () => undefined },
    });
  }

  async start(): Promise<this> {
    await this.terminal.open();
    await this.clock.pass(0);
    return this;
  }

  async restart(): Promise<void> {
    await this.terminal.close('SIGTERM');
    this.clock.forget();
    this.terminal = this.#made();
    await this.start();
  }

  async press(line: string): Promise<void> {
    this.chip.drive(line, 1);
    await this.clock.pass(200);
    this.chip.drive(line, 0);
    await this.clock.pass(200);
  }

  async resolve(): Promise<void> {
    for (const incident of this.open) {
      const args = { verb: 'resolve', incident, reason: 'handled', note: null } as const;
      const { bootId, wallMs } = this.clock.now();
      const sent = { bootId, issuedMs: wallMs, lifetimeMs: 30_000, retained: false };
      const who = { role: '110-city', user: 'li', replyTo: 'x', correlation: null } as const;
      this.terminal.emit({ kind: 'command.received', id: `c-${incident}`, args, ...sent, ...who });
      await this.clock.pass(0);
    }
  }

  get open(): string[] {
    const all = Object.values(this.terminal.state.durable.incidents);
    return all.filter(({ resolved }) => !resolved).map(({ id }) => id);
  }

  get strobe(): number {
    return this.chip.line('strobe').level;
  }
}

describe('a terminal of lines alone', () => {
  it('lights its strobe with the press, and darkens it after the last resolution only', async () => {
    const room = await new Room().start();
    expect(room.strobe).toBe(0);
    await room.press('desk');
    expect(room.open).toHaveLength(1);
    expect(room.strobe).toBe(1);
    await room.resolve();
    expect(room.strobe).toBe(0);
  });

  it('a silent alarm lights nothing', async () => {
    const room = await new Room().start();
    await room.press('quiet');
    expect(room.open).toHaveLength(1);
    expect(room.chip.line('strobe').set.every(({ level }) => level === 0)).toBe(true);
  });

  it('a local reset darkens it until the next press', async () => {
    const room = await new Room().start();
    await room.press('desk');
    await room.press('reset');
    expect([room.strobe, room.open.length]).toEqual([0, 1]);
    await room.press('desk');
    expect(room.strobe).toBe(1);
  });

  it('is dark while the daemon is not there, and lit again when it is back in mid-alarm', async () => {
    const room = await new Room().start();
    await room.press('desk');
    await room.terminal.close('SIGTERM');
    expect([room.strobe, room.chip.line('lamp').level]).toEqual([0, 0]);
    await room.restart();
    expect(room.strobe).toBe(1);
  });

  it('the lamp blinks as the table says: stored is one flash of 250 ms in 1750', async () => {
    const room = await new Room().start();
    await room.press('desk');
    const seen: string[] = [];
    for (let ms = 0; ms < 3500; ms += 50) {
      seen.push(String(room.chip.line('lamp').level));
      await room.clock.pass(50);
    }
    expect(seen.join('')).toMatch(/01{5}0{30}1{5}0/);
  });
});
