// The laws of the storm: what must be so whatever has happened. Each returns what is wrong, in words;
// nothing where all is well. They look at lamp, light, platform, disk and books, never at the core.

import { alarmMessage } from '#agent/contract.ts';
import { kindRules } from '#agent/core/kinds.ts';
import type { DomeTarget, LampTarget, LampWord } from '#agent/core/target.ts';
import type { Turn } from '#agent/ports.ts';
import type { Head } from '#agent/store/chain.ts';
import type { Button } from './action.ts';
import type { Books, Case, Page } from './books.ts';
import type { Dispatchers } from './commands.ts';
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

function truthOf({ id }: Case, { books, line, dispatchers }: Scene): number {
  if (dispatchers.taken.has(id)) return claims.taken;
  if (dispatchers.seen.has(id)) return claims.seen;
  if (line.receipted.has(id)) return claims.received;
  if (line.acked.has(id)) return claims.sent;
  return books.disk.cases.has(id) ? claims.stored : claims.unstored;
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
  const shown = [
    ...(quiet ? [] : [[target.word, loud] as const]),
    [target.silent, silent] as const,
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
  for (const one of scene.books.openCases()) {
    const ageMs = nowMs - one.raisedMs;
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
    (memory[what] === 'on' || loud.some(({ kind }) => kindRules[kind][what]));
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
    let presses = 0;
    let running = 0;
    let incident = '';
    for (const alarm of alarms) {
      if (alarm.kind === 'incident.resolved' && alarm.incident === incident) incident = '';
      if (alarm.kind !== 'alarm.raised' && alarm.kind !== 'press.repeated') continue;
      if (alarm.input !== id) continue;
      if (alarm.kind === 'alarm.raised') {
        if (incident !== '') yield `${id}: ${alarm.id} was raised while ${incident} was open`;
        if (alarm.incident !== alarm.id) yield `${alarm.id} tells of ${alarm.incident}`;
        incident = alarm.incident;
        presses += 1;
        running = 1;
        continue;
      }
      presses += alarm.count;
      running += alarm.count;
      if (alarm.incident !== incident || alarm.presses !== running)
        yield `${id}: ${alarm.id} (press ${alarm.presses} of ${alarm.incident}) is out of order`;
    }
    if (presses !== owed) yield `${id} was pressed ${owed} times, the platform has ${presses}`;
  }
}

const alarmOf = ({ payload }: Arrived) => alarmMessage.parse(JSON.parse(payload));

/** Signed heads that went out and are not forgiven. */
export const headsOf = ({ line, books }: Scene): Head[] =>
  [...line.platform.values()]
    .filter(({ id, topic }) => topic.endsWith('/alarm') && !books.lost.has(id))
    .map((arrived) => alarmOf(arrived).chain);
