// What is kept of each case: a clip from half a minute before its press to two minutes after its end,
// pictures of the moment, and what is said in its calls. Cases that overlap share one clip, and their talks.
// What was stored, could not be had or was deleted is a record, and the platform is told of it; the files
// themselves are the media processes'.

import { isDelivered } from './delivery.ts';
import type { Draft } from './draft.ts';
import type { FactOf, Now } from './fact.ts';
import type { Piece } from './fetch.ts';
import type { StreamName } from './picture.ts';
import { noticedBy, noticedDone, noticedShots } from './sighting.ts';
import { type Durable, type Incident, type Live, rowOf } from './state.ts';
import type { EvidenceTarget } from './target.ts';
import { aliveSince } from './windows.ts';

export const evidenceTimes = {
  /** DB15/T 3968-2025. */
  beforeMs: 30_000,
  /** After the resolution. */
  afterMs: 120_000,
  /** Of one case, from its press or from when it was made real. */
  mostMs: 3_600_000,
  /** Pictures of the moment, after the press. */
  snapshotsMs: [0, 1_000, 3_000, 10_000],
} as const;

export const evidenceKinds = ['clip', 'snapshot', 'talk'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];
/** Why a snapshot was taken: at its time after the press, of whom the dome began to follow, of something that
 * it had noticed. */
export const causes = ['press', 'tracked', 'noticed'] as const;
export type Cause = (typeof causes)[number];
export const purgeReasons = ['age', 'space'] as const;

export interface Video {
  /** `sub`: browsers do not show the main one (H.265), or the dome has no other. */
  readonly stream: StreamName;
  readonly codec: 'h264';
  readonly width: number;
  readonly height: number;
}

/** A file as it is kept. */
export interface EvidenceFile {
  readonly file: string;
  /** A case, or the first of those that share the clip and the talk; or the name that `noticedName` gives. */
  readonly incident: string;
  readonly what: EvidenceKind;
  /** Of a snapshot: after the press, milliseconds. */
  readonly afterMs: number | null;
  /** Of a clip: what was recorded, as the dome coded it. */
  readonly video: Video | null;
  readonly bytes: number;
  readonly sha256: string;
  /** Unix time of its beginning, milliseconds. */
  readonly wallMs: number;
  readonly lengthMs: number;
  /** For so long within it there is nothing. */
  readonly missingMs: number;
  readonly fragments: number;
  /** Its writer had died: found at the next start, and cut to what was whole. */
  readonly mended: boolean;
}

/** What could not be had of a case, and why. */
export interface EvidenceGap {
  readonly incident: string;
  readonly what: EvidenceKind;
  /** Of a snapshot: after the press, milliseconds. */
  readonly afterMs: number | null;
  readonly detail: string;
}

type At = Omit<Now, 'id'>;

/** Monotonic time at which the recording of a case ends; null: it has. A boot that is another counts from
 * its own beginning, where the case is still open. */
function endMs(incident: Incident, now: At): number | null {
  const { resolved } = incident;
  const since = aliveSince(incident);
  const mostMs = (since.bootId === now.bootId ? since.monoMs : 0) + evidenceTimes.mostMs;
  if (!resolved) return now.monoMs < mostMs ? mostMs : null;
  const { at } = resolved;
  if (at.bootId !== now.bootId) return null;
  const end = Math.min(mostMs, at.monoMs + evidenceTimes.afterMs);
  return now.monoMs < end ? end : null;
}

/** What was it before it could not be read? Nobody knows when it was pressed. */
const recorded = ({ incidents }: Durable, now: At): Incident[] =>
  Object.values(incidents).filter((one) => !one.unreadable && endMs(one, now) !== null);

/** The clip of a case that is raised now: that which is being recorded, or its own. */
export const clipOf = (draft: Draft, id: string): string =>
  recorded(draft.durable, draft.now).map((one) => one.clip ?? one.id)[0] ?? id;

export function evidenceTarget(durable: Durable, live: Live, now: At): EvidenceTarget | null {
  if (!live.setup.evidence) return null;
  const cases = recorded(durable, now);
  const [first] = cases;
  const fromMs = ({ raised }: Incident) =>
    raised.bootId === now.bootId ? Math.max(0, raised.monoMs - evidenceTimes.beforeMs) : 0;
  const kept = Object.values(durable.incidents).filter((one) => isKept(one, now));
  return {
    clip: first ? { id: first.clip ?? first.id, fromMs: Math.min(...cases.map(fromMs)) } : null,
    snapshots: [...cases.flatMap((one) => snapshotsOf(one, now)), ...noticedShots(live)],
    talk: talkOf(durable, live),
    piece: live.piece && wordsOf(live.piece),
    uploads: isWaiting(durable, live)
      ? []
      : live.uploads.map(({ id, file, url }) => ({ id, file, url })),
    kept: [...new Set(kept.flatMap(({ id, clip }) => [id, clip ?? id]))],
    today: now.clock === 'good' ? Math.floor(now.wallMs / 86_400_000) : null,
  };
}

