// What happened in a case, as this page has heard it: a line each, in no language, and the files that are
// kept of it. A line said twice is one line. Pure.

import type { AlarmMessage, BirthMessage, EventMessage, Identity } from '../../../contract.ts';
import type { Case, Kind, Mark } from './case.ts';

export interface Who {
  readonly role: string;
  readonly user: string;
}

export type What =
  | 'raised'
  | 'pressed'
  | 'sent'
  | 'received'
  | 'undelivered'
  | 'seen'
  | 'taken'
  | 'false-alarm'
  | 'local-reset'
  | 'made-real'
  | 'fault'
  | 'fault-over'
  | 'stick'
  | 'stick-free'
  | 'floor'
  | 'call'
  | 'call-over'
  | 'strobeOff'
  | 'strobeOn'
  | 'sirenOff'
  | 'sirenOn'
  | 'evidence'
  | 'evidence-missing'
  | 'resolved';

export interface Line {
  readonly key: string;
  readonly atMs: number;
  readonly what: What;
  readonly who: Who | null;
  /** A word of the table of texts, or a sentence of the terminal's. */
  readonly detail: string;
}

export type StoredFile = Pick<
  Extract<EventMessage, { kind: 'evidence.stored' }>,
  'file' | 'what' | 'afterMs' | 'bytes' | 'sha256' | 'wallMs' | 'lengthMs' | 'missingMs'
>;

export interface Resolved extends Who {
  readonly atMs: number;
  readonly reason: string;
  readonly note: string | null;
}

export interface CaseLog {
  readonly id: string;
  readonly terminal: string;
  readonly identity: Identity | null;
  readonly kind: Kind;
  readonly mark: Mark | null;
  readonly inputName: string;
  readonly raisedMs: number;
  /** The oldest first. */
  readonly lines: readonly Line[];
  readonly files: readonly StoredFile[];
  readonly resolved: Resolved | null;
}

const linesMax = 300;
const filesMax = 200;

export function withLine(log: CaseLog, line: Line): CaseLog {
  if (log.lines.some(({ key }) => key === line.key)) return log;
  const lines = [...log.lines, line].sort((a, b) => a.atMs - b.atMs);
  return { ...log, lines: lines.slice(-linesMax) };
}

export const withLines = (log: CaseLog, lines: readonly Line[]): CaseLog =>
  lines.reduce(withLine, log);

/** The log of a case, begun or brought up to what is known of it now; the same one where nothing is new. */
export function follow(before: CaseLog | undefined, now: Case): CaseLog {
  const { id, terminal, identity, kind, mark, inputName, raisedMs } = now;
  const facts = { kind, mark, inputName, raisedMs };
  const log: CaseLog =
    before === undefined
      ? { id, terminal, identity, ...facts, lines: [], files: [], resolved: null }
      : before.mark === mark && before.inputName === inputName && (before.identity || !identity)
        ? before
        : { ...before, ...facts, identity: identity ?? before.identity };
  const raised: Line = {
    ...{ key: 'raised', atMs: raisedMs, what: 'raised', who: null, detail: inputName },
  };
  return withLines(log, [raised, ...linesOf(now)]);
}

export function linesOf({ course, seen, taken }: Pick<Case, 'course' | 'seen' | 'taken'>): Line[] {
  const plain = (what: What, atMs: number | null): Line[] =>
    atMs === null ? [] : [{ key: what, atMs, what, who: null, detail: '' }];
  const by = (what: What, doer: Case['seen']): Line[] =>
    doer === null
      ? []
      : [
          {
            ...{ key: what, atMs: doer.wallMs, what, detail: '' },
            who: { role: doer.role, user: doer.user },
          },
        ];
  return [
    ...plain('sent', course?.sentWallMs ?? null),
    ...plain('received', course?.receivedWallMs ?? null),
    ...plain('undelivered', course?.undeliveredWallMs ?? null),
    ...by('seen', seen),
    ...by('taken', taken),
    ...plain('false-alarm', course?.falseAlarmWallMs ?? null),
  ];
}

/** Ids of the cases that a message is about. */
export function casesIn(message: AlarmMessage | EventMessage): readonly string[] {
  if ('incidents' in message) return message.incidents;
  return 'incident' in message ? [message.incident] : [];
}

