// Pictures that no press has asked for: of whom the dome begins to follow while a case is open, and of
// what it notices otherwise. Bounded: a dome that sees somebody new behind every tree fills no disk.

import type { Draft } from './draft.ts';
import { isFollowed } from './kinds.ts';
import type { Incident, Live } from './state.ts';

export const sightingLimits = {
  /** Between two pictures of one kind. */
  apartMs: 10_000,
  /** Of one case: of whom the dome follows. */
  trackedMax: 12,
  /** Of what it notices. */
  noticedAnHour: 30,
  /** Not there yet. */
  waitingMax: 6,
} as const;

/** A picture of something that the dome has noticed. */
export interface NoticedShot {
  /** Of the message that tells it. */
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export interface Noticed {
  readonly shots: readonly NoticedShot[];
  /** When pictures of this hour were asked for, monotonic milliseconds, the last first. */
  readonly taken: readonly number[];
}

export const nothingNoticed: Noticed = { shots: [], taken: [] };

const prefix = 'noticed-';
/** What its file is named after; a case has no such name. */
export const noticedName = (id: string): string => `${prefix}${id}`;
/** Id of the message that tells what a file of that name shows; null: it is of a case. */
export const noticedBy = (name: string): string | null =>
  name.startsWith(prefix) ? name.slice(prefix.length) : null;

/** The dome follows somebody new: a picture of him, under the name that the clip has. */
export function followed(draft: Draft): void {
  const { durable, live, now } = draft;
  const open = Object.values(durable.incidents).find((one) => !one.resolved && isFollowed(one));
  if (!open || !live.setup.evidence) return;
  const incident: Incident = durable.incidents[open.clip ?? open.id] ?? open;
  const { raised, snapshots = [], tracked = [] } = incident;
  if (raised.bootId !== now.bootId || tracked.length >= sightingLimits.trackedMax) return;
  const sinceMs = Math.round(now.monoMs - raised.monoMs);
  if (sinceMs - (tracked.at(-1) ?? Number.NEGATIVE_INFINITY) < sightingLimits.apartMs) return;
  // A picture of that very moment has its name already.
  const afterMs = snapshots.includes(sinceMs) ? sinceMs + 1 : sinceMs;
  draft.put('incidents', { ...incident, tracked: [...tracked, afterMs] });
}

/** Asks for a picture of what the next message tells. Returns what that message says of it. */
export function pictured(draft: Draft): { readonly snapshot?: string } {
  const { live, now, nextId: id } = draft;
  const { shots, taken } = live.noticed;
  const recent = taken.filter((ms) => now.monoMs - ms < 3_600_000);
  const [last = Number.NEGATIVE_INFINITY] = recent;
  const { apartMs, noticedAnHour, waitingMax } = sightingLimits;
  const isMuch = recent.length >= noticedAnHour || shots.length >= waitingMax;
  if (!live.setup.evidence || live.streams.snapshot === null) return {};
  if (isMuch || now.monoMs - last < apartMs) return {};
  const shot = { id, atMs: now.monoMs };
  draft.patchLive({ noticed: { shots: [...shots, shot], taken: [now.monoMs, ...recent] } });
  return { snapshot: `${noticedName(id)}-0.jpg` };
}

/** It is there, or will never be. */
export function noticedDone(draft: Draft, id: string): void {
  const { noticed } = draft.live;
  draft.patchLive({ noticed: { ...noticed, shots: noticed.shots.filter((one) => one.id !== id) } });
}

export const noticedShots = ({ noticed }: Live) =>
  noticed.shots.map(({ id, atMs }) => ({ incident: noticedName(id), afterMs: 0, atMs }));
