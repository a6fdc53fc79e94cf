// A button box on a pair of pseudo terminals, as config/button-box.md has it: buttons that bounce, lamp
// and buzzer whose history tests look at, and everything that goes wrong with boxes and cables.

import { randomInt } from 'node:crypto';
import { constants, openSync } from 'node:fs';
import { setTimeout as waitMs } from 'node:timers/promises';
import tty from 'node:tty';
import {
  type ContactName,
  colourAt,
  deadSign,
  frameOf,
  type Letter,
  LineCollector,
  letters,
  readOutput,
  type Shown,
} from './box-frames.ts';
import { openPtyPair, type PtyPair } from './pty.ts';

const quietMs = 30;
const heartbeatMs = 1000;
const deadAfterMs = 6000;
/** A line that nobody reads loses frames; it does not store them. */
const lineHoldsBytes = 1024;
export interface SimBoxSetup {
  /** Where the ends of the cable are made. */
  readonly dir: string;
  readonly name?: string;
  /** Buttons, 1 to 16. */
  readonly inputs: number;
  readonly onShown?: (entry: ShownEntry) => void;
}

export interface ShownEntry {
  /** Unix time, milliseconds. */
  readonly atMs: number;
  /** Pattern, or `dead`: the box's own sign for a terminal that says nothing. */
  readonly lamp: string;
  /** The pattern that began to sound with this change; null where what sounded went on. */
  readonly buzzer: string | null;
}

interface Loop {
  /** The contact as it is. */
  level: Letter;
  /** The contact as it was told last. */
  told: Letter;
  presses: number;
  quiet: NodeJS.Timeout | null;
}

export class SimBox {
  readonly history: ShownEntry[] = [];
  readonly #setup: SimBoxSetup;
  #pair: PtyPair | null = null;
  #line: tty.ReadStream | null = null;
  #collector = new LineCollector();
  #loops: Loop[] = [];
  #session = '';
  #seq = 0;
  #bornMs = 0;
  #shown: Shown | null = null;
  #dead = true;
  #shownSinceMs = 0;
  #silent = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;

  constructor(setup: SimBoxSetup) {
    this.#setup = setup;
  }

  /** Lays the cable and switches the box on. */
  async open(): Promise<void> {
    await this.replug();
    this.powerOn();
  }

  async close(): Promise<void> {
    this.powerOff();
    await this.unplug();
  }

  /** What the terminal's configuration names as path. */
  get path(): string {
    return this.#pair?.agentPath ?? '';
  }

  get session(): string {
    return this.#session;
  }

  /** The pattern on the lamp, or `dead`. */
  get lamp(): string {
    return this.#dead ? 'dead' : (this.#shown?.lamp ?? 'dead');
  }

  /** The buzzer pattern given last. */
  get buzzer(): string {
    return this.#shown?.buzzer ?? '0x';
  }

