// One free serial port of a teach-in: listened to at one speed after the other until a button box is
// understood, its modem-control lines looked at all the while. Nothing is ever written to it.

import { FrameReader, type InputState, parsePayload } from '../buttons/frame.ts';
import { modemLines, SerialLink } from '../buttons/link.ts';
import type { Clock } from '../ports.ts';
import type { SeenPort } from './port-names.ts';
import type { ContactView, PortView } from './view.ts';
import { Watcher } from './watcher.ts';

/** The usual speeds, a box's own first. */
const bauds = [115_200, 9600, 19_200, 38_400, 57_600, 230_400, 4800, 2400, 1200] as const;
/** A box speaks once a second at least (config/button-box.md). */
const listenMs = 1300;

export class WatchedPort {
  readonly #seen: SeenPort;
  readonly #clock: Clock;
  readonly #modem = new Map(modemLines.map((name) => [name as string, new Watcher()]));
  readonly #box = new Map<string, Watcher>();
  readonly #presses = new Map<string, number>();
  readonly #reader: FrameReader;
  #link: SerialLink | null = null;
  #turn = 0;
  #sinceMs = 0;
  #bytes = 0;
  #frames = 0;
  #trouble: string | null = null;
  #hasModem = false;
  #isAsked = false;
  #turning: Promise<void> | null = null;
  #isClosed = false;

  constructor(seen: SeenPort, clock: Clock) {
    this.#seen = seen;
    this.#clock = clock;
    this.#reader = new FrameReader({
      frame: (payload) => this.#frame(payload),
      damaged: () => undefined,
      noise: () => undefined,
    });
  }

  get device(): string {
    return this.#seen.device;
  }

  /** To be called every few milliseconds. */
  tick(): void {
    const nowMs = this.#nowMs();
    if (this.#turning || this.#isClosed) return;
    if (!this.#link) return this.#listen();
    if (!this.#link.isUp) return;
    if (this.#frames === 0 && nowMs - this.#sinceMs >= listenMs) return this.#listen();
    if (!this.#hasModem || this.#isAsked) return;
    this.#isAsked = true;
    this.#link.modemLines((error, levels) => {
      this.#isAsked = false;
      // Pseudo terminals and many adapters for three wires have none.
      this.#hasModem = error === null;
      if (!error)
        for (const name of modemLines) take(this.#modem.get(name), levels[name], this.#nowMs());
    });
  }

  view(nowMs: number): PortView {
    const { path, device } = this.#seen;
    const isUp = this.#link?.isUp ?? false;
    const contacts = (on: ContactView['on'], all: Iterable<readonly [string, Watcher]>) =>
      [...all]
        .map(([name, watcher]) => ({ on, name, signal: watcher.signal(nowMs) }))
        .filter(({ signal }) => signal.level !== null);
    return {
      ...{ path, device, bytes: this.#bytes, frames: this.#frames },
      state: this.#trouble === null ? 'watched' : 'refused',
      by: this.#trouble,
      baud: isUp ? this.#baud : null,
      contacts: [...contacts('box', this.#box), ...contacts('modem', this.#modem)],
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turning;
    await this.#link?.close();
  }

  get #baud(): number {
    return bauds[this.#turn % bauds.length] ?? bauds[0];
  }

  #nowMs(): number {
    return this.#clock.now().monoMs;
  }

  /** At the next speed; at the first to begin with. */
  #listen(): void {
    this.#turning = this.#relink().finally(() => {
      this.#turning = null;
    });
  }

  async #relink(): Promise<void> {
    const before = this.#link;
    if (before) {
      await before.close();
      this.#turn++;
    }
    if (this.#isClosed) return;
    const setup = { path: this.#seen.path, baud: this.#baud, device: 'serial port' };
    const link = new SerialLink(
      { ...setup, clock: this.#clock },
      {
        up: () => this.#up(link),
        down: (detail) => this.#down(detail),
        data: (chunk) => {
          this.#bytes += chunk.length;
          this.#reader.feed(chunk);
        },
        written: () => undefined,
      },
    );
    this.#link = link;
    await link.open();
  }

  #up(link: SerialLink): void {
    this.#reader.reset();
    this.#trouble = null;
    this.#sinceMs = this.#nowMs();
    this.#isAsked = false;
    link.feed((error) => {
      this.#hasModem = error === null;
    });
  }

  #down(detail: string): void {
    this.#trouble = detail;
    this.#frames = 0;
    for (const watcher of [...this.#box.values(), ...this.#modem.values()]) watcher.lose();
  }

  #frame(payload: string): void {
    const parsed = parsePayload(payload);
    if (!('state' in parsed)) return;
    this.#frames++;
    for (const [number, input] of parsed.state.inputs) this.#input(number, input);
  }

  /** A press that came and went between two frames is in the count alone. */
  #input(number: string, { contact, presses }: InputState): void {
    const known = this.#box.get(number);
    const watcher = known ?? new Watcher();
    this.#box.set(number, watcher);
    const isPressed = contact !== 'normal';
    const more = presses - (this.#presses.get(number) ?? presses);
    this.#presses.set(number, presses);
    const isSeen = isPressed && watcher.level === 0;
    take(watcher, isPressed, this.#nowMs(), 2 * Math.max(0, more - (isSeen ? 1 : 0)));
  }
}

const take = (watcher: Watcher | undefined, isUp: boolean, atMs: number, unseen = 0): void =>
  watcher?.take(isUp ? 1 : 0, atMs, unseen);
