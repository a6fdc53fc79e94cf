// What the dome's events mean here: a button or contact wired to its inputs, a fault, or a piece of news, as
// the configuration says. A level is told as it is at each new subscription; what is not told then is taken
// for released, so that the next press is one. Bounded: a dome gone wild is not heard more than so often.

import type { Contact, DomeEvent, Fact } from '../core/fact.ts';
import type { Clock } from '../ports.ts';
import type { Notice } from './event-operations.ts';

export const hearingTimes = {
  /** After a new subscription: what has told nothing by then tells nothing. */
  levelMs: 5000,
  /** A fault ends when it was quiet for so long. */
  calmMs: 10_000,
  /** One that is never told to end has ended by then. */
  onceMs: 60_000,
} as const;

/** Changes of one input in one answer; of more the last is what counts. */
const edgesMax = 8;
/** News of one kind and source a minute. */
const newsMax = 6;
/** Of all sources that a dome may make up. */
const sourcesMax = 64;

/** Topics without prefixes; what lies below one belongs to it. */
const topics: { readonly [E in DomeEvent]: readonly string[] } = {
  'digital-input': ['Device/Trigger/DigitalInput'],
  tamper: ['RuleEngine/TamperDetector', 'VideoSource/GlobalSceneChange'],
  motion: [
    'RuleEngine/CellMotionDetector',
    'RuleEngine/MotionRegionDetector',
    'VideoSource/MotionAlarm',
  ],
  line: ['RuleEngine/LineDetector'],
  loitering: ['RuleEngine/LoiteringDetector'],
  audio: ['AudioAnalytics/Audio'],
};

const sayings: { readonly [E in DomeEvent]: string } = {
  'digital-input': 'an input of the dome is on; see what is wired to it',
  tamper: 'somebody covers or turns the dome, or has painted its glass; look at it',
  motion: 'the dome sees motion where there should be none; look at its picture',
  line: 'somebody has crossed the line that the dome watches; look at its picture',
  loitering: 'somebody hangs about before the gate; look at the picture',
  audio: 'the dome hears shouting, glass or a shot; look at its picture',
};

export interface HeardInput {
  readonly id: string;
  readonly event: DomeEvent;
  /** Token of the input, or name of the rule; null: whichever it is. */
  readonly token: string | null;
  /** Normally closed: pressed while it is off. */
  readonly closed: boolean;
}

export interface Ears {
  readonly inputs: readonly HeardInput[];
  readonly events: { readonly [E in DomeEvent]?: 'fault' | 'information' };
}

interface Wired extends Pick<HeardInput, 'id' | 'event' | 'token'> {
  readonly contact: 'no' | 'nc';
}

/** As the configuration has it. */
export const earsOf = (
  inputs: readonly Wired[],
  events: { readonly [E in DomeEvent]: 'none' | 'fault' | 'information' },
): Ears => ({
  inputs: inputs.map(({ id, event, token, contact }) => ({
    ...{ id, event, token, closed: contact === 'nc' },
  })),
  events: Object.fromEntries(Object.entries(events).filter(([, as]) => as !== 'none')),
});

export const isDeaf = ({ inputs, events }: Ears): boolean =>
  inputs.length === 0 && Object.keys(events).length === 0;

export interface HearingParts {
  readonly ears: Ears;
  readonly clock: Clock;
  readonly emit: (fact: Fact) => void;
}

interface News {
  state: boolean | null;
  sinceMs: number;
  told: number;
}

const eventOf = (topic: string): DomeEvent | null => {
  const isIn = (root: string) => topic === root || topic.startsWith(`${root}/`);
  const found = Object.entries(topics).find(([, roots]) => roots.some(isIn));
  return found ? (found[0] as DomeEvent) : null;
};

