// The floor of a call: all who are in it hear the gate room, one is heard there. What a caller asks of it,
// what all are told, and who is in a call, for those who only watch the terminal.

import * as z from 'zod';
import { floorActs, talkModes } from '../core/command.ts';
import { floorReasons, floorStands } from '../core/floor.ts';
import * as part from './parts.ts';

const session = part.topicWord;
const stand = z.enum(floorStands);

/** What `session.floor` has beside what every command of a session has. */
export const floorArgs = {
  act: z
    .enum(floorActs)
    .default('take')
    .describe(
      '`take`: at once, from nobody or from a lower role; else refused as `busy`. `ask`: when it is ' +
        'free; who has it is told. `give`: to another call, by the one who has it. `leave`: to whoever ' +
        'is next, or no longer asks',
    ),
  to: session
    .nullable()
    .default(null)
    .describe(
      'With `give`: the session, as `callers` of the birth or `asking` of a notice name it',
    ),
};

export const floorResult = {
  floor: stand.default('has').describe('How the session stands to it now'),
};

/** What a notice of the floor has beside whose it is. */
export const floorTold = {
  why: z
    .enum(floorReasons)
    .default('free')
    .describe(
      '`free`: nobody had it any more. `taken`: by a higher role. `given`: handed over. `left`: given ' +
        'up. `asked`: it stays, and who asks has changed. `joined`: so it stands as you come',
    ),
  asking: z
    .array(z.object({ session, role: z.string(), user: z.string() }))
    .default([])
    .describe('Who asks for it; who would have it next first'),
};

/** In the birth message. */
export const callers = z
  .array(
    z.object({
      session,
      role: z.string(),
      user: z.string(),
      mode: z.enum(talkModes),
      floor: stand.describe('`has`: heard in the gate room. `asks`: wants to be'),
      sinceWallMs: part.wallMs('When the call was offered'),
    }),
  )
  .default([])
  .describe(
    'Who is in a call with the gate room: who is heard there first, then who would be next',
  );
