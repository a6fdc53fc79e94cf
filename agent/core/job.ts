// Commands that are answered later: a job is wanted until its driver tells how it went, or its time is
// over. No job survives a restart (all are at-most-once).

import { type Answer, type Command, isTransient, type Role, type TestPart } from './command.ts';
import type { Draft } from './draft.ts';
import { keepOutcome } from './outcome.ts';
import { type Outcome, Refused } from './refused.ts';
import type { JobWork, PendingJob } from './state.ts';

export const jobWithinMs = 15_000;

/** Key of the row that keeps a command's answer. */
export const keyOf = ({ role, user, id }: { role: Role; user: string; id: string }): string =>
  `${role}/${user}/${id}`;

export function answerOf({ id, args }: Command, outcome: Outcome): Answer {
  const { verb } = args;
  return outcome instanceof Refused
    ? { id, verb, ok: false, reason: outcome.reason, detail: outcome.detail }
    : { id, verb, ok: true, result: outcome };
}

export function startJob(draft: Draft, command: Command, work: JobWork): 'later' {
  return begin(draft, { ...newJob(draft, work), command });
}

/** The same for somebody at the terminal itself: its end is the outcome of that asking. */
export const startLocalJob = (draft: Draft, asked: string, part: TestPart): 'later' =>
  begin(draft, { ...newJob(draft, { what: `test.${part}` }), command: { local: asked } });

const newJob = ({ now: { id, monoMs } }: Draft, work: JobWork) => ({
  ...{ id, ...work, deadlineMs: monoMs + jobWithinMs },
});

function begin(draft: Draft, job: PendingJob): 'later' {
  draft.patchLive({ jobs: { ...draft.live.jobs, [job.id]: job } });
  return 'later';
}

/** Takes the end of a job to whoever asked for it. */
export function jobEnded(draft: Draft, id: string, outcome: Outcome): void {
  const { [id]: job, ...jobs } = draft.live.jobs;
  if (!job) return;
  draft.patchLive({ jobs });
  const { command } = job;
  if ('local' in command) return keepOutcome(draft, command.local, outcome);
  const answer = answerOf(command, outcome);
  if (isTransient(command.args.verb)) remember(draft, command, outcome);
  else draft.put('obeyed', { id: keyOf(command), at: draft.at, answer });
  draft.answer(command, answer);
}

/** Under the lease: the same command gets the same answer for as long as there is one. */
function remember(draft: Draft, { id }: Command, outcome: Outcome): void {
  const { stick } = draft.live;
  if (!stick.lease) return;
  const done = stick.lease.done.map((one) => (one.id === id ? { ...one, outcome } : one));
  draft.patchLive({ stick: { ...stick, lease: { ...stick.lease, done } } });
}

export function jobsDue(draft: Draft): void {
  for (const { id, deadlineMs } of Object.values(draft.live.jobs))
    if (draft.now.monoMs >= deadlineMs)
      jobEnded(draft, id, new Refused('failed', 'no result in time'));
}

/** What a restart interrupted has failed. */
export function failInterrupted(draft: Draft): void {
  for (const { id, at, answer } of Object.values(draft.durable.obeyed)) {
    if (answer || draft.live.jobs[id]) continue;
    const commandId = id.split('/').slice(2).join('/');
    const failed: Answer = {
      id: commandId,
      verb: 'test',
      ok: false,
      reason: 'failed',
      detail: 'the terminal restarted meanwhile',
    };
    draft.put('obeyed', { id, at, answer: failed });
  }
}
