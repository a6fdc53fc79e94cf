// What sets a press apart that dispatches nobody: the words of drill and service mode, how long a window
// of either may be, who may open it, and what of the guard's hand makes a marked case real.
// No mark is a real case: a row, a message or a program that knows no marks errs on the guard's side.

import type { Role } from './command.ts';

export const marks = ['drill', 'service'] as const;
export type Mark = (typeof marks)[number];

/** REQUIREMENTS, Drills and tests. */
export const windowMinutesMax: { readonly [M in Mark]: number } = { drill: 15, service: 30 };

/**
 * Who may open and close a window. Drills are ordered from where alarms are answered or schools are looked
 * after; an installer tests, and nobody mistakes that for a drill. A login of the school's may not: whoever
 * stole it could take the meaning out of every press.
 */
export const openers: { readonly [M in Mark]: readonly Role[] } = {
  drill: ['platform', '110-city', '110-district', 'campus'],
  service: ['platform', '110-city', '110-district', 'installer'],
};

/** Of a window. `real`: a case is real, and beside it nothing is marked. */
export const windowEnds = ['asked', 'over', 'restart', 'real'] as const;
export type WindowEnd = (typeof windowEnds)[number];

/** How a marked case becomes real: by a command, or by the guard's hand. */
export const madeRealBy = ['asked', 'held', 'pressed-thrice'] as const;
export type MadeRealBy = (typeof madeRealBy)[number];

/** REQUIREMENTS, Drills and tests: held for 3 s, or pressed three times in 5 s. */
export const byHand = { heldMs: 3_000, presses: 3, withinMs: 5_000 } as const;
