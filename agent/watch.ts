// Looks on while the terminal works: the log for people, a diagnostics channel for measurements.
// Costs next to nothing while nobody listens.

import diagnostics from 'node:diagnostics_channel';
import type { Fact } from './core/fact.ts';
import type { Log } from './log.ts';
import type { Watch } from './terminal.ts';

/** Carries `{ at: 'stepped', kind, input?, id, monoMs }` and `{ at: 'committed', ids, durable }`. */
export const marks = diagnostics.channel('gate-agent.marks');

const quiet = new Set(['time.passed', 'uplink.acked', 'evidence.read']);

const markOf = (fact: Fact) =>
  fact.kind === 'input.changed' ? { kind: fact.kind, input: fact.input } : { kind: fact.kind };

export const watchOf = (log: Log): Watch => ({
  stepped(fact, now, { enqueue }) {
    if (marks.hasSubscribers)
      marks.publish({ at: 'stepped', ...markOf(fact), id: now.id, monoMs: now.monoMs });
    // An alarm does not wait for its own line in the log.
    setImmediate(() => {
      const told = enqueue.map(({ id, body }) => ({ id, ...body }));
      if (told.length > 0) log.info({ fact: fact.kind, told }, 'told');
      else if (!quiet.has(fact.kind)) log.debug({ fact }, 'stepped');
    });
  },
  committed({ enqueue }, { durable, reason }) {
    if (marks.hasSubscribers)
      marks.publish({ at: 'committed', ids: enqueue.map(({ id }) => id), durable });
    if (!durable) log.error({ reason }, 'not on disk yet');
  },
});
