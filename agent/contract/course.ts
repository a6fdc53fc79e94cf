// What the birth message tells of a case's course and of the lights, so that every desk shows the same, one
// that was opened a moment ago too.

import * as z from 'zod';
import * as part from './parts.ts';

const when = (what: string) => part.wallMs(what).nullable();

/** Of an open case. */
export const course = z
  .object({
    inputName: z.string().describe('What people call the input'),
    sentWallMs: when('When the broker had it'),
    receivedWallMs: when('When the platform had it'),
    undeliveredWallMs: when('When 10 s had passed without a receipt'),
    falseAlarmWallMs: when('When somebody at the school said that it was a false alarm'),
  })
  .nullable()
  .default(null)
  .describe('How far it has come; null or absent: not told');

const light = z.enum(['auto', 'on', 'off']);

/** What the dispatchers have set. */
export const lights = z
  .object({ strobe: light, siren: light })
  .nullable()
  .default(null)
  .describe('As dispatchers have switched them; `auto`: by the kinds of the open cases');
