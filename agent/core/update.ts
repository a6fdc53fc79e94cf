// Another version of the program: offered by the platform, fetched by the agent, put in place by root's
// updater (systemd/update-apply), which asks for leave first. Withheld while somebody needs the terminal: a
// restart takes two seconds. What became of it is told once, however often its result is read.

import type { Command, CommandArgs } from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf, Now } from './fact.ts';
import { openIncidents } from './incident.ts';
import { type Outcome, refused } from './refused.ts';
import type { Live, Site, State } from './state.ts';
import { compareVersions } from './version.ts';
import { windowNow } from './windows.ts';

export const updateLimits = {
  bytesMax: 256 * 2 ** 20,
  /** From the offer until it is here. */
  fetchMs: 24 * 3_600_000,
} as const;

/** What the platform offers. */
export interface Offered {
  /** May have a secret in it: never a record, never in the log. */
  readonly url: string;
  readonly version: string;
  readonly bytes: number;
  /** Of the whole file, hex. */
  readonly sha256: string;
}

/** One that is being fetched; it dies with the process: whoever has offered it offers it again. */
export interface Update extends Offered {
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

export interface UpdateTarget {
  readonly fetch: Omit<Update, 'deadlineMs'> | null;
  /** The line is for an alarm. */
  readonly isPaused: boolean;
}

/** How the updater's last work ended. */
export interface UpdateEnd {
  /** Unique to it. */
  readonly id: string;
  readonly verdict: 'applied' | 'failed';
  readonly version: string;
  readonly from: string;
  readonly detail: string;
}

export type UpdateFact =
  /** A record that core itself makes: who has offered which release. */
  | ({ readonly kind: 'update.offered'; readonly update: string } & Omit<Offered, 'url'> & {
        readonly role: string;
        readonly user: string;
      })
  /** A release is in the updater's hands; `detail`: it could not be fetched or is none, and why. */
  | { readonly kind: 'update.fetched'; readonly id: string; readonly detail: string | null }
  /** The updater's result was read; again and again the same. */
  | ({ readonly kind: 'update.ended' } & UpdateEnd);

type Args = Extract<CommandArgs, { verb: 'update.offer' }>;

/** `update.offer`. The same file again takes the new address. */
export function offerUpdate(draft: Draft, { role, user }: Command, args: Args): Outcome {
  const { live, now } = draft;
  const { verb: _, ...offered } = args;
  const { version, bytes, sha256 } = offered;
  if (compareVersions(version, live.setup.version) <= 0)
    return refused('failed', `${version} is not newer than ${live.setup.version}`);
  const before = live.update;
  if (before && before.sha256 !== sha256)
    return refused('busy', `version ${before.version} is being fetched`);
  const id = before?.id ?? now.id;
  const deadlineMs = now.monoMs + updateLimits.fetchMs;
  draft.patchLive({ update: { ...offered, id, deadlineMs } });
  if (!before)
    draft.record.push({ kind: 'update.offered', update: id, version, bytes, sha256, role, user });
  return { update: id };
}

/** Of one that is not wanted any more nothing is told. */
export function updateFetched(draft: Draft, { id, detail }: FactOf<'update.fetched'>): void {
  const { update } = draft.live;
  if (update?.id !== id) return;
  draft.patchLive({ update: null });
  const { version } = update;
  if (detail !== null) draft.tell('event', { kind: 'update.failed', update: id, version, detail });
}

/** Told once, whichever process reads it. */
export function updateEnded(draft: Draft, fact: FactOf<'update.ended'>): void {
  const { id, verdict, version, from, detail } = fact;
  if (draft.site.updated === id) return;
  const site: Site = { ...draft.site, updated: id };
  draft.put('site', site);
  if (verdict === 'applied') draft.tell('event', { kind: 'update.applied', version, from });
  else draft.tell('event', { kind: 'update.failed', update: null, version, detail });
}

export function updateDue(draft: Draft): void {
  const { update } = draft.live;
  if (!update || draft.now.monoMs < update.deadlineMs) return;
  updateFetched(draft, { kind: 'update.fetched', id: update.id, detail: 'it took too long' });
}

export const updateDeadlines = ({ update }: Live): number[] => (update ? [update.deadlineMs] : []);

export function updateTarget({ durable, live }: State): UpdateTarget {
  if (!live.update) return { fetch: null, isPaused: false };
  const { deadlineMs: _, ...fetch } = live.update;
  return { fetch, isPaused: openIncidents(durable).length > 0 };
}

/** Why the program cannot be exchanged now, one sentence; null: it can. Whoever reads it may stand at the
 * machine, so a silent case is a case like all others. */
export function whyNoUpdate({ durable, live }: State, now: Pick<Now, 'monoMs'>): string | null {
  if (openIncidents(durable).length > 0) return 'a case is open';
  const window = windowNow(live, now);
  if (window) return `a window is open: ${window.mark}`;
  if (Object.values(live.sessions).some(({ kind }) => kind === 'talk'))
    return 'a call is under way';
  if (live.storageFailing) return 'records are waiting for the disk';
  if (Object.keys(live.jobs).length > 0) return 'a test is under way';
  if (live.patrol.running) return 'a patrol is under way';
  return null;
}
