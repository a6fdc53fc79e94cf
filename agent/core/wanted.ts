// How the world should look, computed from the state and nothing else. Drivers make it so, as
// often as it takes; there is no resume code because a boot computes the same.

import { stuckDeadlines } from './button.ts';
import { buttonTestDeadlines } from './button-test.ts';
import { certificateDeadlines, certificateTarget } from './certificate.ts';
import { courseOf, lightsOf } from './course.ts';
import { undeliveredDeadlines, wordOf } from './delivery.ts';
import { domeDeadlines, domeTarget } from './dome.ts';
import { evidenceDeadlines, evidenceTarget } from './evidence.ts';
import { exportDeadlines, exportTarget } from './export.ts';
import type { Now } from './fact.ts';
import { fetchDeadlines } from './fetch.ts';
import { commandDeadlines } from './flood.ts';
import { callersOf } from './floor.ts';
import { headDeadlines } from './head.ts';
import { foldedDeadlines, isSilent, openIncidents } from './incident.ts';
import { isMuted } from './local.ts';
import { patrolDeadlines } from './patrol.ts';
import { sessionDeadlines } from './session.ts';
import type { Incident, Live, State } from './state.ts';
import { stickDeadlines } from './stick.ts';
import {
  type LampTarget,
  type LampWord,
  ladder,
  type MediaTarget,
  type Prompt,
  type Step,
  type TerminalStatus,
  type Wanted,
} from './target.ts';
import { updateDeadlines, updateTarget } from './update.ts';
import { heldDeadlines, windowDeadlines, windowShown, windowTold } from './windows.ts';

/** The lamp says *resolved* this long. */
export const resolvedShownMs = 10_000;

/** Least advanced first: what the lamp shows of several. */
const leastFirst: readonly LampWord[] = ['undelivered', 'unstored', ...ladder, 'ready'];

export function wanted(state: State, now: Instant): Wanted {
  const { durable, live } = state;
  const open = openIncidents(durable);
  return {
    dome: domeTarget(state, now),
    lamp: { ...lampTarget(open, live, now), ...(isMuted(state) ? { muted: true } : {}) },
    uplink: statusOf(open, state, now),
    media: {
      ...mediaTarget(open, live),
      ...(isMuted(state) ? { say: null } : {}),
      evidence: evidenceTarget(durable, live, now),
    },
    exports: exportTarget(state),
    patrol: live.patrol.running?.id ?? null,
    update: updateTarget(state),
    certificate: certificateTarget(state, now),
    jobs: Object.values(live.jobs).map(({ command: _, ...job }) => job),
    wakeAtMs: earliest([
      ...undeliveredDeadlines(durable, live, now),
      ...foldedDeadlines(durable, now),
      ...windowDeadlines(live, now),
      ...heldDeadlines(state),
      ...stuckDeadlines(live),
      ...buttonTestDeadlines(state, now),
      ...Object.values(live.jobs).map(({ deadlineMs }) => deadlineMs),
      ...commandDeadlines(live),
      ...sessionDeadlines(live),
      ...stickDeadlines(durable, live),
      ...domeDeadlines(state, now),
      ...evidenceDeadlines(durable, live, now),
      ...fetchDeadlines(live),
      ...exportDeadlines(live),
      ...updateDeadlines(live),
      ...headDeadlines(durable, now),
      ...patrolDeadlines(state, now),
      ...certificateDeadlines(state, now),
      ...resolvedDeadline(live, now.monoMs),
    ]),
  };
}

type Instant = Omit<Now, 'id'>;

/** Nothing marked is shown or said while something real is open. */
const foremost = (open: readonly Incident[]): readonly Incident[] => {
  const real = open.filter(({ mark }) => !mark);
  return real.length > 0 ? real : open;
};

function lampTarget(open: readonly Incident[], live: Live, now: Instant): LampTarget {
  const words = (incidents: readonly Incident[]): LampWord | null =>
    leastFirst.find((word) => incidents.some((incident) => wordOf(incident, live) === word)) ??
    null;
  const loud = foremost(open.filter((incident) => !isSilent(incident)));
  const word = words(loud);
  return {
    word: word ?? idleWord(live, now.monoMs),
    silent: words(foremost(open.filter(isSilent))),
    fault: Object.keys(live.faults).length > 0,
    linkDown: !live.online,
    mark: loud.length > 0 ? (loud[0]?.mark ?? null) : (windowShown(live, now)?.mark ?? null),
  };
}

/** A call that nobody in the room has asked for is seen before it is heard. */
function idleWord(live: Live, monoMs: number): LampWord {
  if (Object.values(live.sessions).some(({ announced }) => announced)) return 'talking';
  return resolvedDeadline(live, monoMs).length > 0 ? 'resolved' : 'ready';
}

const saidAt: { readonly [W in LampWord]?: Prompt } = {
  sent: 'sent',
  received: 'sent',
  seen: 'sent',
  taken: 'taken',
  undelivered: 'undelivered',
};

/** Nobody is to call 110 because of a drill, and whoever works on it needs no words. */
function promptOf({ mark }: Incident, word: LampWord): Prompt | undefined {
  if (mark === 'service') return undefined;
  return mark === 'drill' && word !== 'taken' ? 'drill' : saidAt[word];
}

/** Nothing is said of a silent alarm, nor while one is open: somebody may be listening. */
function mediaTarget(open: readonly Incident[], live: Live): Omit<MediaTarget, 'evidence'> {
  const { sessions, floor, streams } = live;
  const isQuiet = open.some(isSilent);
  const words = foremost(open).map((incident) => ({ incident, word: wordOf(incident, live) }));
  const least = leastFirst.flatMap((word) => words.filter((one) => one.word === word))[0];
  const prompt = least && !isQuiet ? promptOf(least.incident, least.word) : undefined;
  return {
    sessions: Object.values(sessions).map(
      ({ id, kind, sdp, turn, candidates, stream, announced }) => ({
        ...{ id, kind, sdp, turn, candidates, stream, announced },
        speaks: id === floor.holder,
      }),
    ),
    say: least && prompt ? { id: `${least.incident.id}/${prompt}`, prompt } : null,
    streams,
  };
}

const resolvedDeadline = ({ resolvedMs }: Live, monoMs: number): number[] =>
  resolvedMs !== null && monoMs < resolvedMs + resolvedShownMs
    ? [resolvedMs + resolvedShownMs]
    : [];

function statusOf(
  open: readonly Incident[],
  { durable, live }: State,
  now: Instant,
): TerminalStatus {
  const { lease } = live.stick;
  return {
    version: live.setup.version,
    incidents: open.map((incident) => ({
      id: incident.id,
      input: incident.input,
      kind: incident.kind,
      step: ladderStep(incident, live),
      raised: incident.raised,
      presses: incident.presses,
      course: courseOf(incident, live),
      seen: incident.seen,
      taken: incident.taken,
      mark: incident.mark ?? null,
    })),
    faults: Object.values(live.faults),
    callers: callersOf(live),
    lights: lightsOf(durable),
    stick: lease && { role: lease.role, user: lease.user, since: lease.since },
    window: windowTold(live, now),
  };
}

/** The ladder for the platform, which needs no word for what it has not received. */
function ladderStep(incident: Incident, live: Live): Step | 'unstored' {
  const word = wordOf({ ...incident, undelivered: null }, live);
  return word === 'ready' || word === 'undelivered' ? 'stored' : word;
}

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : Math.min(...times);
