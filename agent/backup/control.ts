// What control.sock does for those who outlive a machine: the record of who took a backup, and the last word
// of a terminal that is retired.

import * as z from 'zod';
import type { Fact } from '../core/fact.ts';
import { openIncidents } from '../core/incident.ts';
import type { State } from '../core/state.ts';
import type { OutboxRow } from '../ports.ts';
import { Refusal } from '../refusal.ts';

export interface LifecycleDesk {
  readonly terminal: { readonly state: State; emit(fact: Fact, stepped?: () => void): void };
  readonly store: {
    page(lane: 'alarm', afterSeq: number, limit: number): Promise<readonly OutboxRow[]>;
    figures(): { readonly outboxRows: number };
  };
}

const user = z.string().min(1).max(64);
const made = z.strictObject({
  user,
  lockedBy: z.enum(['passphrase', 'recipient']),
  clips: z.boolean(),
});
const retiring = z.strictObject({
  user,
  terminal: z.string(),
  /** Why what is unsent, or an open case, may be lost. */
  reason: z.string().min(1).max(500).nullable(),
});
/** What `retire.look` answers. */
export const standing = z.object({ online: z.boolean(), waiting: z.number() });

const unsentMax = 1000;

/** Null: the terminal is not armed. */
export function lifecycleVerbs(desk: LifecycleDesk | null) {
  const armed = () => desk ?? refuse('terminal', 'it is not armed: it keeps no records');
  const tell = (fact: Fact) => new Promise<void>((stepped) => armed().terminal.emit(fact, stepped));
  return {
    'backup.made': async (args: unknown) => {
      await tell({ kind: 'backup.made', ...parsed(made, args) });
      return {};
    },
    'retire.begin': async (args: unknown) => {
      const { terminal: id, reason, user: who } = parsed(retiring, args);
      const { terminal, store } = armed();
      const { durable, live } = terminal.state;
      if (id !== live.setup.terminal) refuse('terminal', `this is ${live.setup.terminal}`);
      const open = openIncidents(durable).length;
      const unsent = (await store.page('alarm', -1, unsentMax)).length;
      const problem = whyNotRetire({ open, unsent });
      if (problem && reason === null) refuse('terminal', problem);
      const { outboxRows } = store.figures();
      const told = problem === null ? null : reason;
      await tell({ kind: 'terminal.retired', user: who, unsent: outboxRows, reason: told });
      return {};
    },
    'retire.look': (): z.infer<typeof standing> => ({
      online: armed().terminal.state.live.online,
      waiting: armed().store.figures().outboxRows,
    }),
    /** Its files are gone, or about to be. */
    'retire.end': () => {
      process.kill(process.pid, 'SIGTERM');
      return {};
    },
  } as const;
}

/** Null: nothing would be lost. */
export function whyNotRetire({ open, unsent }: { open: number; unsent: number }): string | null {
  const what = [
    ...(open > 0 ? [`${open} cases are open`] : []),
    ...(unsent > 0 ? [`${unsent} alarms are unsent`] : []),
  ];
  if (what.length === 0) return null;
  return `${what.join(' and ')}: have them resolved and sent, or say why they may be lost (--lose-unsent)`;
}

function parsed<T>(shape: z.ZodType<T>, args: unknown): T {
  const read = shape.safeParse(args);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return refuse(issue?.path.join('.') || '(args)', issue?.message ?? 'wrong');
}

function refuse(field: string, hint: string): never {
  throw new Refusal([{ field, value: null, hint }], 'terminal');
}
