// Commands: is it allowed and fresh, was it obeyed before, and what does it do. Every answer is
// kept with the command's effect in one transaction, so that the same id gets the same answer.

import { offerCertificate } from './certificate.ts';
import { type Command, type CommandArgs, isTransient, type TestPart } from './command.ts';
import { wordOf } from './delivery.ts';
import { type Draft, elapsedMs } from './draft.ts';
import { exportCase } from './export.ts';
import type { FactOf } from './fact.ts';
import { getPiece, hold, putFile } from './fetch.ts';
import { changeFloor } from './floor.ts';
import { inHand, isSilent, openIncidents, resolve } from './incident.ts';
import { answerOf, keyOf, startJob } from './job.ts';
import { listPast } from './past.ts';
import { type Outcome, Refused, type Result } from './refused.ts';
import { addCandidates, bye, changeStream, endCalls, offer } from './session.ts';
import { type Actor, type Incident, type Obeyed, type Override, rowOf } from './state.ts';
import { act, holderOf, release, take } from './stick.ts';
import { offerUpdate } from './update.ts';
import { closeWindow, isForeign, makeRealBy, openWindow, windowTold } from './windows.ts';

/** Answers are kept this long, and this many; a command lives 30 s at most. */
export const answersKeptMs = 600_000;
export const answersKept = 1000;
export const answersForgotten = 100;
/** A sender's clock may be ahead of ours by this much. */
const skewMs = 5_000;

/** Takes a `command.received` fact. */
export function obey(draft: Draft, command: Command): void {
  const key = keyOf(command);
  const before = rowOf(draft.durable.obeyed, key);
  if (before) {
    if (before.answer) draft.answer(command, before.answer);
    return;
  }
  const stale = refusalOf(draft, command);
  if (stale) return draft.answer(command, answerOf(command, stale));
  if (isTransient(command.args.verb)) {
    const outcome = effect(draft, command);
    if (outcome !== 'later') draft.answer(command, answerOf(command, outcome));
    return;
  }
  forgetOld(draft);
  const outcome = effect(draft, command);
  const answer = outcome === 'later' ? null : answerOf(command, outcome);
  draft.put('obeyed', { id: key, at: draft.at, answer });
  if (answer) draft.answer(command, answer);
}

/** Takes a `command.malformed` fact: told to whoever can be told, never obeyed. */
export function refuseMalformed(draft: Draft, fact: FactOf<'command.malformed'>): void {
  const { id, verb, reason, detail, replyTo, correlation } = fact;
  if (replyTo) draft.answer({ replyTo, correlation }, { id, verb, ok: false, reason, detail });
}

/** Rights, boot, retention and age. These say the same again for the same command, so they are
 * not kept: whoever may not command does not fill the disk's table of answers either. */
function refusalOf(draft: Draft, command: Command): Refused | null {
  const { live, now } = draft;
  const { role, args, bootId, issuedMs, lifetimeMs } = command;
  if (!live.setup.rights[role].includes(args.verb) || isForeign(draft, role, args))
    return new Refused('not-allowed', `${role} may not ${args.verb}`);
  if (command.retained)
    return new Refused('retained', 'commands are never retained; publish without the flag');
  if (bootId !== now.bootId)
    return new Refused('wrong-boot', 'bootId is not that of the newest birth message');
  // A clock that is not good says nothing about age; boot id and command id still hold.
  if (now.clock !== 'good') return null;
  const ageMs = now.wallMs - issuedMs;
  if (ageMs > lifetimeMs) return new Refused('expired', `${Math.round(ageMs)} ms old`);
  if (ageMs < -skewMs)
    return new Refused('expired', `issued ${Math.round(-ageMs)} ms in the future; check the clock`);
  return null;
}

function effect(draft: Draft, command: Command): Outcome | 'later' {
  const { args } = command;
  const by: Actor = { role: command.role, user: command.user, at: draft.at };
  switch (args.verb) {
    case 'status':
      return statusOf(draft);
    case 'seen':
    case 'take':
      return claim(draft, args.verb, args.incident, by);
    case 'resolve':
      return end(draft, args, by);
    case 'strobe-on':
      return switchLight(draft, 'strobe', 'on');
    case 'strobe-off':
      return switchLight(draft, 'strobe', 'off');
    case 'siren-on':
      return switchLight(draft, 'siren', 'on');
    case 'siren-off':
      return switchLight(draft, 'siren', 'off');
    case 'test':
      return startTest(draft, command, args);
    case 'session.offer':
      return offer(draft, command, args);
    case 'session.candidate':
      return addCandidates(draft, command, args);
    case 'session.floor':
      return changeFloor(draft, command, args);
    case 'session.stream':
      return changeStream(draft, command, args);
    case 'session.bye':
      return bye(draft, command, args);
    case 'evidence.get':
      return getPiece(draft, command, args);
    case 'evidence.put':
      return putFile(draft, args);
    case 'evidence.hold':
      return hold(draft, command, args);
    case 'window.open':
      return openWindow(draft, args, by);
    case 'window.close':
      return closeWindow(draft, args, by);
    case 'make-real':
      return makeRealBy(draft, args, by);
    case 'evidence.export':
      return exportCase(draft, command, args);
    case 'incident.list':
      return listPast(draft, command, args);
    case 'update.offer':
      return offerUpdate(draft, command, args);
    case 'certificate.offer':
      return offerCertificate(draft, command, args);
    case 'stick.take':
      return take(draft, command, args);
    case 'stick.release':
      return release(draft, command, args);
    case 'stick.do':
      return act(draft, command, args);
  }
}