/** Kept under the name that its case's clip has; where two cases talk at once, that of the older call. */
function talkOf({ incidents }: Durable, { sessions }: Live): EvidenceTarget['talk'] {
  const [first] = Object.values(sessions)
    .filter(({ kind, incident }) => kind === 'talk' && incident !== null)
    .sort((a, b) => a.sinceMs - b.sinceMs);
  const id = first?.incident ?? null;
  return id === null ? null : { id: rowOf(incidents, id)?.clip ?? id };
}

const wordsOf = ({ id, file, from, bytes }: Piece) => ({ id, file, from, bytes });

/** An alarm has not arrived: the line is for it. */
const isWaiting = ({ incidents }: Durable, { setup }: Live): boolean =>
  Object.values(incidents).some((one) => !one.resolved && !isDelivered(one, setup));

/** Nothing of an open or held case is deleted, nor of one that is still being recorded. */
const isKept = (incident: Incident, now: At): boolean =>
  !incident.unreadable &&
  (!incident.resolved || incident.held !== undefined || endMs(incident, now) !== null);

/** Fate after a reboot: void. */
function snapshotsOf({ id, raised, made, unreadable, ...taken }: Incident, now: At) {
  if (unreadable) return [];
  const { snapshots = [], tracked = [] } = taken;
  const { snapshotsMs } = evidenceTimes;
  // One that was made real is an alarm anew; named by the time since its press all the same.
  const laterMs = made ? Math.max(1, Math.round(made.at.wallMs - raised.wallMs)) : 0;
  const moments = [
    { at: raised, ms: 0, afterMs: [...snapshotsMs, ...tracked] },
    ...(made ? [{ at: made.at, ms: laterMs, afterMs: snapshotsMs }] : []),
  ];
  return moments
    .filter(({ at }) => at.bootId === now.bootId)
    .flatMap(({ at, ms, afterMs }) =>
      afterMs.map((after) => ({ incident: id, afterMs: ms + after, atMs: at.monoMs + after })),
    )
    .filter(({ afterMs }) => !snapshots.includes(afterMs));
}

/** Cases whose clip it is. */
const casesOf = (draft: Draft, clip: string): Incident[] =>
  Object.values(draft.durable.incidents).filter((one) => (one.clip ?? one.id) === clip);

export function evidenceStored(draft: Draft, fact: FactOf<'evidence.stored'>): void {
  const { kind, incident, ...file } = fact;
  const cause = causeOf(draft, fact);
  if (!snapshotDone(draft, incident, file.afterMs)) return;
  const isShared = file.what !== 'snapshot' || cause === 'tracked';
  const cases = isShared ? casesOf(draft, incident).map(({ id }) => id) : [];
  const incidents = cause === 'noticed' ? [] : [...new Set([incident, ...cases])];
  draft.tell('event', { kind, incidents, cause, ...file });
}

export function evidenceMissing(draft: Draft, fact: FactOf<'evidence.missing'>): void {
  const { kind, what, afterMs, detail } = fact;
  const cause = causeOf(draft, fact);
  if (!snapshotDone(draft, fact.incident, afterMs)) return;
  const incident = noticedBy(fact.incident) ?? fact.incident;
  draft.tell('event', { kind, incident, what, cause, afterMs, detail });
}

function causeOf(
  { durable }: Draft,
  { incident, what, afterMs }: Omit<EvidenceGap, 'detail'>,
): Cause | null {
  if (what === 'clip' || afterMs === null) return null;
  if (noticedBy(incident) !== null) return 'noticed';
  return durable.incidents[incident]?.tracked?.includes(afterMs) ? 'tracked' : 'press';
}

/** A snapshot is had once, or missed once. False: that had been told. */
function snapshotDone(draft: Draft, id: string, afterMs: number | null): boolean {
  if (afterMs === null) return true;
  const message = noticedBy(id);
  if (message !== null) noticedDone(draft, message);
  const incident = draft.durable.incidents[id];
  if (!incident) return true;
  const { snapshots = [] } = incident;
  if (snapshots.includes(afterMs)) return false;
  draft.put('incidents', { ...incident, snapshots: [...snapshots, afterMs] });
  return true;
}

/** Monotonic times at which a recording ends. */
export const evidenceDeadlines = (durable: Durable, { setup }: Live, now: At): number[] =>
  setup.evidence ? recorded(durable, now).flatMap((one) => endMs(one, now) ?? []) : [];
