// The whole terminal with a fake at each port and a clock that the story moves. What a story looks at
// is what people would see: lamp, light, what the platform got.

import { rights, topicsOf, wireOf } from '#agent/contract.ts';
import type { CommandArgs, Role } from '#agent/core/command.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import type { Setup } from '#agent/core/setup.ts';
import { Terminal } from '#agent/terminal.ts';
import { countingIds, VirtualClock } from '#test/fakes/clock.ts';
import { FakeDome } from '#test/fakes/dome.ts';
import { FakeInputs } from '#test/fakes/inputs.ts';
import { FakeLamp } from '#test/fakes/lamp.ts';
import { MemoryStore } from '#test/fakes/store.ts';
import { FakeUplink } from '#test/fakes/uplink.ts';
import { contractIdentity } from '#test/support/identity.ts';

const terminalId = 'gate-1';

export const setup: Setup = {
  terminal: terminalId,
  version: '0.0.0',
  receipts: 'platform',
  debounceMs: 50,
  media: defaultMediaRules,
  rights,
  inputs: {
    desk: { role: 'button', kind: 'emergency', name: 'Desk' },
    gate: { role: 'button', kind: 'emergency', name: 'Gate' },
    quiet: { role: 'button', kind: 'silent', name: 'Under the desk' },
    reset: { role: 'local-reset', name: 'Local reset' },
  },
};

/** What the platform reads off the wire. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly incident?: string;
  readonly count?: number;
  readonly mark?: string | null;
  readonly chain?: { readonly seq: number; readonly hash: string };
}

export class World {
  readonly clock: VirtualClock;
  readonly store = new MemoryStore({
    terminal: terminalId,
    wire: (message, head) => JSON.stringify(wireOf(message, terminalId, contractIdentity, head)),
  });
  readonly inputs = new FakeInputs(Object.keys(setup.inputs), () => this.clock.monoMs);
  readonly dome: FakeDome;
  uplink = new FakeUplink(terminalId);
  lamp = new FakeLamp();
  #ids = countingIds('fact');
  #terminal: Terminal | null = null;
  #commands = 0;
  readonly #toldBefore: Told[] = [];
  /** Facts that were stepped, by kind. */
  readonly stepped: string[] = [];

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
    this.dome = new FakeDome(clock);
  }

  /** The daemon starts. */
  async start(): Promise<this> {
    this.#toldBefore.push(...this.told);
    this.uplink = new FakeUplink(terminalId);
    this.lamp = new FakeLamp();
    const { clock, store, dome, lamp, uplink } = this;
    const watch = {
      stepped: (fact: { kind: string }) => void this.stepped.push(fact.kind),
      committed: () => undefined,
    };
    const inputs = [this.inputs];
    const ids = this.#ids;
    this.#terminal = new Terminal({ setup, clock, ids, store, inputs, lamp, dome, uplink, watch });
    await this.#terminal.open();
    await this.passes(0);
    return this;
  }

  /** The link comes up and the platform answers every message. */
  async online({ receipts = true } = {}): Promise<this> {
    this.uplink.sendsReceipts = receipts;
    await this.uplink.connect();
    await this.passes(0);
    return this;
  }

  /** SIGKILL: nothing is closed, nothing is finished. */
  async killed(): Promise<void> {
    this.#terminal = null;
    await this.inputs.close();
    await this.lamp.close();
    // Told to nobody: a dead process that heard of it would set its timers anew.
    this.uplink.online = false;
    this.store.crash();
    // Timers of a process that is gone never fire.
    this.clock.forget();
    await this.passes(0);
  }

  async stops(): Promise<void> {
    await this.#terminal?.close('SIGTERM');
    this.#terminal = null;
  }

  async passes(ms: number): Promise<void> {
    await this.clock.pass(ms);
  }

  async press(input: string): Promise<void> {
    this.inputs.press(input);
    await this.passes(200);
    this.inputs.release(input);
    await this.passes(200);
  }

  /** `issuedMs`: by the sender's clock; ours unless told otherwise. */
  async command(
    args: CommandArgs,
    { role = '110-city' as Role, id = '', bootId = 'boot-1', issuedMs = this.clock.wallMs } = {},
  ) {
    const { verb, ...rest } = args;
    const head = { v: 1, id: id || `c${++this.#commands}`, bootId };
    const issued = { issuedMs: Math.round(issuedMs), lifetimeMs: 30_000 };
    const payload = JSON.stringify({ ...head, ...issued, ...rest });
    const topic = topicsOf(terminalId).command(role, 'li', verb);
    this.uplink.receive({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false });
    await this.passes(0);
    return this.uplink.replies.at(-1)?.answer;
  }

  /** The daemon that is running. */
  get terminal(): Terminal {
    if (!this.#terminal) throw new Error('the daemon is not running');
    return this.#terminal;
  }

  /** Alarms and events that went over this connection, in order. */
  get told(): Told[] {
    const { alarm, event } = topicsOf(terminalId);
    return this.uplink.wire
      .filter(({ topic }) => topic === alarm || topic === event)
      .map(({ payload }) => JSON.parse(payload));
  }

  /** The same over every connection so far, each message once. */
  get everTold(): Told[] {
    const all = [...this.#toldBefore, ...this.told];
    return [...new Map(all.map((one) => [one.id, one])).values()];
  }

  get toldKinds(): string[] {
    return this.told.map(({ kind }) => kind);
  }

  get raised(): Told[] {
    return this.told.filter(({ kind }) => kind === 'alarm.raised');
  }

  get word(): string | undefined {
    return this.lamp.target?.word;
  }

  /** Words the lamp has said since the daemon's start, in order. */
  get words(): string[] {
    return this.lamp.wants.map(({ word }) => word).filter((word, n, all) => word !== all[n - 1]);
  }
}