  /** Letter of the colour that is lit now, or `-`. */
  get colour(): string {
    const pattern = this.#dead ? deadSign : (this.#shown?.lamp ?? deadSign);
    return colourAt(pattern, Date.now() - this.#shownSinceMs);
  }

  get inputs(): number {
    return this.#setup.inputs;
  }

  /** Counted since it got power. */
  presses(number: number): number {
    return this.#loop(number).presses;
  }

  press(number: number): void {
    this.contact(number, 'pressed');
  }

  release(number: number): void {
    this.contact(number, 'normal');
  }

  /** A press and its release, as fast as this box can tell two apart. */
  async tap(number: number): Promise<void> {
    this.press(number);
    await this.quiet(number);
    this.release(number);
    await this.quiet(number);
  }

  /** Resolves when the next edge of this contact will be told at once. */
  async quiet(number: number): Promise<void> {
    while (this.#loop(number).quiet) await waitMs(2);
  }

  contact(number: number, contact: ContactName): void {
    this.#edge(this.#loop(number), letters[contact]);
  }

  /** A press whose contact chatters for some 10 ms before it stays made. */
  async bounce(number: number, edges = 10): Promise<void> {
    for (let edge = 0; edge < edges; edge++) {
      this.press(number);
      await waitMs(1);
      this.release(number);
    }
    this.press(number);
  }

  powerOff(): void {
    for (const timer of [...this.#loops.map(({ quiet }) => quiet), this.#heartbeat, this.#deadline])
      clearTimeout(timer ?? undefined);
    this.#heartbeat = null;
    this.#deadline = null;
  }

  /** A new session; what is held down now counts as one press. */
  powerOn(): void {
    this.powerOff();
    const levels = Array.from(
      { length: this.#setup.inputs },
      (_, i) => this.#loops[i]?.level ?? 'N',
    );
    this.#loops = levels.map((level) => ({
      level,
      told: level,
      presses: level === 'P' ? 1 : 0,
      quiet: null,
    }));
    const before = this.#session;
    while (this.#session === before)
      this.#session = randomInt(0x10000).toString(16).toUpperCase().padStart(4, '0');
    this.#seq = 0;
    this.#bornMs = performance.now();
    this.#shown = null;
    this.#die();
    this.#tell();
  }

  /** Firmware hangs: no frame of any kind, lamp as it is. `false` ends it. */
  hang(on: boolean): void {
    this.#silent = on;
    this.speak();
  }

  /** The heartbeat comes now. */
  speak(): void {
    this.#tell();
  }

  /** Anything at all, put on the line as if the box had sent it. Resolves when it has left. */
  async raw(bytes: string | Buffer): Promise<void> {
    const line = this.#line;
    if (line) await new Promise<void>((done) => line.write(bytes, () => done()));
  }

  /** The next state frame, for tests that want to damage it. */
  nextFrame(): string {
    const inputs = this.#loops.map(({ told, presses }, i) => `${i + 1}:${told}:${presses}`);
    const uptimeMs = Math.floor(performance.now() - this.#bornMs) % 2 ** 32;
    const applied = this.#shown?.seq ?? '-';
    const frame = frameOf(
      `S,1,${this.#session},${this.#seq},${uptimeMs},${applied},${inputs.join(';')}`,
    );
    this.#seq = (this.#seq + 1) % 65536;
    return frame;
  }

  /** Pulls the cable; the box itself keeps its power and goes on counting. */
  async unplug(): Promise<void> {
    this.#line?.destroy();
    this.#line = null;
    await this.#pair?.kill();
    this.#pair = null;
  }

  /** `name`: what the kernel calls it this time. */
  async replug(name = this.#setup.name): Promise<void> {
    if (this.#pair) return;
    this.#pair = await openPtyPair(this.#setup.dir, name);
    const fd = openSync(this.#pair.boxPath, constants.O_RDWR | constants.O_NOCTTY);
    const line = new tty.ReadStream(fd);
    const lost = () => {
      if (this.#line === line) this.#line = null;
    };
    line.on('data', (chunk: Buffer) => {
      for (const payload of this.#collector.take(chunk)) this.#take(payload);
    });
    line.on('error', lost);
    line.on('close', lost);
    this.#line = line;
  }

  #loop(number: number): Loop {
    const loop = this.#loops[number - 1];
    if (!loop) throw new RangeError(`this box has no input ${number}`);
    return loop;
  }

  /** Section 4: the first edge at once, then none until the contact has been quiet. */
  #edge(loop: Loop, level: Letter): void {
    if (loop.level === level) return;
    loop.level = level;
    if (loop.quiet) loop.quiet.refresh();
    else this.#accept(loop);
  }

  #accept(loop: Loop): void {
    loop.told = loop.level;
    if (loop.told === 'P') loop.presses++;
    loop.quiet = setTimeout(() => {
      loop.quiet = null;
      if (loop.level !== loop.told) this.#accept(loop);
    }, quietMs);
    this.#tell();
  }

  #tell(): void {
    const frame = this.nextFrame();
    const line = this.#line;
    if (line && !this.#silent && line.writableLength < lineHoldsBytes) line.write(frame);
    clearTimeout(this.#heartbeat ?? undefined);
    this.#heartbeat = setTimeout(() => this.#tell(), heartbeatMs);
  }

  #take(payload: string): void {
    const output = readOutput(payload);
    if (!output || this.#silent || !this.#heartbeat) return;
    clearTimeout(this.#deadline ?? undefined);
    this.#deadline = setTimeout(() => this.#die(), deadAfterMs);
    const before = this.#shown;
    const wasDead = this.#dead;
    this.#shown = output;
    this.#dead = false;
    const sounds = output.buzzer !== (before?.buzzer ?? '0x');
    if (wasDead || before?.lamp !== output.lamp || sounds)
      this.#record(output.lamp, sounds ? output.buzzer : null);
    if (before?.seq !== output.seq) this.#tell();
  }

  #die(): void {
    if (this.#silent) return;
    this.#dead = true;
    this.#record('dead', null);
  }

  #record(lamp: string, buzzer: string | null): void {
    const atMs = Date.now();
    const before = this.history.at(-1);
    if (before?.lamp !== lamp) this.#shownSinceMs = atMs;
    const entry = { atMs, lamp, buzzer };
    this.history.push(entry);
    this.#setup.onShown?.(entry);
  }
}
