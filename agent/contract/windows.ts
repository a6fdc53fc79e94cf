// Drill and service mode: the window in which presses are marked, the mark on everything that is told of
// them, and what makes a marked case real. No mark, as null or as a field that is not there, is real.

import * as z from 'zod';
import { madeRealBy, marks, windowEnds, windowMinutesMax } from '../core/mark.ts';
import { kinds } from '../core/state.ts';
import * as part from './parts.ts';

const kind = z.enum(marks).describe('`drill`: practice. `service`: somebody is at work on it');

/** Of a press or a case. */
export const mark = z
  .enum(marks)
  .nullable()
  .default(null)
  .describe('`drill`, `service`: dispatch nobody. Null or absent: it is real');

const minutes = (of: (typeof marks)[number]) =>
  z.number().int().min(1).max(windowMinutesMax[of]).describe('Then it ends by itself');
const siren = z.boolean().default(false);

/** Payloads of the verbs, with what every command has. */
export const windowPayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'window.open': z
    .discriminatedUnion('mark', [
      z.strictObject({
        ...envelope,
        mark: z.literal('drill'),
        minutes: minutes('drill'),
        siren: siren.describe('Whether the siren sounds in it'),
      }),
      z.strictObject({
        ...envelope,
        mark: z.literal('service'),
        minutes: minutes('service'),
        siren: z.literal(false).default(false).describe('Only a test sounds it'),
      }),
    ])
    .meta({
      title: 'Open a window',
      description:
        'For a drill or for service: presses in it are marked and dispatch nobody. Refused while a case ' +
        'is open (incident-open) or a window is (busy).',
    }),
  'window.close': z
    .strictObject({
      ...envelope,
      mark: kind.nullable().default(null).describe('Only where it is this one; null: whichever'),
    })
    .meta({
      title: 'Close the window',
      description: 'The next press is real. What was pressed in it keeps its mark.',
    }),
  'make-real': z
    .strictObject({ ...envelope, incident: part.idWord.describe('Id of the case') })
    .meta({
      title: 'Make it real',
      description:
        'A case that was pressed as a drill or in service is an alarm from now on; nothing takes that back.',
    }),
});

/** `result` of an obeyed verb. */
export const windowResults = {
  'window.open': z.object({ mark: kind, untilWallMs: part.wallMs('When it ends') }),
  'window.close': z.object({ already: z.boolean().describe('There was none, or another') }),
  'make-real': z.object({ already: z.boolean().describe('It had been real before') }),
} as const;

const who = {
  role: z.string().nullable().describe('Of who has asked; null: nobody'),
  user: z.string().nullable(),
};

/** With what every event has. */
export const windowEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('window.opened'),
        mark: kind,
        minutes: z.number().int().positive(),
        siren: z.boolean().describe('Whether the siren sounds in it'),
        untilWallMs: part.wallMs('When it ends'),
        role: z.string().describe('Role that opened it'),
        user: z.string().describe('Who opened it'),
      })
      .meta({
        title: 'Window opened',
        description: 'From now on presses are marked, until `window.closed` at the latest.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('window.closed'),
        mark: kind,
        reason: z
          .enum(windowEnds)
          .describe(
            '`asked`: by whom is told. `over`: its time. `restart`: the terminal has started anew, and ' +
              'the window had ended with it. `real`: a case is real, and beside it nothing is marked',
          ),
        ...who,
      })
      .meta({ title: 'Window closed', description: 'The next press is real.' }),
  ] as const;

/** With what every alarm has. */
export const madeReal = <E extends z.ZodRawShape>(envelope: E) =>
  z
    .object({
      ...envelope,
      kind: z.literal('incident.made-real'),
      incident: z.string().describe('The case; its id stays'),
      input: z.string().describe('Id of the input in the terminal’s configuration'),
      inputName: z.string().describe('What people call the input'),
      alarm: z.enum(kinds),
      presses: z.number().int().positive().describe('Presses of the case so far'),
      mark,
      was: kind.describe('Its mark until now'),
      reason: z
        .enum(madeRealBy)
        .describe(
          '`asked`: by whom is told. `held`: the button was held for 3 s. `pressed-thrice`: three ' +
            'presses in 5 s',
        ),
      ...who,
    })
    .meta({
      title: 'Made real',
      description:
        'What began as a drill or in service is an alarm: show and sound it as a new one. Its receipt is ' +
        'what the guard’s lamp waits for now.',
    });

/** In the birth message and in `status`. */
export const openWindow = z
  .object({
    mark: kind,
    siren: z.boolean().describe('Whether the siren sounds in it'),
    sinceWallMs: part.wallMs('Since when'),
    untilWallMs: part.wallMs('When it ends'),
    role: z.string(),
    user: z.string(),
  })
  .nullable()
  .default(null)
  .describe('Presses are marked now. Null or absent: they are real');
