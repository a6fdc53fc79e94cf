// What daemon and panel say to each other over control.sock. Nothing of a silent case is in it: the panel's
// process does not know of any, so that nobody can read one out of it.

import * as z from 'zod';
import { refusalReasons, testParts } from '../core/command.ts';
import { marks, windowMinutesMax } from '../core/mark.ts';
import { inputRoles } from '../core/setup.ts';
import { kinds } from '../core/state.ts';
import { ladder } from '../core/target.ts';

export const localLimits = {
  userChars: 64,
  /** What is asked for (`local.do`), a minute; beyond it is refused, however it was asked. */
  actsAMinute: 120,
  alarms: 10,
  faults: 30,
  callers: 8,
  /** Of a picture or the log at once; a picture is twice as much as text. */
  pieceBytes: 96 * 1024,
  /** A test is over by then; the daemon itself ends it after 15 s. */
  actMs: 18_000,
} as const;

const wallMs = z.number().nonnegative();
const mark = z.enum(marks);
const lampWord = z.enum(['ready', 'unstored', ...ladder, 'undelivered']);
const count = z.number().int().nonnegative();

/** What `local.view` answers. */
export const localView = z.object({
  nowWallMs: wallMs,
  clock: z.enum(['good', 'unknown']),
  version: z.string(),
  uptimeS: z.number(),
  rssMb: z.number(),
  /** Null: no configuration. */
  armed: z
    .object({
      terminal: z.string(),
      school: z.string(),
      gate: z.string(),
      online: z.boolean(),
      broker: z.string(),
      lamp: z.object({
        word: lampWord,
        /** Null: nobody knows; it rests. */
        sinceWallMs: wallMs.nullable(),
        mark: mark.nullable(),
      }),
      muted: z.boolean(),
      mayClaim: z.boolean(),
      lights: z.object({ strobe: z.boolean(), siren: z.boolean() }).nullable(),
      faults: z.array(z.object({ fault: z.string(), detail: z.string(), sinceWallMs: wallMs })),
      callers: z.array(
        z.object({ role: z.string(), user: z.string(), speaks: z.boolean(), sinceWallMs: wallMs }),
      ),
      alarms: z.array(
        z.object({
          id: z.string(),
          kind: z.enum(kinds),
          inputName: z.string(),
          step: lampWord,
          mark: mark.nullable(),
          presses: z.number().int().positive(),
          raisedWallMs: wallMs,
          resolvedWallMs: wallMs.nullable(),
          falseAlarm: z.boolean(),
        }),
      ),
      window: z
        .object({
          ...{ mark, role: z.string(), user: z.string() },
          ...{ sinceWallMs: wallMs, untilWallMs: wallMs },
        })
        .nullable(),
      inputs: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          role: z.enum(inputRoles),
          kind: z.enum(kinds).nullable(),
          contact: z.enum(['normal', 'pressed', 'short', 'open', 'tamper']).nullable(),
          sinceWallMs: wallMs.nullable(),
        }),
      ),
      outboxRows: count,
      records: count,
    })
    .nullable(),
});
export type LocalView = z.infer<typeof localView>;
export type ArmedView = NonNullable<LocalView['armed']>;

const plain = ['sign-out', 'false-alarm', 'reset', 'mute', 'window.close', 'restart'] as const;
const minutes = (of: (typeof marks)[number]) => z.number().int().min(1).max(windowMinutesMax[of]);

export const localAct = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('sign-in'), from: z.string().max(64) }),
  z.strictObject({ do: z.literal('guessing'), wrong: count }),
  z.strictObject({ do: z.enum(plain) }),
  z.strictObject({ do: z.literal('test'), part: z.enum(testParts) }),
  z.strictObject({
    do: z.literal('window.open'),
    window: z.discriminatedUnion('mark', [
      z.strictObject({ mark: z.literal('drill'), minutes: minutes('drill'), siren: z.boolean() }),
      z.strictObject({
        ...{ mark: z.literal('service'), minutes: minutes('service'), siren: z.literal(false) },
      }),
    ]),
  }),
]);
export type AskedAct = z.infer<typeof localAct>;

/** Arguments of `local.do`. */
export const localAsk = z.strictObject({
  user: z
    .string()
    .max(localLimits.userChars)
    .refine((text) => text.isWellFormed()),
  duress: z.boolean(),
  act: localAct,
});

/** What `local.do` answers. */
export const localOutcome = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.record(z.string(), z.unknown()) }),
  z.object({ ok: z.literal(false), reason: z.enum(refusalReasons), detail: z.string() }),
]);
export type LocalOutcome = z.infer<typeof localOutcome>;

/** Arguments of `local.picture`: from 0 a new one is taken, and `of` names it for what follows. */
export const pictureAsk = z.strictObject({ from: count, of: z.string().nullable() });
export const picturePiece = z.object({
  of: z.string(),
  bytes: count,
  takenWallMs: wallMs,
  /** Base64. */
  data: z.string(),
});

/** Arguments of `local.log`: lines from this number on. */
export const logAsk = z.strictObject({ from: count });
export const logPiece = z.object({
  lines: z.array(z.string()),
  /** Where it goes on; null: that was all. */
  next: count.nullable(),
});
