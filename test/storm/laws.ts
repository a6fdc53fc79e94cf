// The laws of the storm: what must be so whatever has happened. Each returns what is wrong, in words;
// nothing where all is well. They look at lamp, light, platform, disk and books, never at the core.

import { type AlarmMessage, alarmMessage } from '#agent/contract.ts';
import { kindRules, rulesOf } from '#agent/core/kinds.ts';
import type { Window } from '#agent/core/state.ts';
import type { DomeTarget, LampTarget, LampWord } from '#agent/core/target.ts';
import type { Turn } from '#agent/ports.ts';
import type { Head } from '#agent/store/chain.ts';
import type { Button } from './action.ts';
import type { Books, Case, Page } from './books.ts';
import { type Dispatchers, windowMinutes } from './commands.ts';
import type { Hands } from './hands.ts';
import type { Arrived, Line } from './line.ts';

export interface Scene {
  readonly books: Books;
  readonly line: Line;
  readonly dispatchers: Dispatchers;
  readonly hands: Hands;
  readonly buttons: readonly Button[];
  readonly receipts: 'platform' | 'none';
}

const receiptWithinMs = 10_000;
/** A link that works brings an alarm to the platform within this. */
const deliveredWithinMs = 1_000;
/** A timer may be so late. */
const slackMs = 50;

/** How far each word claims that an alarm has got. */
const claims: { readonly [W in LampWord]: number } = {
  ready: 0,
  undelivered: 0,
  unstored: 0,
  stored: 1,
  sent: 2,
  received: 3,
  seen: 4,
  taken: 5,
  talking: 6,
  resolved: 7,
};

const isSilent = ({ kind }: Case): boolean => kindRules[kind].silent;

/** What became of a drill before it was made real is not of the alarm that it is now. */
function truthOf({ id, toldBy, aliveMs }: Case, { books, line, dispatchers }: Scene): number {
  if ((dispatchers.taken.get(id) ?? 0) >= aliveMs) return claims.taken;
  if ((dispatchers.seen.get(id) ?? 0) >= aliveMs) return claims.seen;
  if (line.receipted.has(toldBy)) return claims.received;
  if (line.acked.has(toldBy)) return claims.sent;
  return books.disk.cases.has(id) ? claims.stored : claims.unstored;
}

/** Nothing marked is shown beside what is real. */
function foremost(open: readonly Case[]): readonly Case[] {
  const real = open.filter(({ mark }) => mark === null);
  return real.length > 0 ? real : open;
}

/** At the moment the lamp is told: never ahead, and never quiet while a case is open. */
export function* lampLaw(target: LampTarget, scene: Scene): Generator<string> {
  const open = scene.books.openCases();
  const loud = open.filter((one) => !isSilent(one));
  const silent = open.filter(isSilent);
  const quiet = target.word === 'ready' || target.word === 'resolved';
  if (quiet !== (loud.length === 0))
    yield `the lamp says ${target.word}, ${loud.length} cases are open`;
  if ((target.silent === null) !== (silent.length === 0))
    yield `the silent sign says ${target.silent}, ${silent.length} silent cases are open`;
  if (target.mark !== null && loud.some(({ mark }) => mark === null))
    yield `the lamp says ${target.mark}, and something real is open`;
  const shown = [
    ...(quiet ? [] : [[target.word, foremost(loud)] as const]),
    [target.silent, foremost(silent)] as const,
  ];
  for (const [word, cases] of shown)
    for (const one of cases)
      if (word && truthOf(one, scene) < claims[word])
        yield `the lamp says ${word}, and ${one.id} of ${one.input} has not got so far`;
}

