// One story, lived through: the whole terminal with a fake at each port, a clock that the story moves,
// and the laws looked at after every action. Ends with everything mended and every case resolved.

import { rights, wireOf } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import type { Setup } from '#agent/core/setup.ts';
import type { LampTarget } from '#agent/core/target.ts';
import { verifyChain } from '#agent/store/chain.ts';
import { Terminal } from '#agent/terminal.ts';
import { countingIds, VirtualClock } from '#test/fakes/clock.ts';
import { FakeDome } from '#test/fakes/dome.ts';
import { FakeLamp } from '#test/fakes/lamp.ts';
import { FakeUplink } from '#test/fakes/uplink.ts';
import { contractIdentity } from '#test/support/identity.ts';
import type { StormStory } from './action.ts';
import { Books } from './books.ts';
import { Dispatchers } from './commands.ts';
import { guardKeys, Hands } from './hands.ts';
import {
  deliveryLaw,
  endLaw,
  headsOf,
  lampLaw,
  lightLaw,
  markLaw,
  overrideLaw,
  platformLaw,
  pressLaw,
  type Scene,
  undeliveredLaw,
  windowLaw,
} from './laws.ts';
import { Life } from './life.ts';
import { Line } from './line.ts';
import { StormStore } from './store.ts';

export const terminalId = 'gate-1';
/** Light is as it must be this long after the last thing that could change it. */
const lightWithinMs = 5_000;
/** More wakes than this within a second, and the terminal spins. */
const wakesMax = 40;

class WatchedLamp extends FakeLamp {
  readonly #told: (target: LampTarget) => void;
  constructor(told: (target: LampTarget) => void) {
    super();
    this.#told = told;
  }
  override want(target: LampTarget): void {
    super.want(target);
    this.#told(target);
  }
}

export class Storm {
  readonly clock = new VirtualClock();
  readonly books = new Books();
  readonly store = new StormStore({
    terminal: terminalId,
    wire: (message, head) => JSON.stringify(wireOf(message, terminalId, contractIdentity, head)),
  });
  readonly dome = new FakeDome(this.clock);
  readonly breaches: string[] = [];
  readonly hands: Hands;
  readonly line: Line;
  readonly dispatchers: Dispatchers;
  readonly scene: Scene;
  readonly story: StormStory;
  life: Life | null = null;
  lamp = new FakeLamp();
  terminal: Terminal | null = null;
  /** Turns of a hanging disk that were written all the same, at the next death. */
  written = 0;
  domeThere = true;
  readonly #setup: Setup;
  readonly #ids = countingIds('f');
  /** What reboots have taken from the monotonic clock. */
  #bootMs = 0;
  #boots = 1;
  readonly #wallAtStart = this.clock.wallMs - this.clock.monoMs;
  #lightDueMs = 0;
  #wakes: number[] = [];

  constructor(story: StormStory) {
    this.story = story;
    const { buttons, receipts } = story;
    const breach = (what: string) => void this.breaches.push(what);
    this.hands = new Hands(buttons, this.books, () => this.nowMs);
    const clocks = { platformMs: () => this.platformMs, nowMs: () => this.nowMs };
    this.dispatchers = new Dispatchers(terminalId, this.books, clocks);
    const sendsReceipts = receipts === 'platform';
    this.line = new Line({
      ...{ terminal: terminalId, books: this.books, breach, sendsReceipts },
      nowMs: () => this.nowMs,
    });
    const { books, line, dispatchers, hands } = this;
    this.scene = { books, line, dispatchers, hands, buttons, receipts };
    this.#setup = setupOf(story);
  }

  /** True time: no reboot and no jump moves it. */
  get nowMs(): number {
    return this.clock.monoMs + this.#bootMs;
  }

  /** The platform's own clock. */
  get platformMs(): number {
    return this.#wallAtStart + this.nowMs;
  }

  // ---- the process -------------------------------------------------------------------------

