// The room a fault row is given: a real terminal that it may start and kill, a hand at the buttons, the
// broker, the wire to it, the dome, the data directory; and the books in which the presses are counted.

import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { LampReader } from '#agent/sim/lamp-reader.ts';
import { Platform } from '#agent/sim/platform.ts';
import { journalFile, newestOf } from '#agent/store/journal.ts';
import { House, inputId } from '#test/e2e/support/house.ts';
import { Relay } from '#test/e2e/support/relay.ts';
import { clockShim, setClock } from '#test/support/clock-shim.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { troubleEnv } from '#test/support/trouble.ts';
import { Books, type Press } from './books.ts';
import type { Fault, Outcome } from './fault.ts';

const buttons = 12;
const deliveredWithinMs = 30_000;
/** A busy machine is no fault of the row. */
const startWithinMs = 45_000;

/** Steps before the platform's receipt. */
const early: ReadonlySet<string> = new Set(['unstored', 'stored', 'sent', 'undelivered']);

export class Scene {
  readonly house: House;
  /** Between daemon and broker. */
  readonly relay: Relay;
  readonly books = new Books();
  readonly #reader = new LampReader();
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #next = 0;
  #from = 0;
  #mendedMs: number | null = null;

  private constructor(house: House, relay: Relay) {
    this.house = house;
    this.relay = relay;
    this.books.follow(house.room.platform);
    this.atEnd(() => relay.close());
    process.once('exit', this.#abandon);
  }

  /** Everything but the daemon is running when this resolves. */
  static async open({ preload = [], house: given }: Fault): Promise<Scene> {
    const opened: { relay?: Relay } = {};
    const house = await House.open({
      buttons,
      ...given,
      room: async (broker, dir) => {
        const relay = new Relay(broker.port);
        await relay.listen();
        opened.relay = relay;
        const parts = (await given?.room?.(broker, dir)) ?? {};
        const env = { ...preloads(dir, preload), ...parts.env };
        return { daemonBroker: { url: relay.url }, ...parts, env };
      },
    });
    if (!opened.relay) throw new Error('the house was opened without its wire');
    return new Scene(house, opened.relay);
  }

  async close(): Promise<void> {
    // What a cleanup takes away the daemon may still be using.
    await this.house.endDaemon();
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    await this.house.close();
    process.off('exit', this.#abandon);
  }

  /** A runner that is ended in the middle of a row leaves no process behind. */
  readonly #abandon = (): void => {
    this.room.daemon.signal('SIGKILL');
    void this.house.broker.down('SIGKILL');
  };

  /** Undone after the daemon has ended, last first. */
  atEnd(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  get room() {
    return this.house.room;
  }

  /** The daemon's data directory; it is not there before the first start. */
  get dataDir(): string {
    return this.house.dataDir;
  }

  get databaseFile(): string {
    return join(this.dataDir, 'gate.db');
  }

  /** Starts the daemon and waits until it is online; the first time also until it has heard how far the
   * box has counted, from which on no press is missed. */
  async start(): Promise<void> {
    const isFirst = !existsSync(this.databaseFile);
    await this.house.start(startWithinMs);
    if (isFirst) await this.house.until('the counts of the box', () => this.#knowsBox());
  }

  #knowsBox(): boolean {
    const db = new Sqlite(this.databaseFile, { readonly: true, fileMustExist: true });
    try {
      const known = db.prepare("select count(*) from entity where tab = 'inputs'").pluck().get();
      return Number(known) >= this.room.box.inputs;
    } finally {
      db.close();
    }
  }

  /** Ends the daemon and waits until the kernel says that it has gone. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.room.daemon.end(signal);
  }

  /** Presses and releases a button that was never pressed before (or this one): one incident each. */
  async press(number?: number): Promise<Press> {
    const press = this.hold(number);
    const { box } = this.room;
    await box.quiet(press.number);
    box.release(press.number);
    await box.quiet(press.number);
    return press;
  }

  /** The same, but the button stays down, and nothing is waited for. */
  hold(number = this.#unused()): Press {
    const { box } = this.room;
    if (this.books.presses.length === 0) this.#from = box.history.length;
    const press = this.books.press(inputId(number), number);
    box.press(number);
    return press;
  }

  /** Changes the daemon's configuration file, field by field; for a daemon that is to be started. */
  async configure(change: { readonly [section: string]: object }): Promise<void> {
    const file = join(this.house.dir, 'gate-agent.yaml');
    const config = JSON.parse(await readFile(file, 'utf8'));
    for (const [section, fields] of Object.entries(change))
      config[section] = Array.isArray(fields) ? fields : { ...config[section], ...fields };
    await writeFile(file, JSON.stringify(config, null, 2));
  }

  /** The platform has been told of this press; of all that were made unless one is named. */
  async arrived(press?: Press, withinMs = deliveredWithinMs): Promise<void> {
    const waited = press ? [press] : this.books.presses;
    const isThere = () => waited.every(({ arrivedMs }) => arrivedMs !== null);
    await this.house.until('the alarm at the platform', isThere, withinMs);
  }

  /** The daemon owes the platform nothing any more. */
  async settled(withinMs = deliveredWithinMs): Promise<void> {
    await this.arrived(undefined, withinMs);
    await this.house.until('nothing to be owed', () => this.#owesNothing(), withinMs);
  }

  /** An empty outbox; on a disk that takes nothing a receipt for each incident. */
  async #owesNothing(): Promise<boolean> {
    const status = await this.room.status();
    if (!status?.online) return false;
    if (status.store?.outboxRows === 0) return true;
    const isBroken = status.faults.some(({ fault }) => fault.startsWith('storage.'));
    return isBroken && status.incidents.every(({ step }) => !early.has(step));
  }

  /** The lamp has said this since the first press. */
  async lampSaid(word: string, withinMs?: number): Promise<void> {
    const said = () => this.house.wordsSince(this.#from).includes(word);
    await this.house.until(`the lamp to say ${word}`, said, withinMs);
  }

  /** The platform was told of this fault. */
  async told(fault: string, withinMs = deliveredWithinMs): Promise<void> {
    await this.house.until(`${fault} at the platform`, () => this.has(fault), withinMs);
  }

  /** The alarm journal on the daemon's disk holds so many alarms. */
  async journalled(alarms: number): Promise<void> {
    const held = () => newestOf(readFileSync(join(this.dataDir, journalFile)))?.snapshot.alarms;
    await this.house.until('the alarm in the journal', () => held()?.length === alarms);
  }

  /** The daemon has this fault now; false while it does not answer. */
  async faulty(fault: string): Promise<boolean> {
    const status = await this.room.status();
    return status?.faults.some((one) => one.fault === fault) ?? false;
  }

  /** The fault is over: `after_ms` counts from here. */
  mended(): void {
    this.#mendedMs = monotonicMs();
  }

  /** With `preload: ['fsync']`: fsync hangs from now on, or returns again. */
  async hangDisk(on: boolean): Promise<void> {
    const file = join(this.house.dir, 'hang');
    if (on) await writeFile(file, '');
    else await rm(file, { force: true });
  }

  /** With `preload: ['clock']`: the daemon's wall clock is so many seconds beside the machine's. */
  setClock(offsetS: number): void {
    setClock(this.house.dir, offsetS);
  }

  /** With `preload: ['trouble']`: see trouble.cjs. */
  async trouble(what: string): Promise<void> {
    await writeFile(join(this.house.dir, 'trouble'), what);
    this.room.daemon.signal('SIGUSR2');
  }

  /** One more platform, at another broker; what it is told counts as well. */
  async platformAt(broker: string): Promise<Platform> {
    const file = join(this.house.dir, `platform-${this.#cleanups.length}.jsonl`);
    const platform = new Platform({ broker, file, clientId: `platform-${this.#cleanups.length}` });
    await platform.open();
    this.atEnd(() => platform.close());
    this.books.follow(platform);
    return platform;
  }

  /** What the row shows, but for its judgement. */
  seen(): Omit<Outcome, 'fault' | 'what' | 'wrong'> {
    const { presses, alarms, faults } = this.books;
    const arrived = presses.flatMap(({ arrivedMs }) => arrivedMs ?? []);
    const isComplete = presses.length > 0 && arrived.length === presses.length;
    const slowest = (sinceMs: (atMs: number) => number) =>
      isComplete
        ? Math.max(...presses.map(({ atMs, arrivedMs }) => (arrivedMs ?? 0) - sinceMs(atMs)))
        : null;
    const mendedMs = this.#mendedMs;
    const after = mendedMs === null ? null : slowest((atMs) => Math.max(atMs, mendedMs));
    return {
      guard: this.#guard(),
      alarms,
      presses: this.books.told(),
      told: faults,
      alarm_ms: whole(slowest((atMs) => atMs)),
      after_ms: after !== null && after < 0 ? null : whole(after),
      strobe_ms: whole(this.#strobeMs()),
      ...this.books.balance(),
    };
  }

  has(fault: string): boolean {
    return this.books.faults.includes(fault);
  }

  #unused(): number {
    this.#next += 1;
    return this.#next;
  }

  #strobeMs(): number | null {
    const [first] = this.books.presses;
    if (!first) return null;
    const on = this.room.dome.actuators.history.find(
      (change) => change.what === 'strobe' && change.on === true && change.atMs >= first.atMs,
    );
    return on ? on.atMs - first.atMs : null;
  }

  /** The lamp's words since the first press, as a person with the guard's card reads them. */
  #guard(): string[] {
    const words = this.room.box.history.slice(this.#from).map(({ lamp }) => {
      const { word, fault, linkDown } = this.#reader.read(lamp);
      return `${linkDown && word === 'ready' ? 'link down' : word}${fault ? '*' : ''}`;
    });
    return words.filter((word, n) => word !== words[n - 1]);
  }
}

function preloads(dir: string, wanted: NonNullable<Fault['preload']>): NodeJS.ProcessEnv {
  const shims = [
    wanted.includes('fsync') ? fsyncShim(dir) : null,
    wanted.includes('clock') ? clockShim(dir) : null,
  ].filter((shim) => shim !== null);
  const env = Object.assign({}, ...shims, wanted.includes('trouble') ? troubleEnv(dir) : {});
  return { ...env, LD_PRELOAD: shims.map(({ LD_PRELOAD }) => LD_PRELOAD).join(':') };
}

const whole = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
