// What control.sock answers of the patrol: makes one now. How it went stands in `status`.

import * as z from 'zod';
import type { Sink } from '../ports.ts';
import { Refusal } from '../refusal.ts';

const asked = z.strictObject({ user: z.string().min(1).max(64) });

/** Null: the terminal is not armed. */
export function patrolVerbs(sink: Pick<Sink, 'emit'> | null) {
  return {
    'patrol.run': async (args: unknown) => {
      const { data } = asked.safeParse(args);
      if (!sink || !data) {
        const hint = sink
          ? 'user: who wants it'
          : 'it is not armed: there is nothing to look after';
        throw new Refusal([{ field: sink ? 'user' : 'terminal', value: null, hint }], 'patrol');
      }
      const { user } = data;
      await new Promise<void>((stepped) => sink.emit({ kind: 'patrol.asked', user }, stepped));
      return {};
    },
  } as const;
}
