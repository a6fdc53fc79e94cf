// What a fault row is: a named way in which the world breaks, told as a story against a real terminal,
// and what must be so afterwards. Every row also has to end with no press lost and none doubled.

import type { HouseSetup } from '#test/e2e/support/house.ts';
import type { Scene } from './scene.ts';

export interface Fault {
  /** `disk/full`: its place, and what breaks. Patterns of `scripts/faults` look for parts of it. */
  readonly name: string;
  /** What is done to the terminal, in one line of the table. */
  readonly what: string;
  /** Preloaded into the daemon: an fsync that can hang, a wall clock that can jump, and troubles that
   * come by a signal. */
  readonly preload?: readonly ('fsync' | 'clock' | 'trouble')[];
  /** Broker and room, where they are not the ordinary ones. The ordinary daemon reaches its broker
   * through `scene.relay`; a `daemonBroker` given here goes round it. */
  readonly house?: Partial<HouseSetup>;
  readonly expect?: Expected;
  /** Mounts or network namespaces: left out for anybody else. */
  readonly needsRoot?: boolean;
  /** How long the story may take; 60 s unless told. */
  readonly withinMs?: number;
  /** Breaks, presses, mends. Starts the daemon itself. The runner then waits until every press is at
   * the platform, and counts. */
  readonly story: (scene: Scene) => Promise<void>;
}

export interface Expected {
  /** Faults that the terminal must have told the platform. */
  readonly tells?: readonly string[];
  /** Faults that it must not have told. */
  readonly neverTells?: readonly string[];
  /** Press -> alarm at the platform, of the slowest press. */
  readonly alarmWithinMs?: number;
  /** As `alarmWithinMs`, counted from `scene.mended()`. */
  readonly afterWithinMs?: number;
  /** First press -> strobe on at the dome. */
  readonly strobeWithinMs?: number;
  /** Nobody is told of a press while its commit is under way. */
  readonly strobeNotBeforeMs?: number;
  /** Words that the lamp must show in this order; others may stand between them. */
  readonly lamp?: readonly string[];
  /** Words that it must not show. */
  readonly lampNever?: readonly string[];
}

/** A row of the table. */
export interface Outcome {
  readonly fault: string;
  readonly what: string;
  /** The lamp's words in order; `*` where the fault sign blinks beside one. */
  readonly guard: readonly string[];
  /** What the platform got: alarms, presses of them, and the faults that were told. */
  readonly alarms: number;
  readonly presses: number;
  readonly told: readonly string[];
  /** Press -> alarm at the platform, slowest press; null where none came. */
  readonly alarm_ms: number | null;
  /** The same from the moment the fault was over, where it held the alarm up. */
  readonly after_ms: number | null;
  /** First press -> strobe on. */
  readonly strobe_ms: number | null;
  readonly lost: number;
  /** Presses that the platform has under two ids. */
  readonly doubled: number;
  /** Why the row is not as it should be; empty when all is well. */
  readonly wrong: readonly string[];
}

type Seen = Omit<Outcome, 'fault' | 'what' | 'wrong'>;

/** What a row has against what was seen. */
export function judged(expected: Expected, seen: Seen): string[] {
  const { tells = [], neverTells = [], lamp = [], lampNever = [] } = expected;
  const words = seen.guard.map((word) => word.replace('*', ''));
  return [
    ...(seen.presses === 0 ? ['the story made no press'] : []),
    ...(seen.lost > 0 ? [`${seen.lost} presses lost`] : []),
    ...(seen.doubled > 0 ? [`${seen.doubled} presses doubled`] : []),
    ...tells.filter((fault) => !seen.told.includes(fault)).map((fault) => `${fault} was not told`),
    ...neverTells.filter((fault) => seen.told.includes(fault)).map((fault) => `${fault} was told`),
    ...late('alarm', seen.alarm_ms, expected.alarmWithinMs),
    ...late('alarm after the end of the fault', seen.after_ms, expected.afterWithinMs),
    ...late('strobe', seen.strobe_ms, expected.strobeWithinMs),
    ...early(seen.strobe_ms, expected.strobeNotBeforeMs),
    ...(isWithin(lamp, words) ? [] : [`the lamp did not say ${lamp.join(', ')} in this order`]),
    ...lampNever.filter((word) => words.includes(word)).map((word) => `the lamp said ${word}`),
  ];
}

/** What is expected whatever else the machine has to do. */
export function timeless(expected: Expected = {}): Expected {
  const { alarmWithinMs: _, afterWithinMs: __, strobeWithinMs: ___, ...rest } = expected;
  return rest;
}

function late(what: string, ms: number | null, mostMs: number | undefined): string[] {
  if (mostMs === undefined) return [];
  if (ms === null) return [`no ${what}`];
  return ms > mostMs ? [`${what} after ${ms} ms, ${mostMs} at most`] : [];
}

function early(ms: number | null, leastMs = 0): string[] {
  return ms !== null && ms < leastMs
    ? [`strobe after ${ms} ms already, not before ${leastMs}`]
    : [];
}

function isWithin(wanted: readonly string[], words: readonly string[]): boolean {
  let from = 0;
  return wanted.every((word) => {
    const at = words.indexOf(word, from);
    from = at + 1;
    return at >= 0;
  });
}