/** Rule 4: ten seconds without a receipt have a word of their own. */
export function* undeliveredLaw(
  target: LampTarget,
  scene: Scene,
  nowMs: number,
): Generator<string> {
  const enough = scene.receipts === 'none' ? claims.sent : claims.received;
  const open = scene.books.openCases();
  const silent = foremost(open.filter(isSilent));
  const loud = foremost(open.filter((one) => !isSilent(one)));
  for (const one of [...loud, ...silent]) {
    const ageMs = nowMs - one.aliveMs;
    if (ageMs < receiptWithinMs + slackMs || truthOf(one, scene) >= enough) continue;
    const word = isSilent(one) ? target.silent : target.word;
    if (word !== 'undelivered')
      yield `${one.id} of ${one.input} is undelivered for ${ageMs} ms, the lamp says ${word}`;
  }
}

/** What light and siren must be, by the open cases and the last word on them. */
export function lightOf(
  { memory }: Books,
  open: readonly Case[],
): Pick<DomeTarget, 'strobe' | 'siren'> {
  const loud = open.filter((one) => !isSilent(one));
  const on = (what: 'strobe' | 'siren'): boolean =>
    loud.length > 0 &&
    memory[what] !== 'off' &&
    (memory[what] === 'on' ||
      loud.some(({ kind, mark }) => rulesOf(mark ? { kind, mark } : { kind })[what]));
  return { strobe: on('strobe'), siren: on('siren') };
}

/** A word on the light is somebody's, and a press that lights takes it back. */
export function* overrideLaw(turn: Turn, before: Page, after: Page): Generator<string> {
  const reset = turn.enqueue.some(({ body }) => body.kind === 'incident.local-reset');
  const asked = (verb: string): boolean =>
    turn.audit.some(({ fact }) => fact.kind === 'command.received' && fact.args.verb === verb);
  const pressed = [...after.cases.values()].some(
    ({ id, kind, presses }) =>
      (kindRules[kind].strobe || kindRules[kind].siren) &&
      presses > (before.cases.get(id)?.presses ?? 0),
  );
  for (const what of ['strobe', 'siren'] as const) {
    if (after[what] !== 'off' || reset || asked(`${what}-off`)) continue;
    if (before[what] !== 'off') yield `the ${what} was switched off by nobody`;
    else if (pressed) yield `the ${what} stays off over a press`;
  }
}

export function* lightLaw(
  what: string,
  is: { readonly strobe: boolean; readonly siren: boolean },
  { books }: Scene,
): Generator<string> {
  const open = books.openCases();
  const must = lightOf(books, open);
  for (const name of ['strobe', 'siren'] as const)
    if (is[name] !== must[name])
      yield `${what}: the ${name} is ${is[name] ? 'on' : 'off'} with ${open.length} open cases`;
}

/** A press is marked only in a window of this very process, which nothing real and no time has ended, and
 * only if it was made in it; and what is real stays so. */
export function* markLaw(
  turn: Turn,
  before: Page,
  { books, dispatchers: { window }, hands }: Scene,
  nowMs: number,
): Generator<string> {
  for (const { id, input, mark } of books.memory.cases.values()) {
    const was = before.cases.get(id);
    if (mark === null || was?.mark === mark) continue;
    if (was) yield `${id} of ${input} was real and is a ${mark}`;
    else if (!window) yield `${id} of ${input} is a ${mark}, and no window is open`;
    else if (nowMs >= window.fromMs + windowMinutes * 60_000)
      yield `${id} of ${input} is a ${mark}, and its window is over`;
    else if ((hands.unheardMs.get(input) ?? nowMs) < window.fromMs)
      yield `${id} of ${input} is a ${mark}, and was pressed before its window`;
    const real = [...before.cases.values()].find((one) => one.mark === null && !one.resolved);
    if (real) yield `${id} of ${input} is a ${mark} beside ${real.id}, which is real`;
  }
  for (const { table, id } of turn.entities)
    if (table === 'inputs' && hands.isHeard(id)) hands.unheardMs.delete(id);
}

