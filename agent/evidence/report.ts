// The report of a case: a pure function of its records in the chain and of its row. It says what is known and
// from where; what is not known is null or listed as missing. Texts of others are cut and stripped of control
// characters here; whoever shows them still has to escape them.

import type { Fact, FactKind, FactOf } from '../core/fact.ts';
import type { Incident, Moment } from '../core/state.ts';
import type { Step } from '../core/target.ts';
import { isOpening, isSame, type Recorded } from './case.ts';
import { filesOf, missingOf } from './report-files.ts';
import type {
  Report,
  ReportDeed,
  ReportFault,
  ReportHop,
  ReportSession,
  ReportSource,
  ReportTerminal,
  ReportTime,
  ReportTurn,
  ReportWho,
} from './report-model.ts';

/** REQUIREMENTS, Figures. */
const limits: { readonly [S in Step]?: { readonly ms: number; readonly from: string } } = {
  stored: { ms: 50, from: 'own' },
  received: { ms: 2_000, from: 'DB15/T 3968-2025; GA/T 368' },
};

/** Of a list; a case that has more is told in the timeline. */
export const listMax = 500;
const textMax = 2_000;

/** One line of text, without what would change how the rest of the page reads. */
export const plain = (text: string, charsMax = textMax): string => {
  // Control characters, and those that turn the direction of writing.
  const clean = text
    .replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
  return clean.length <= charsMax ? clean : `${[...clean].slice(0, charsMax - 1).join('')}…`;
};

/** What all parts of the report are made from. */
export class Sight {
  readonly source: ReportSource;
  readonly row: Incident;

  constructor(source: ReportSource) {
    this.source = source;
    this.row = source.begun.case;
  }

  of<K extends FactKind>(kind: K): (Recorded & { readonly fact: FactOf<K> })[] {
    const is = (one: Recorded): one is Recorded & { readonly fact: FactOf<K> } =>
      one.fact.kind === kind;
    return this.source.records.filter(is).slice(0, listMax);
  }

  time(at: Moment, seq: number | null = null): ReportTime {
    return { wallMs: at.wallMs, clock: at.clock, afterMs: this.afterMs(at), seq };
  }

  timeOf = ({ at, seq }: Pick<Recorded, 'at' | 'seq'>): ReportTime => this.time(at, seq);

  afterMs({ bootId, monoMs }: Moment): number | null {
    return bootId === this.row.raised.bootId ? monoMs - this.row.raised.monoMs : null;
  }

  /** The time of the row, with the record of that moment where there is one. */
  known(at: Moment | null): ReportTime | null {
    if (!at) return null;
    const record = this.source.records.find(
      (one) => isSame(at, one.at) && one.fact.kind !== 'export.begun',
    );
    return this.time(at, record?.seq ?? null);
  }
}

export function reportOf(source: ReportSource): Report {
  const sight = new Sight(source);
  const { begun, at, terminal, chain } = source;
  const { role, user, reason } = begun;
  return {
    v: 1,
    terminal: plainTerminal(terminal),
    incident: incidentOf(sight),
    hops: hopsOf(sight),
    deeds: deedsOf(sight),
    sessions: sessionsOf(sight),
    turns: turnsOf(sight),
    files: filesOf(sight),
    missing: missingOf(sight),
    faults: faultsOf(sight),
    restarts: sight.of('terminal.started').filter(isAfterPress(sight)).map(sight.timeOf),
    chain,
    made: {
      ...{ role: plain(role, 64), user: plain(user, 64), reason: plain(reason, 200) },
      ...{ time: sight.time(at), export: begun.export },
    },
  };
}

function plainTerminal(terminal: ReportTerminal): ReportTerminal {
  const { id, version, position, ...words } = terminal;
  const entries = Object.entries(words).map(([key, text]) => [key, plain(String(text), 120)]);
  return { id, version, position, ...(Object.fromEntries(entries) as typeof words) };
}

/** What is newer than this program's rows may be in them. */
type Marked = Incident & {
  readonly mark?: string;
  readonly made?: { readonly at: Moment; readonly was: string; readonly reason: string };
};

function incidentOf(sight: Sight): Report['incident'] {
  const { source, row } = sight;
  const { inputs, records } = source;
  const { mark, made }: Marked = row;
  const opening = records.find((one) => isOpening(one, row));
  const role = (name: string) => (one: { readonly fact: FactOf<'input.changed'> }) =>
    inputs[one.fact.input]?.role === name && one.fact.contact === 'pressed';
  const edges = sight.of('input.changed');
  const again = edges.filter(
    ({ seq, fact }) =>
      fact.input === row.input && fact.contact === 'pressed' && seq !== opening?.seq,
  );
  return {
    ...{ id: row.id, kind: row.kind, input: row.input, presses: row.presses },
    inputName: plain(inputs[row.input]?.name ?? row.input, 80),
    raised: sight.time(row.raised, opening?.seq ?? null),
    mark: mark ?? null,
    madeReal: made ? { was: made.was, reason: made.reason, time: sight.time(made.at) } : null,
    falseAlarm: sight.known(row.falseAlarm),
    resets: edges.filter(role('local-reset')).map(sight.timeOf),
    pressedAgain: again.map(sight.timeOf),
    resolution: row.resolved && {
      reason: plain(row.resolved.reason, 64),
      note: row.resolved.note === null ? null : plain(row.resolved.note),
    },
    isUnreadable: row.unreadable !== undefined,
  };
}