const unknown = (id: string) =>
  new Refused('unknown-incident', `${id} is neither open nor among the last resolved`);

function claim(draft: Draft, verb: 'seen' | 'take', id: string, by: Actor): Outcome {
  const incident = rowOf(draft.durable.incidents, id);
  if (!incident) return unknown(id);
  if (incident.resolved) return new Refused('already-resolved', `${id} is resolved`);
  const claimed: Incident = {
    ...incident,
    seen: incident.seen ?? by,
    taken: incident.taken ?? (verb === 'take' ? by : null),
  };
  // The first to take it has it; whoever comes later learns who that is.
  if (claimed.seen !== incident.seen || claimed.taken !== incident.taken)
    draft.put('incidents', claimed);
  const holder = claimed.taken ?? claimed.seen ?? by;
  return { step: wordOf(claimed, draft.live), role: holder.role, user: holder.user };
}

function end(draft: Draft, args: CommandArgs & { verb: 'resolve' }, by: Actor): Outcome {
  const incident = rowOf(draft.durable.incidents, args.incident);
  if (!incident) return unknown(args.incident);
  // The answer to an earlier resolve may have been lost: what was asked for is so.
  if (incident.resolved) return { step: 'resolved', already: true };
  // Whoever thinks that it is a drill would end an alarm.
  if (incident.made && args.as !== undefined && args.as !== 'real')
    return new Refused('made-real', `${incident.id} is real: ${incident.made.reason}`);
  resolve(draft, incident.id, { by, reason: args.reason, note: args.note });
  endCalls(draft, incident);
  return { step: 'resolved', already: false };
}

function switchLight(draft: Draft, what: 'strobe' | 'siren', to: Override): Outcome {
  const open = openIncidents(draft.durable);
  if (to === 'on' && open.length === 0)
    return new Refused('no-open-incident', `the ${what} goes on only while an incident is open`);
  if (to === 'on' && open.every(isSilent))
    return new Refused('silent-incident', `the ${what} would betray a silent alarm`);
  if (draft.site[what] !== to) draft.put('site', { ...draft.site, [what]: to });
  return { [what]: to };
}

function startTest(
  draft: Draft,
  command: Command,
  { part }: CommandArgs & { verb: 'test' },
): Outcome | 'later' {
  const no = whyNoTest(draft, part, inHand(draft.durable).length);
  return no ?? startJob(draft, command, { what: `test.${part}` });
}

/** `open`: cases that are in the way. Null: it may be tested now. */
export function whyNoTest({ live }: Draft, part: TestPart, open: number): Refused | null {
  if (open > 0) return new Refused('incident-open', 'nothing is tested while an incident is open');
  if (Object.keys(live.jobs).length > 0)
    return new Refused('busy', 'another test is running; ask again when it has answered');
  const { lease } = live.stick;
  return part === 'preset' && lease
    ? new Refused('busy', `${lease.role}/${lease.user} has the stick of the dome`)
    : null;
}

/** By the hundred: a table of a thousand rows takes 3 ms to copy without one of them. */
function forgetOld(draft: Draft): void {
  const { now } = draft;
  // A wall clock that jumps forgets nothing and keeps nothing for years.
  const ageMs = ({ at }: Obeyed) => elapsedMs(at, now) ?? now.wallMs - at.wallMs;
  const all = Object.values(draft.durable.obeyed);
  const old = all.filter((one) => ageMs(one) > answersKeptMs);
  if (old.length < answersForgotten && all.length < answersKept) return;
  const excess = all
    .sort((a, b) => ageMs(b) - ageMs(a))
    .slice(0, Math.max(0, all.length - answersKept + answersForgotten));
  draft.drop('obeyed', [...new Set([...old, ...excess].map(({ id }) => id))]);
}

function statusOf(draft: Draft): Result {
  const { durable, live, now } = draft;
  return {
    version: live.setup.version,
    incidents: openIncidents(durable).map((incident) => ({
      id: incident.id,
      input: incident.input,
      kind: incident.kind,
      step: wordOf(incident, live),
      presses: incident.presses,
      mark: incident.mark ?? null,
      raisedWallMs: incident.raised.wallMs,
    })),
    faults: Object.values(live.faults).map(({ fault, detail }) => ({ fault, detail })),
    strobe: draft.site.strobe,
    siren: draft.site.siren,
    window: windowTold(live, now),
    stick: holderOf(live.stick),
  };
}