/** Beside a real case nothing is marked. */
export function* windowLaw(window: Window | null, { books }: Scene): Generator<string> {
  const real = books.openCases().find(({ mark }) => mark === null);
  if (window && real) yield `a window of ${window.mark} is open, and ${real.id} is real`;
}

/** Every press that could be heard has been taken, and none that was not made. */
export function* pressLaw({ hands, buttons, books }: Scene): Generator<string> {
  for (const button of buttons) {
    const owed = hands.owed.get(button.id) ?? 0;
    const taken = books.memory.taken.get(button.id) ?? 0;
    if (hands.heard(button) && taken !== owed)
      yield `${button.id} was pressed ${owed} times, the terminal has taken ${taken}`;
  }
}

/** Nothing ends but by somebody who may end it. */
export function* endLaw({ books, dispatchers }: Scene): Generator<string> {
  for (const { id, input, resolved } of books.memory.cases.values())
    if (resolved && !dispatchers.mayEnd.has(id)) yield `${id} of ${input} was resolved by nobody`;
}

/** With a link that works every alarm goes out, whatever disk or dome do. */
export function* deliveryLaw({ line, books }: Scene, nowMs: number): Generator<string> {
  if (nowMs - (line.upSinceMs ?? nowMs) < deliveredWithinMs) return;
  for (const id of books.memory.waiting)
    if (books.alarms.has(id) && !line.platform.has(id))
      yield `the link is up and the alarm ${id} does not go out`;
}

/** What the platform has: each press once, in the order of its button. */
export function* platformLaw({ line, books, hands, buttons }: Scene): Generator<string> {
  const alarms = [...line.platform.values()]
    .filter(({ id, topic }) => topic.endsWith('/alarm') && !books.lost.has(id))
    .map(alarmOf);
  for (const { id } of buttons) {
    const owed = hands.owed.get(id) ?? 0;
    const own = new Open(id);
    for (const alarm of alarms) yield* own.hears(alarm);
    if (own.presses !== owed)
      yield `${id} was pressed ${owed} times, the platform has ${own.presses}`;
  }
}

/** The cases of one button as the platform hears of them: one, and beside a marked one a real one. */
class Open {
  presses = 0;
  readonly #button: string;
  readonly #cases = new Map<string, { presses: number; isMarked: boolean }>();

  constructor(button: string) {
    this.#button = button;
  }

  *hears(alarm: AlarmMessage): Generator<string> {
    if (alarm.kind === 'incident.resolved') this.#cases.delete(alarm.incident);
    if (!('input' in alarm) || alarm.input !== this.#button) return;
    const { id, incident, mark } = alarm;
    const known = this.#cases.get(incident);
    if (alarm.kind === 'alarm.raised') {
      const beside = [...this.#cases].find(([, { isMarked }]) => !isMarked || mark !== null);
      if (beside) yield `${this.#button}: ${id} was raised while ${beside[0]} was open`;
      if (incident !== id) yield `${id} tells of ${incident}`;
      this.presses += 1;
      this.#cases.set(incident, { presses: 1, isMarked: mark !== null });
      return;
    }
    if (known?.isMarked === false && mark !== null) yield `${id}: ${incident} was real`;
    const count = alarm.kind === 'press.repeated' ? alarm.count : 0;
    const presses = (known?.presses ?? 0) + count;
    this.presses += count;
    this.#cases.set(incident, { presses, isMarked: mark !== null });
    if (!known || alarm.presses !== presses)
      yield `${this.#button}: ${id} (press ${alarm.presses} of ${incident}) is out of order`;
  }
}

const alarmOf = ({ payload }: Arrived) => alarmMessage.parse(JSON.parse(payload));

/** Signed heads that went out and are not forgiven. */
export const headsOf = ({ line, books }: Scene): Head[] =>
  [...line.platform.values()]
    .filter(({ id, topic }) => topic.endsWith('/alarm') && !books.lost.has(id))
    .map((arrived) => alarmOf(arrived).chain);
