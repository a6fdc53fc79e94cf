// One look after the other: what was found since the first, and what of a look is news.

import { type Baseline, baselineOf, type Found, findIn } from './found.ts';
import { foundText, placeText } from './rows.ts';
import { type Suggestion, suggest } from './suggest.ts';
import type { ContactView, LineView, PortView, Signal, TeachView } from './view.ts';

export interface Result {
  readonly found: Found;
  /** null where the configuration has it already. */
  readonly suggestion: Suggestion | null;
}

export class Looks {
  #baseline: Baseline | null = null;

  /** Most likely first. */
  results(view: TeachView): Result[] {
    this.#baseline ??= baselineOf(view);
    return findIn(view, this.#baseline).map((found) => ({
      found,
      suggestion: suggest(found, view),
    }));
  }
}

export const textOf = (results: readonly Result[]): string[] =>
  results.flatMap(({ found, suggestion }, n) => ['', ...foundText(found, suggestion, n + 1)]);

/** Another where something else was found, or was pressed again. */
export const stampOf = (results: readonly Result[]): string =>
  results.map(({ found }) => `${placeText(found)} ${found.signal?.presses ?? 0}`).join('\n');

/** Without what changes all the time: two looks at the same that differ in this are news. */
export function calm(view: TeachView): TeachView {
  return { ...view, lines: view.lines.map(calmLine), ports: view.ports.map(calmPort) };
}

const calmLine = (line: LineView): LineView => ({
  ...line,
  signal: line.signal && calmSignal(line.signal),
});

const calmPort = (port: PortView): PortView => ({
  ...port,
  baud: port.frames > 0 ? port.baud : null,
  bytes: Math.min(port.bytes, 1),
  frames: Math.min(port.frames, 1),
  contacts: port.contacts.map(
    (contact): ContactView => ({ ...contact, signal: calmSignal(contact.signal) }),
  ),
});

const calmSignal = (signal: Signal): Signal =>
  signal.isNoise ? { ...signal, level: 0, rest: 0, edges: 0, presses: 0 } : signal;
