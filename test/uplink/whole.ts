// A whole terminal around a real line: real core, real database, real MQTT; the button is a test's hand.
// Tells of each press when its row was acknowledged by the broker and when the platform had it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rights, wireOf } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import type { InputRole } from '#agent/core/setup.ts';
import type { Stepped } from '#agent/core/step.ts';
import { SqliteStore } from '#agent/store/store.ts';
import { systemClock, systemIds } from '#agent/system/clock.ts';
import { Terminal } from '#agent/terminal.ts';
import { MqttUplink, type UplinkOptions } from '#agent/uplink/uplink.ts';
import { FakeInputs } from '#test/fakes/inputs.ts';
import { FakeLamp } from '#test/fakes/lamp.ts';
import { until } from '#test/support/wait.ts';
import { atEnd } from './rig.ts';
import { evidence, identity, terminal as terminalId } from './rows.ts';

export interface Press {
  readonly id: string;
  readonly atMs: number;
  ackedMs: number | null;
  receivedMs: number | null;
}

const button = (name: string): InputRole & { name: string } => ({
  ...{ role: 'button', kind: 'emergency', name },
});

export class Whole {
  readonly inputs: FakeInputs;
  readonly lamp = new FakeLamp();
  readonly store: SqliteStore;
  readonly uplink: MqttUplink;
  readonly terminal: Terminal;
  readonly presses: Press[] = [];
  readonly facts: Fact[] = [];
  /** How many came, whatever became of them. */
  commands = 0;
  readonly #buttons: readonly string[];
  #next = 0;

  private constructor(dir: string, options: Partial<UplinkOptions>, url: string) {
    const clock = systemClock();
    this.#buttons = Array.from({ length: 200 }, (_, n) => `b${n}`);
    this.inputs = new FakeInputs(this.#buttons, () => clock.now().monoMs);
    this.store = new SqliteStore({
      ...{ dir, terminal: terminalId, clock, pageCapMb: 32, walFrames: 200 },
      wire: (message, head) => JSON.stringify(wireOf(message, terminalId, identity, head)),
    });
    this.uplink = new MqttUplink({
      ...{ terminal: terminalId, identity, evidence, clock, ids: systemIds },
      receipts: 'platform',
      health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
      retry: { firstMs: 100, maxMs: 200 },
      broker: { clientId: terminalId, url },
      ...options,
    });
    this.terminal = new Terminal({
      setup: {
        ...{ terminal: terminalId, version: '1.0.0', receipts: 'platform', debounceMs: 50, rights },
        inputs: Object.fromEntries(this.#buttons.map((id) => [id, button(id)])),
        media: defaultMediaRules,
      },
      ...{ clock, ids: systemIds, store: this.store, inputs: [this.inputs], lamp: this.lamp },
      ...{ dome: null, uplink: this.uplink },
      watch: {
        stepped: (fact, now, stepped) => this.#look(fact, now.monoMs, stepped),
        committed: () => undefined,
      },
    });
  }

  static async open(url: string, options: Partial<UplinkOptions> = {}): Promise<Whole> {
    const dir = await mkdtemp(join(tmpdir(), 'gate-whole-'));
    atEnd(() => rm(dir, { recursive: true, force: true }));
    const whole = new Whole(dir, options, url);
    await whole.terminal.open();
    atEnd(() => whole.terminal.close('the test is over'));
    return whole;
  }

  /** Presses a button that was never pressed before: a new incident. */
  press(): void {
    const input = this.#buttons[this.#next++];
    if (!input) throw new Error('no button is left');
    this.inputs.press(input);
  }

  /** The platform has everything that was pressed. */
  received = (withinMs = 10_000) =>
    until(
      () =>
        this.presses.length === this.#next && this.presses.every(({ receivedMs }) => receivedMs),
      { withinMs, what: 'receipts' },
    );

  online = () =>
    until(() => this.terminal.state.live.online, { withinMs: 10_000, what: 'the line' });

  /** Milliseconds from press to PUBACK, of all presses; those without one count as infinite. */
  get ackMs(): number[] {
    return this.presses.map(({ atMs, ackedMs }) => (ackedMs ?? Infinity) - atMs);
  }

  #look(fact: Fact, monoMs: number, { enqueue }: Stepped): void {
    if (fact.kind === 'command.received') this.commands += 1;
    else this.facts.push(fact);
    for (const { id, body } of enqueue)
      if (body.kind === 'alarm.raised')
        this.presses.push({ id, atMs: monoMs, ackedMs: null, receivedMs: null });
    if (fact.kind !== 'uplink.acked' && fact.kind !== 'uplink.received') return;
    for (const press of this.presses) {
      if (!fact.ids.includes(press.id)) continue;
      press.ackedMs ??= monoMs;
      if (fact.kind === 'uplink.received') press.receivedMs ??= monoMs;
    }
  }
}
