// The GPIO lines of a teach-in: free ones are opened as inputs and watched, all others are listed. A line
// that somebody sets is never touched, and what the configuration uses is told by its running driver.
// Opens a few lines at a time: the loop has alarms to carry.

import {
  type Bias,
  type Kernel,
  LineTrouble,
  type OpenInput,
  type SeenLine,
} from '../gpio/kernel.ts';
import { isMeant, type UsedLine, type Uses } from './uses.ts';
import type { LineView } from './view.ts';
import { Watcher } from './watcher.ts';

const openedAtOnce = 16;
/** More are listed only: each costs a descriptor. */
const watchedMax = 512;
const seenMax = 1024;

export interface LinesParts {
  readonly kernel: Kernel;
  readonly bias: Bias;
  /** Looked at though it is the processor's own; chip or label. */
  readonly chip: string | null;
  readonly uses: Uses;
  nowMs(): number;
}

interface Watched {
  readonly watcher: Watcher;
  input: OpenInput | null;
  /** Why it cannot be had. */
  trouble: string | null;
  edges: number;
}

export class Lines {
  readonly #parts: LinesParts;
  readonly #watched = new Map<string, Watched>();
  #seen: readonly SeenLine[] = [];
  #toOpen: SeenLine[] = [];
  #trouble: string | null = null;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  get troubles(): string[] {
    return this.#trouble === null ? [] : [this.#trouble];
  }

  /** Looks what there is now: adapters come and go, and programs. */
  survey(): void {
    try {
      const { lines, closed } = this.#parts.kernel.survey();
      this.#seen = lines.slice(0, seenMax);
      if (closed.length > 0) this.#trouble = closedText(closed);
      else this.#trouble = lines.length === 0 ? noLines : null;
    } catch (error) {
      if (!(error instanceof LineTrouble)) throw error;
      this.#trouble = error.message;
    }
    const there = new Set(this.#seen.map(keyOf));
    for (const key of this.#watched.keys()) if (!there.has(key)) this.#giveBack(key);
    const isFree = (line: SeenLine) => !this.#watched.has(keyOf(line)) && this.#isFree(line);
    const room = Math.max(0, watchedMax - this.#watched.size);
    this.#toOpen = this.#seen.filter(isFree).slice(0, room);
    // An interrupt that was lost is made up for here.
    for (const one of this.#watched.values()) if (one.input?.hasEdges) this.#read(one);
  }

  /** To be called every few milliseconds. */
  tick(): void {
    for (const line of this.#toOpen.splice(0, openedAtOnce)) this.#open(line);
    for (const one of this.#watched.values()) if (one.input?.hasEdges === false) this.#read(one);
    for (const used of this.#parts.uses.lines()) this.#heed(used);
  }

  view(nowMs: number): LineView[] {
    const used = this.#parts.uses.lines();
    return this.#seen.map((line) => this.#row(line, used, nowMs));
  }

  close(): void {
    this.#toOpen = [];
    for (const key of this.#watched.keys()) this.#giveBack(key);
  }

  #isFree(line: SeenLine): boolean {
    if (line.usedBy !== null || line.isOutput || this.#isSpared(line)) return false;
    return !this.#parts.uses.lines().some(({ place }) => isMeant(place, line));
  }

  #isSpared({ chip, label }: SeenLine): boolean {
    return isProcessors(label) && ![chip, label].includes(this.#parts.chip ?? '');
  }

  #open(line: SeenLine): void {
    const watched: Watched = { watcher: new Watcher(), input: null, trouble: null, edges: 0 };
    this.#watched.set(keyOf(line), watched);
    const { watcher } = watched;
    const place = { line: null, chip: line.chip, offset: line.offset };
    this.#try(watched, () => {
      watched.input = this.#parts.kernel.input(place, this.#parts.bias, {
        edge: (level, atMs, lost) => watcher.take(level, atMs, lost),
        gone: (trouble) => this.#lost(watched, trouble),
      });
      watcher.take(watched.input.level(), this.#parts.nowMs());
    });
  }

  #read(watched: Watched): void {
    this.#try(watched, () => {
      const level = watched.input?.level();
      if (level !== undefined) watched.watcher.take(level, this.#parts.nowMs());
    });
  }

  #try(watched: Watched, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof LineTrouble)) throw error;
      this.#lost(watched, error);
    }
  }

  #lost(watched: Watched, { message }: LineTrouble): void {
    watched.input?.close();
    watched.input = null;
    watched.trouble = message;
    watched.watcher.lose();
  }

  #giveBack(key: string): void {
    this.#watched.get(key)?.input?.close();
    this.#watched.delete(key);
  }

  /** A line of a running driver: its level now, and how many edges it has had. */
  #heed({ place, level, edges, mode }: UsedLine): void {
    if (mode === 'output') return;
    const line = this.#seen.find((one) => isMeant(place, one));
    if (!line) return;
    const key = keyOf(line);
    const known = this.#watched.get(key);
    const watched = known ?? { watcher: new Watcher(), input: null, trouble: null, edges };
    this.#watched.set(key, watched);
    if (level === null) return watched.watcher.lose();
    const isNew = known !== undefined && level !== watched.watcher.level;
    const unseen = Math.max(0, edges - watched.edges - (isNew ? 1 : 0));
    watched.edges = edges;
    watched.watcher.take(level, this.#parts.nowMs(), unseen);
  }

  #row(line: SeenLine, used: readonly UsedLine[], nowMs: number): LineView {
    const { chip, label, offset, name, usedBy } = line;
    const watched = this.#watched.get(keyOf(line));
    const user = used.find(({ place }) => isMeant(place, line));
    const state = (): Pick<LineView, 'state' | 'by'> => {
      if (user) return { state: 'configured', by: user.id };
      if (watched?.input) return { state: 'watched', by: null };
      if (watched?.trouble) return { state: 'refused', by: watched.trouble };
      if (usedBy !== null) return { state: 'busy', by: usedBy };
      if (line.isOutput) return { state: 'output', by: null };
      return { state: this.#isSpared(line) ? 'spared' : 'waiting', by: null };
    };
    return {
      ...{ chip, label, offset, name },
      ...state(),
      isPolled: user ? user.mode === 'polled' : watched?.input?.hasEdges === false,
      signal: watched?.watcher.signal(nowMs) ?? null,
    };
  }
}

const keyOf = ({ chip, offset }: SeenLine): string => `${chip}:${offset}`;

/**
 * Pins of the processor itself. To ask for one as an input takes it away from what the board uses it for
 * (pinctrl-intel: intel_gpio_request_enable; pinctrl-bcm2835: FSEL): a display or a disk may be gone until
 * the next boot. Told by an ACPI id (INT34C5:00, AMDI0030:00) or by the name of a pin controller.
 */
export const isProcessors = (label: string): boolean =>
  /^[A-Z]{3,4}[0-9A-F]{4}:[0-9A-F]{2}$|pinctrl/.test(label);

const noLines =
  'This machine has no GPIO chip. Load its driver (modprobe), or plug the adapter in. 没有 GPIO 芯片';

const closedText = (paths: readonly string[]): string =>
  `${paths.join(', ')} may not be opened. Give the service's user the group that owns it, and its ` +
  'unit a DeviceAllow for it';