export class Hearing {
  readonly #parts: HearingParts;
  readonly #contacts = new Map<string, Contact>();
  readonly #told = new Set<string>();
  readonly #faults = new Map<DomeEvent, () => void>();
  /** Sources of an event that are on now. */
  readonly #on = new Map<string, DomeEvent>();
  readonly #news = new Map<string, News>();
  #edgeMs = Number.NEGATIVE_INFINITY;
  #stopTimer: () => void = () => {};

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  /** A new subscription: how everything is comes first. */
  begins(): void {
    this.#told.clear();
    this.#on.clear();
    for (const event of this.#faults.keys()) this.#calms(event, hearingTimes.calmMs);
    this.#stopTimer();
    this.#stopTimer = this.#parts.clock.after(hearingTimes.levelMs, () => this.#release());
  }

  heard(notices: readonly Notice[]): void {
    const nowMs = this.#parts.clock.now().monoMs;
    const lastMs = notices.findLast(({ utcMs }) => utcMs !== null)?.utcMs ?? null;
    const edges = new Map<string, number>();
    notices.forEach((notice, n) => {
      const event = eventOf(notice.topic);
      if (event === null) return;
      // By the dome's clock only how far they lie apart.
      const agoMs = lastMs === null || notice.utcMs === null ? 0 : lastMs - notice.utcMs;
      const edgeMs = nowMs - Math.min(10_000, Math.max(0, agoMs));
      for (const input of this.#parts.ears.inputs) {
        if (input.event !== event || !isFrom(input.token, notice)) continue;
        const count = (edges.get(input.id) ?? 0) + 1;
        edges.set(input.id, count);
        const isLast = !notices.slice(n + 1).some((later) => later.topic === notice.topic);
        if (count <= edgesMax || isLast) this.#input(input, notice, edgeMs);
      }
      this.#event(event, notice, nowMs);
    });
  }

  close(): void {
    this.#stopTimer();
    for (const cancel of this.#faults.values()) cancel();
  }

  #input(input: HeardInput, { state }: Notice, edgeMs: number): void {
    // How it is when we begin to listen it may have been for long.
    const late = this.#told.has(input.id) || state === null ? {} : { earliestMs: null };
    this.#told.add(input.id);
    if (state !== null) return this.#edge(input.id, state !== input.closed, edgeMs, late);
    // It happened, and is over.
    this.#edge(input.id, true, edgeMs);
    this.#edge(input.id, false, edgeMs);
  }

  #edge(
    id: string,
    isPressed: boolean,
    edgeMs: number,
    late: { readonly earliestMs?: null } = {},
  ): void {
    const contact = isPressed ? 'pressed' : 'normal';
    if (this.#contacts.get(id) === contact) return;
    this.#contacts.set(id, contact);
    this.#edgeMs = Math.max(this.#edgeMs, edgeMs);
    this.#parts.emit({ kind: 'input.changed', input: id, contact, edgeMs: this.#edgeMs, ...late });
  }

  #release(): void {
    const { monoMs } = this.#parts.clock.now();
    for (const { id } of this.#parts.ears.inputs) {
      if (!this.#told.has(id)) this.#edge(id, false, monoMs);
      this.#told.add(id);
    }
  }

  #event(event: DomeEvent, notice: Notice, nowMs: number): void {
    const as = this.#parts.ears.events[event];
    if (!as) return;
    const source = notice.sources.join(' ').slice(0, 64);
    if (as === 'fault') this.#fault(event, source, notice.state);
    else this.#tell(event, source, notice, nowMs);
  }

  #fault(event: DomeEvent, source: string, state: boolean | null): void {
    const key = `${event} ${source}`;
    if (state === true && this.#on.size < sourcesMax) this.#on.set(key, event);
    else if (state === false) this.#on.delete(key);
    const isOn = state === null || [...this.#on.values()].includes(event);
    if (isOn && !this.#faults.has(event))
      this.#parts.emit({
        ...({ kind: 'fault.raised', fault: `dome.${event}` } as const),
        detail: source === '' ? sayings[event] : `${sayings[event]} (${source})`,
      });
    if (state === null) this.#calms(event, hearingTimes.onceMs);
    else if (isOn) this.#calms(event, null);
    else if (this.#faults.has(event)) this.#calms(event, hearingTimes.calmMs);
  }

  /** Null: it lasts. */
  #calms(event: DomeEvent, afterMs: number | null): void {
    this.#faults.get(event)?.();
    if (afterMs === null) return void this.#faults.set(event, () => {});
    const cancel = this.#parts.clock.after(afterMs, () => {
      this.#faults.delete(event);
      this.#parts.emit({ kind: 'fault.cleared', fault: `dome.${event}` });
    });
    this.#faults.set(event, cancel);
  }

  /** Only what is new: how it is at the start is none. */
  #tell(event: DomeEvent, source: string, { state, initial }: Notice, nowMs: number): void {
    const key = `${event} ${source}`;
    const known = this.#news.get(key);
    if (!known && this.#news.size >= sourcesMax) return;
    const news = known ?? { state: null, sinceMs: nowMs, told: 0 };
    this.#news.set(key, news);
    if (nowMs - news.sinceMs >= 60_000) Object.assign(news, { sinceMs: nowMs, told: 0 });
    const isNew = state === null || (state !== news.state && (known !== undefined || state));
    news.state = state;
    if (!isNew || initial || news.told >= newsMax) return;
    news.told += 1;
    this.#parts.emit({ kind: 'dome.noticed', event, source, on: state });
  }
}

const isFrom = (token: string | null, { sources }: Notice): boolean =>
  token === null || sources.includes(token);
