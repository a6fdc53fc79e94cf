// The serial ports of a teach-in: free ones are opened and listened to, those of the configuration are told
// by their running drivers, consoles are left alone.

import type { Clock } from '../ports.ts';
import { WatchedPort } from './port.ts';
import { deviceOf, type SeenPort } from './port-names.ts';
import type { UsedPort } from './uses.ts';
import type { ContactView, PortView } from './view.ts';
import { Watcher } from './watcher.ts';

const portsMax = 32;

export interface PortsParts {
  readonly clock: Clock;
  /** What there is now. */
  readonly seen: () => readonly SeenPort[];
  readonly used: readonly UsedPort[];
}

export class Ports {
  readonly #parts: PortsParts;
  readonly #watched = new Map<string, WatchedPort>();
  readonly #used: readonly UsedContacts[];
  /** null before the first look. */
  #seen: readonly SeenPort[] | null = null;

  constructor(parts: PortsParts) {
    this.#parts = parts;
    this.#used = parts.used.map((one) => new UsedContacts(one));
  }

  survey(): void {
    const used = new Set(this.#parts.used.map(({ path }) => deviceOf(path) ?? path));
    const before = this.#seen;
    const all = new Map(this.#parts.seen().map((port) => [port.device, port]));
    this.#seen = [...all.values()].filter(({ device }) => !used.has(device)).slice(0, portsMax);
    const free = this.#seen.filter(({ isConsole }) => !isConsole);
    for (const [device, port] of this.#watched)
      if (!free.some((one) => one.device === device)) {
        this.#watched.delete(device);
        void port.close();
      }
    for (const port of free) {
      const { device } = port;
      // One that has just been plugged in may be a driver's: its lasting name takes udev a moment.
      const isKnown = before === null || before.some((one) => one.device === device);
      if (isKnown && !this.#watched.has(device))
        this.#watched.set(device, new WatchedPort(port, this.#parts.clock));
    }
  }

  tick(): void {
    const nowMs = this.#parts.clock.now().monoMs;
    for (const port of this.#watched.values()) port.tick();
    for (const one of this.#used) one.tick(nowMs);
  }

  view(nowMs: number): PortView[] {
    const here = (this.#seen ?? []).map(
      (port) => this.#watched.get(port.device)?.view(nowMs) ?? unopened(port),
    );
    return [...this.#used.map((one) => one.view(nowMs)), ...here];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((port) => port.close()));
    this.#watched.clear();
  }
}

/** The inputs of a port that a driver of ours has. */
class UsedContacts {
  readonly #used: UsedPort;
  readonly #watchers = new Map<string, Watcher>();

  constructor(used: UsedPort) {
    this.#used = used;
  }

  tick(nowMs: number): void {
    const contacts = this.#used.contacts();
    for (const [input, contact] of contacts) {
      const watcher = this.#watchers.get(input) ?? new Watcher();
      this.#watchers.set(input, watcher);
      watcher.take(contact === 'normal' ? 0 : 1, nowMs);
    }
    for (const [input, watcher] of this.#watchers) if (!contacts.has(input)) watcher.lose();
  }

  view(nowMs: number): PortView {
    const { id: by, path } = this.#used;
    const contacts = [...this.#watchers].map(
      ([name, watcher]): ContactView => ({ on: 'input', name, signal: watcher.signal(nowMs) }),
    );
    const device = deviceOf(path) ?? path;
    return { path, device, state: 'configured', by, baud: null, bytes: 0, frames: 0, contacts };
  }
}

const unopened = ({ path, device, isConsole }: SeenPort): PortView => ({
  ...{ path, device, state: isConsole ? 'busy' : 'waiting', by: isConsole ? 'console' : null },
  ...{ baud: null, bytes: 0, frames: 0, contacts: [] },
});
