// A media process for the driver's tests: says what it is told as the answer to each new session, and does
// what the offer's own words ask it to.

import * as z from 'zod';
import { systemClock } from '#agent/system/clock.ts';
import { joinParent } from '#agent/system/place/child.ts';

const told = z.looseObject({
  say: z.looseObject({ id: z.string() }).nullable().optional(),
  sessions: z.array(
    z.looseObject({ id: z.string(), sdp: z.string(), candidates: z.array(z.unknown()) }),
  ),
});
const known = new Map<string, string>();

const parent = joinParent<z.infer<typeof told>, unknown>({
  told,
  clock: systemClock(),
  hear: (wanted) => {
    for (const session of wanted.sessions) {
      const text = JSON.stringify(wanted);
      if (known.get(session.id) === text) continue;
      known.set(session.id, text);
      if (session.sdp === 'hang') for (;;);
      if (session.sdp === 'fault')
        parent.say({ t: 'fault', fault: 'live.feed', detail: 'The dome sends no picture.' });
      if (session.sdp === 'prompted') parent.say({ t: 'prompted', id: wanted.say?.id ?? '' });
      parent.say({ t: 'answered', session: session.id, sdp: text });
    }
    for (const id of known.keys())
      if (!wanted.sessions.some((session) => session.id === id)) known.delete(id);
  },
  stop: () => Promise.resolve(),
  beatMs: 50,
});