/** Takes an alarm or an event that is about this case. */
export function heard(log: CaseLog, message: AlarmMessage | EventMessage): CaseLog {
  const head = { key: message.id, atMs: message.wallMs, who: null };
  switch (message.kind) {
    case 'press.repeated':
      return withLine(log, { ...head, what: 'pressed', detail: `×${message.presses}` });
    case 'incident.false-alarm':
      return withLine(log, { ...head, key: 'false-alarm', what: 'false-alarm', detail: '' });
    case 'incident.local-reset':
      return withLine(log, { ...head, what: 'local-reset', detail: '' });
    case 'incident.made-real': {
      const who = message.role && message.user ? { role: message.role, user: message.user } : null;
      const line: Line = { ...head, what: 'made-real', who, detail: message.reason };
      return { ...withLine(log, { ...line, key: 'made-real' }), mark: null };
    }
    case 'incident.resolved': {
      const { role, user, reason, note, wallMs: atMs } = message;
      const line: Line = {
        ...{ ...head, key: 'resolved', what: 'resolved', who: { role, user }, detail: reason },
      };
      return { ...withLine(log, line), resolved: { role, user, reason, note, atMs } };
    }
    case 'evidence.stored':
      return withFile(log, message);
    case 'evidence.missing':
      return withLine(log, { ...head, what: 'evidence-missing', detail: message.detail });
    default:
      return log;
  }
}

function withFile(log: CaseLog, stored: Extract<EventMessage, { kind: 'evidence.stored' }>) {
  const { file, what, afterMs, bytes, sha256, wallMs, lengthMs, missingMs } = stored;
  if (log.files.some((one) => one.file === file)) return log;
  const kept: StoredFile = { file, what, afterMs, bytes, sha256, wallMs, lengthMs, missingMs };
  const files = [...log.files, kept].sort((a, b) => a.wallMs - b.wallMs).slice(-filesMax);
  const line: Line = { key: file, atMs: wallMs, what: 'evidence', who: null, detail: what };
  return withLine({ ...log, files }, line);
}

type Shared = Pick<BirthMessage, 'stick' | 'callers' | 'lights' | 'faults'>;

/** What has changed between two births of a terminal whose case is open: who turns the dome, who talks, how
 * the lights are switched, what is out of order. `atMs`: when it was heard. */
export function changesBetween(before: Shared, now: Shared, atMs: number): readonly Line[] {
  const line = (what: What, who: Who | null, detail = ''): Line => ({
    ...{ key: `${what} ${who ? `${who.role}/${who.user}` : detail} ${atMs}`, atMs, what, detail },
    who: who && { role: who.role, user: who.user },
  });
  return [
    ...stickLines(before.stick, now.stick, line),
    ...callLines(before.callers, now.callers, line),
    ...lightLines(before.lights, now.lights, line),
    ...faultLines(before.faults, now.faults, line),
  ];
}

type Say = (what: What, who: Who | null, detail?: string) => Line;

function stickLines(before: Shared['stick'], now: Shared['stick'], line: Say): Line[] {
  if (before?.role === now?.role && before?.user === now?.user) return [];
  return [line(now ? 'stick' : 'stick-free', now)];
}

function callLines(before: Shared['callers'], now: Shared['callers'], line: Say): Line[] {
  const has = (all: Shared['callers'], one: Shared['callers'][number]) =>
    all.some(({ session }) => session === one.session);
  const holder = (all: Shared['callers']) => all.find(({ floor }) => floor === 'has');
  const [was, is] = [holder(before), holder(now)];
  return [
    ...now.filter((one) => !has(before, one)).map((one) => line('call', one)),
    ...before.filter((one) => !has(now, one)).map((one) => line('call-over', one)),
    ...(is && was && is.session !== was.session ? [line('floor', is)] : []),
  ];
}

function lightLines(before: Shared['lights'], now: Shared['lights'], line: Say): Line[] {
  if (!before || !now) return [];
  return (['strobe', 'siren'] as const).flatMap((what) => {
    const [was, is] = [before[what] === 'off', now[what] === 'off'];
    return was === is ? [] : [line(is ? `${what}Off` : `${what}On`, null)];
  });
}

function faultLines(before: Shared['faults'], now: Shared['faults'], line: Say): Line[] {
  const has = (all: Shared['faults'], name: string) => all.some(({ fault }) => fault === name);
  return [
    ...now
      .filter(({ fault }) => !has(before, fault))
      .map(({ fault, detail }) => line('fault', null, `${fault}: ${detail}`)),
    ...before
      .filter(({ fault }) => !has(now, fault))
      .map(({ fault }) => line('fault-over', null, fault)),
  ];
}
