// What the dome really does: strobe, siren, tracking, wiper, light, relays. Tests look here and nowhere
// else: a request that was answered well proves nothing.

export const actuatorNames = ['strobe', 'siren', 'tracking', 'wiper', 'light'] as const;
export type ActuatorName = (typeof actuatorNames)[number];

export interface Change {
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly atMs: number;
  readonly what: string;
  /** A preset's token for `preset`. */
  readonly on: boolean | string;
}

/** CLOCK_MONOTONIC, milliseconds: comparable with the agent's, in another process too. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const historyMax = 10_000;

/** What hangs on each relay. */
export interface Wires {
  readonly relays: { readonly [token: string]: ActuatorName | null };
  /** Their contact is closed while they are inactive: what hangs on it has power then. */
  readonly closedRelays: readonly string[];
}

export class Actuators {
  strobe = false;
  siren = false;
  tracking = false;
  wiper = false;
  light = false;
  /** Token of the preset it was last sent to. */
  preset = '';
  readonly relays = new Map<string, boolean>();
  readonly history: Change[] = [];
  /** Called after each change. */
  changed: (change: Change) => void = () => {};
  /** Called when a relay has changed, whatever hangs on it. */
  relaySwitched: (token: string, on: boolean) => void = () => {};
  #wires: Wires = { relays: {}, closedRelays: [] };
  readonly #sirenStopsMs: number | null;
  #sirenTimer: NodeJS.Timeout | undefined;

  /** `sirenStopsMs`: sirens of some makes stop by themselves after 5 to 10 s. */
  constructor(sirenStopsMs: number | null) {
    this.#sirenStopsMs = sirenStopsMs;
  }

  set(what: ActuatorName, on: boolean): void {
    if (what === 'siren') this.#rearm(on);
    if (this[what] === on) return;
    this[what] = on;
    this.note(what, on);
  }

  /** Before anything else: all relays are inactive. */
  wire(wires: Wires): void {
    this.#wires = wires;
    for (const token in wires.relays) this.relays.set(token, false);
    this.#power();
  }

  /** With what hangs on it. */
  switchRelay(token: string, active: boolean): void {
    const isNews = this.relays.get(token) !== active;
    this.relays.set(token, active);
    if (isNews) this.note(`relay ${token}`, active);
    if (isNews) this.relaySwitched(token, active);
    const wired = this.#wires.relays[token];
    if (wired) this.set(wired, active !== this.#wires.closedRelays.includes(token));
  }

  /** What hangs on contacts that are closed at rest. */
  #power(): void {
    for (const token of this.#wires.closedRelays) this.switchRelay(token, false);
  }

  goto(preset: string): void {
    this.preset = preset;
    this.note('preset', preset);
  }

  /** What a reboot leaves. */
  forget(): void {
    for (const what of actuatorNames) this.set(what, false);
    for (const token of this.relays.keys()) this.switchRelay(token, false);
    this.preset = '';
  }

  close(): void {
    clearTimeout(this.#sirenTimer);
  }

  #rearm(on: boolean): void {
    clearTimeout(this.#sirenTimer);
    if (on && this.#sirenStopsMs !== null)
      this.#sirenTimer = setTimeout(() => this.set('siren', false), this.#sirenStopsMs);
  }

  /** Into the history: a change, or what the dome does meanwhile. */
  note(what: string, on: boolean | string): void {
    const change = { atMs: monotonicMs(), what, on };
    this.history.push(change);
    if (this.history.length > historyMax) this.history.shift();
    this.changed(change);
  }
}