function hopsOf(sight: Sight): ReportHop[] {
  const { row } = sight;
  const unstored = sight.of('storage.failed').find(({ fact }) => fact.unstored.includes(row.id));
  const talk = talkingSince(sight);
  // Nobody is told of a press before its row is on disk, or could not be written.
  const stored = unstored ? null : (row.sent ?? row.received);
  const hop = (step: Step, time: ReportTime | null, atLatest = false): ReportHop => {
    const limit = limits[step] ?? null;
    const ms = time?.afterMs ?? null;
    const isWithin = limit && ms !== null ? ms <= limit.ms : null;
    return {
      ...{ step, time, atLatest, limitMs: limit?.ms ?? null, limitFrom: limit?.from ?? null },
      // A bound that is passed says nothing of what happened before it.
      isWithin: atLatest && isWithin === false ? null : isWithin,
    };
  };
  return [
    hop('stored', sight.known(stored), true),
    hop('sent', sight.known(row.sent)),
    hop('received', sight.known(row.received)),
    hop('seen', sight.known(row.seen?.at ?? null)),
    hop('taken', sight.known(row.taken?.at ?? null)),
    hop('talking', talk),
    hop('resolved', sight.known(row.resolved?.at ?? null)),
  ];
}

function talkingSince(sight: Sight): ReportTime | null {
  const [first] = sessionsOf(sight)
    .filter(({ media, mode, lastedMs }) => media === 'talk' && mode === 'talk' && lastedMs !== 0)
    .map(({ time }) => time)
    .sort((a, b) => a.wallMs - b.wallMs);
  return first ?? null;
}

const who = ({ role, user }: ReportWho): ReportWho => ({
  role: plain(role, 64),
  user: plain(user, 64),
});

function deedsOf(sight: Sight): ReportDeed[] {
  const { seen, taken, resolved, held } = sight.row;
  const ofRow = (
    [
      ['seen', seen],
      ['taken', taken],
      ['resolved', resolved],
      ['held', held],
    ] as const
  ).flatMap(([what, actor]): ReportDeed[] => {
    const time = actor ? sight.known(actor.at) : null;
    return actor && time ? [{ what, ...who(actor), time }] : [];
  });
  const ofLight = sight.of('command.received').flatMap(({ fact, at, seq }): ReportDeed[] => {
    const { verb } = fact.args;
    const isLight =
      verb === 'strobe-on' || verb === 'strobe-off' || verb === 'siren-on' || verb === 'siren-off';
    return isLight ? [{ what: verb, ...who(fact), time: sight.time(at, seq) }] : [];
  });
  return [...ofRow, ...ofLight].sort((a, b) => a.time.wallMs - b.time.wallMs);
}

function sessionsOf(sight: Sight): ReportSession[] {
  const ends = new Map(sight.of('session.ended').map((one) => [one.fact.session, one]));
  const passed = sight.of('session.passed').map((one): ReportSession => {
    const { media, mode, session } = one.fact;
    const end = ends.get(session);
    // Of a drill before; this case's from then on.
    const lastedMs = end ? Math.round(end.at.monoMs - one.at.monoMs) : null;
    const time = sight.timeOf(one);
    return { ...{ media, mode, ...who(one.fact), time, lastedMs }, end: end?.fact.reason ?? null };
  });
  const opened = sight.of('session.opened').map((opened): ReportSession => {
    const { fact } = opened;
    const end = ends.get(fact.session);
    const lastedMs = end ? Math.round(end.fact.lastedMs) : null;
    // It was connected so long before its end.
    const shift =
      end && lastedMs
        ? { monoMs: end.at.monoMs - lastedMs, wallMs: end.at.wallMs - lastedMs }
        : null;
    const time =
      end && shift ? sight.time({ ...end.at, ...shift }, opened.seq) : sight.timeOf(opened);
    return {
      media: fact.media,
      mode: fact.mode,
      ...who(fact),
      time,
      lastedMs,
      end: end?.fact.reason ?? null,
    };
  });
  return [...opened, ...passed];
}

const turnsOf = (sight: Sight): ReportTurn[] =>
  sight.of('stick.ended').map(({ fact, at, seq }) => ({
    ...who(fact),
    time: sight.time(fact.since, seq),
    lastedMs: fact.since.bootId === at.bootId ? Math.round(at.monoMs - fact.since.monoMs) : null,
    ...{ moves: fact.moves, presets: fact.presets.slice(0, 20).map((name) => plain(name, 40)) },
    end: fact.reason,
  }));

const isAfterPress =
  ({ row, source }: Sight) =>
  ({ seq }: Pick<Recorded, 'seq'>): boolean =>
    seq > (source.records.find((one) => isOpening(one, row))?.seq ?? 0);

function faultsOf(sight: Sight): ReportFault[] {
  const isAfter = isAfterPress(sight);
  const found: ReportFault[] = [];
  for (const one of sight.source.records) {
    const { fact } = one;
    const raised = faultIn(fact);
    if (raised && found.length < listMax)
      found.push({
        ...raised,
        time: sight.timeOf(one),
        before: !isAfter(one),
        clearedAfterMs: null,
      });
    const cleared =
      fact.kind === 'fault.cleared'
        ? fact.fault
        : fact.kind === 'storage.recovered'
          ? 'storage.failed'
          : null;
    const at = found.findLastIndex(
      (other) => other.fault === cleared && other.clearedAfterMs === null,
    );
    const [open] = at < 0 ? [] : found.slice(at, at + 1);
    if (open) found[at] = { ...open, clearedAfterMs: sight.afterMs(one.at) };
  }
  return found;
}

function faultIn(fact: Fact): Pick<ReportFault, 'fault' | 'detail'> | null {
  if (fact.kind === 'fault.raised')
    return { fault: plain(fact.fault, 80), detail: plain(fact.detail, 400) };
  if (fact.kind !== 'storage.failed') return null;
  return { fault: 'storage.failed', detail: plain(fact.reason, 400) };
}
