// What control.sock answers of an acceptance. Who may use the socket may open service mode; it is a fact of
// the chain, with the name they gave, and told to the platform.

import * as z from 'zod';
import { Refusal } from '../../refusal.ts';
import type { AcceptDesk } from './desk.ts';
import { doing, userShape } from './wire.ts';

const who = z.strictObject({ user: userShape });
const asked = z.strictObject({ user: userShape, doing });
const named = z.strictObject({ task: z.string().min(1).max(64) });

/** Null: the terminal is not armed. */
export function acceptVerbs(desk: AcceptDesk | null) {
  const armed = (): AcceptDesk => desk ?? refuse('terminal', 'it is not armed: configure it first');
  return {
    'accept.begin': (args: unknown) => armed().begin(parsed(who, args).user),
    'accept.look': () => armed().look(),
    'accept.do': (args: unknown) => {
      const { user, doing: what } = parsed(asked, args);
      return { task: armed().do(what, user) };
    },
    'accept.done': (args: unknown) => {
      const done = armed().done(parsed(named, args).task);
      return { state: done ? 'done' : 'running', done };
    },
    'accept.end': async (args: unknown) => {
      await armed().end(parsed(who, args).user);
      return {};
    },
  } as const;
}

function parsed<T>(shape: z.ZodType<T>, args: unknown): T {
  const read = shape.safeParse(args);
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ path, message }) => ({
    ...{ field: path.join('.') || '(args)', value: null, hint: message },
  }));
  throw new Refusal(fields, 'acceptance');
}

function refuse(field: string, hint: string): never {
  throw new Refusal([{ field, value: null, hint }], 'acceptance');
}