  async start(): Promise<void> {
    if (this.life) return;
    const life = new Life();
    this.life = life;
    const uplink = new FakeUplink(terminalId, this.story.receipts);
    uplink.acks = false;
    this.lamp = new WatchedLamp((target) => this.#break(lampLaw(target, this.scene)));
    this.hands.started();
    this.disturbed();
    this.store.clock = life.clock(this.clock);
    const store = life.store(this.store, (turn) => {
      const before = this.books.committed(turn, this.store.lastTurn, this.nowMs);
      this.#break(overrideLaw(turn, before, this.books.memory));
      this.#break(markLaw(turn, before, this.scene, this.nowMs));
      this.noteWritten();
      if (turn.entities.some(({ table }) => table === 'incidents' || table === 'site'))
        this.disturbed();
    });
    this.terminal = new Terminal({
      setup: this.#setup,
      clock: life.clock(this.clock),
      ids: this.#ids,
      store,
      inputs: [this.hands.box, this.hands.lines],
      lamp: life.port(this.lamp),
      dome: life.port(this.dome),
      uplink: life.port(uplink),
      watch: { stepped: (fact) => this.#stepped(fact), committed: () => undefined },
    });
    await this.terminal.open();
    await this.settle();
    if (this.life === life) await this.line.started(uplink);
    await this.settle();
  }

  async stop(): Promise<void> {
    if (!this.life) return;
    await this.terminal?.close('SIGTERM');
    this.noteWritten();
    this.life.dead = true;
    await this.settle();
  }

  async reboot(): Promise<void> {
    if (this.life) this.life.dead = true;
    await this.settle();
    this.clock.forget();
    this.#bootMs += this.clock.monoMs - 5_000;
    this.clock.monoMs = 5_000;
    this.clock.bootId = `boot-${++this.#boots}`;
  }

  /** The store has written what it has written. */
  noteWritten(): void {
    this.books.written(this.store.diskTurn);
  }

  // ---- time --------------------------------------------------------------------------------

  async passes(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; ) {
      const slice = Math.min(leftMs, leftMs > 2_000 ? 1_000 : 250);
      await this.clock.pass(slice);
      await this.settle();
      leftMs -= slice;
    }
  }

  /** Lets everything that is on its way arrive; buries a process that has died meanwhile. */
  async settle(): Promise<void> {
    do await this.clock.pass(0);
    while (this.line.pump());
    await this.line.tick(this.nowMs);
    while (this.line.pump()) await this.clock.pass(0);
    if (this.dome.withoutEffect > 0) this.disturbed();
    if (this.life?.dead) await this.#bury();
  }

  async #bury(): Promise<void> {
    this.life = null;
    this.terminal = null;
    this.dispatchers.window = null;
    const isGone = this.store.crash(this.written);
    if (this.books.killed(this.store)) this.dispatchers.forgotten();
    if (isGone) {
      this.books.ruined();
      this.dispatchers.forgotten();
    }
    this.written = 0;
    this.line.died();
    await this.hands.died();
    await this.dome.close();
    this.clock.forget();
  }

  // ---- the laws ----------------------------------------------------------------------------

  /** Something has happened that light and siren may take a while to follow. */
  disturbed(): void {
    this.#lightDueMs = this.nowMs + lightWithinMs;
  }

  check(): void {
    const { scene, terminal, dome } = this;
    this.#break(endLaw(scene));
    if (!terminal) return;
    this.#break(pressLaw(scene));
    this.#break(windowLaw(terminal.state.live.window, scene));
    this.#break(deliveryLaw(scene, this.nowMs));
    if (this.lamp.target) this.#break(undeliveredLaw(this.lamp.target, scene, this.nowMs));
    const target = dome.wants.at(-1);
    if (target) this.#break(lightLaw('wanted', target, scene));
    if (this.domeThere && this.nowMs >= this.#lightDueMs)
      this.#break(lightLaw('at the gate', dome.actuators, scene));
    const known = Object.entries(terminal.state.durable.incidents);
    const is = known.map(([id, one]) => `${id} ${one.presses} ${one.resolved !== null}`).sort();
    const must = [...this.books.memory.cases.values()].map(
      ({ id, presses, resolved }) => `${id} ${presses} ${resolved}`,
    );
    if (is.join() !== must.sort().join())
      this.breaches.push('it knows other cases than it has committed');
    const { outboxRows } = this.store.figures();
    // While the disk is behind, what it has to forget is counted beside what it has to learn.
    if (this.books.behind === 0 && outboxRows !== this.books.memory.waiting.size)
      this.breaches.push(`${outboxRows} rows in the outbox, ${this.books.memory.waiting.size} due`);
  }

  /** Everything is mended and time has passed. */
  checkEnd(): void {
    this.check();
    this.#break(platformLaw(this.scene));
    const { outboxRows, behind } = this.store.figures();
    if (outboxRows > 0) this.breaches.push(`${outboxRows} rows never leave the outbox`);
    if (behind > 0) this.breaches.push(`${behind} turns never reach the disk`);
    const { publicKey } = this.store.key;
    const heads = headsOf(this.scene);
    const signed = { terminal: terminalId, publicKey, heads };
    const chain = verifyChain(this.store.audit, signed, this.store.checkpoints);
    if (!chain.ok) this.breaches.push(`the chain is broken at ${chain.seq}: ${chain.problem}`);
    const word = this.lamp.target?.word;
    if (word === 'unstored' || word === 'undelivered' || word === 'stored')
      this.breaches.push(`all is mended and the lamp says ${word}`);
  }

  #stepped(fact: Fact): void {
    if (fact.kind !== 'time.passed') return;
    const sinceMs = this.nowMs - 1_000;
    this.#wakes = [...this.#wakes.filter((atMs) => atMs > sinceMs), this.nowMs];
    if (this.#wakes.length === wakesMax) this.breaches.push(`${wakesMax} wakes within a second`);
  }

  #break(problems: Iterable<string>): void {
    this.breaches.push(...problems);
  }
}

function setupOf({ buttons, receipts }: StormStory): Setup {
  const inputs: Record<string, Setup['inputs'][string]> = {};
  for (const { id, kind } of buttons) inputs[id] = { role: 'button', kind, name: id };
  for (const [role, id] of Object.entries(guardKeys))
    inputs[id] = { role: role === 'false-alarm' ? 'false-alarm' : 'local-reset', name: role };
  return {
    ...{ terminal: terminalId, version: '0.0.0', receipts, debounceMs: 50, rights, inputs },
    media: defaultMediaRules,
  };
}
