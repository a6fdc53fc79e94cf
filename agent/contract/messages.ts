// What the terminal tells: alarms, events, its state and its health. Receivers ignore keys they do not
// know; a field never gets a new meaning, only a new name.

import * as z from 'zod';
import { domeEvents } from '../core/fact.ts';
import { kinds } from '../core/state.ts';
import { certificateEvents } from './certificate.ts';
import { course, lights } from './course.ts';
import { drillEvents } from './drill.ts';
import { evidenceEvents } from './evidence.ts';
import { exportEvents } from './export.ts';
import { callers } from './floor.ts';
import { lifecycleEvents } from './lifecycle.ts';
import { atPanel, cause } from './local.ts';
import { machine } from './machine.ts';
import * as part from './parts.ts';
import { patrolEvents } from './patrol.ts';
import { signedEvents } from './signed.ts';
import { stickHolder } from './stick.ts';
import { updateEvents } from './update.ts';
import { madeReal, mark, openWindow, windowEvents } from './windows.ts';

const envelope = {
  v: part.version,
  id: part.idWord.describe(
    'Unique for ever; the receipt names it. Seen again, a message has the same id and the same bytes',
  ),
  terminal: part.terminalId,
  bootId: part.bootId,
  seq: z
    .number()
    .int()
    .nonnegative()
    .describe(
      'Rises by one with each stored message of this terminal: order, and gaps, show by it',
    ),
  monoMs: part.monoMs,
  wallMs: part.wallMs('When it happened'),
  clock: part.clock,
};
const alarmEnvelope = { ...envelope, identity: part.identity, chain: part.chainHead };

const incident = z
  .string()
  .describe('The case: the id of the `alarm.raised` that opened it. Commands name it');
const incidents = z.array(z.string()).describe('The cases that were open');
const markOfAll = mark.describe('Null or absent: one of them at least is real');
const input = z.string().describe('Id of the input in the terminal’s configuration');

const raised = z
  .object({
    ...alarmEnvelope,
    kind: z.literal('alarm.raised'),
    incident,
    input,
    inputName: z.string().describe('What people call the input'),
    alarm: z
      .enum(kinds)
      .describe('`silent`: show and sound nothing at the school. `test`: dispatch nobody'),
    edge: z
      .enum(['live', 'held-at-start', 'counted'])
      .describe(
        '`live`: seen as it happened. `held-at-start`: found pressed at the start. `counted`: pressed ' +
          'while the terminal did not look; its time is that of the discovery',
      ),
    cause,
    mark,
  })
  .meta({
    title: 'Alarm raised',
    description: 'A button was pressed and a case is open. It ends by the command `resolve` alone.',
  });

const repeated = z
  .object({
    ...alarmEnvelope,
    kind: z.literal('press.repeated'),
    incident,
    input,
    count: z
      .number()
      .int()
      .positive()
      .describe('Presses that this message stands for; above 20 a minute they are folded into one'),
    presses: z.number().int().positive().describe('Presses of the case so far, these included'),
    mark,
  })
  .meta({
    title: 'Pressed again',
    description: 'The button was pressed again while its case is open. Never lowers the urgency.',
  });

const falseAlarm = z
  .object({
    ...{ ...alarmEnvelope, incidents, kind: z.literal('incident.false-alarm'), mark: markOfAll },
    ...atPanel,
  })
  .meta({
    title: 'False alarm claimed',
    description: 'Somebody at the school says that it was a false alarm. The dispatcher decides.',
  });

const localReset = z
  .object({
    ...{ ...alarmEnvelope, incidents, kind: z.literal('incident.local-reset'), mark: markOfAll },
    ...atPanel,
  })
  .meta({
    title: 'Local reset',
    description: 'Light and siren were stopped on the spot. The cases stay open.',
  });

const resolved = z
  .object({
    ...alarmEnvelope,
    kind: z.literal('incident.resolved'),
    incident,
    role: z.string().describe('Role that resolved it'),
    user: z.string().describe('Who resolved it'),
    reason: z.string(),
    note: z.string().nullable(),
    mark,
  })
  .meta({ title: 'Resolved', description: 'The case has ended, for good.' });

const unreadable = z
  .object({
    ...alarmEnvelope,
    kind: z.literal('record.unreadable'),
    incident,
    alarm: z.enum(kinds).describe('`silent` where the bytes say so, else `emergency`'),
    body: z.string().describe('What is left of the record; 4,000 characters at most'),
    problem: z.string().describe('Why it cannot be understood'),
  })
  .meta({
    title: 'Record unreadable',
    description:
      'The terminal’s record of this case is damaged. It counts as open, with light and without siren, ' +
      'until somebody has looked into it and resolved it.',
  });

export const alarmMessage = z.discriminatedUnion('kind', [
  raised,
  repeated,
  falseAlarm,
  localReset,
  resolved,
  unreadable,
  madeReal(alarmEnvelope),
]);
export type AlarmMessage = z.infer<typeof alarmMessage>;

const fault = z.string().describe('Which fault, as `part.what`; at most one of a name at a time');
const detail = z.string().describe('One sentence for a person');
const picture = z
  .string()
  .optional()
  .describe(
    'Name of a picture of it. `evidence.stored` or `evidence.missing` tells what became of it, and neither ' +
      'where the terminal has restarted meanwhile. At most one in ten seconds, thirty an hour',
  );

export const eventMessage = z.discriminatedUnion('kind', [
  z
    .object({ ...envelope, kind: z.literal('fault.raised'), fault, detail, snapshot: picture })
    .meta({ title: 'Fault began', description: 'Something at the terminal is out of order.' }),
  z
    .object({ ...envelope, kind: z.literal('fault.cleared'), fault })
    .meta({ title: 'Fault ended', description: 'It is in order again.' }),
  z
    .object({
      ...envelope,
      kind: z.literal('dome.noticed'),
      event: z.enum(domeEvents),
      source: z.string().describe('Which input, rule or channel of the dome; may be empty'),
      on: z.boolean().nullable().describe('Whether it began or ended; null: it happened'),
      snapshot: picture,
    })
    .meta({
      title: 'The dome has noticed something',
      description: 'News, and no alarm; at most six a minute of one source.',
    }),
  z.object({ ...envelope, kind: z.literal('chain.head'), chain: part.chainHead }).meta({
    title: 'Daily chain head',
    description:
      'Once a UTC day: keep it, it proves later that no record was taken out or changed.',
  }),
  ...evidenceEvents(envelope),
  ...windowEvents(envelope),
  ...exportEvents(envelope),
  ...signedEvents(envelope),
  ...patrolEvents(envelope),
  ...lifecycleEvents(envelope),
  ...updateEvents(envelope),
  ...certificateEvents(envelope),
  ...drillEvents(envelope),
]);
export type EventMessage = z.infer<typeof eventMessage>;

const claim = z
  .object({ role: z.string(), user: z.string(), wallMs: part.wallMs('When') })
  .nullable()
  .default(null);

const openIncident = z.object({
  id: z.string(),
  input: z.string(),
  kind: z.enum(kinds),
  step: z
    .enum(['unstored', 'stored', 'sent', 'received', 'seen', 'taken', 'talking', 'resolved'])
    .describe('How far the alarm has got; the guard’s lamp shows the same'),
  raisedWallMs: part.wallMs('When it was raised'),
  presses: z.number().int().positive(),
  seen: claim.describe('On whose screen it was first; null: on nobody’s'),
  course,
  taken: claim.describe('Who answered it first; null: nobody has'),
  mark,
});

/** Retained on the state topic while the terminal is connected. */
export const birthMessage = z
  .object({
    v: part.version,
    online: z.literal(true),
    terminal: part.terminalId,
    bootId: part.bootId.describe('Commands must carry this boot id'),
    version: z.string().describe('Version of the program'),
    wallMs: part.wallMs('When it was written'),
    clock: part.clock,
    identity: part.identity,
    evidenceKey: z
      .object({
        alg: z.literal('ed25519'),
        keyId: z.string(),
        publicKey: z.string().describe('SubjectPublicKeyInfo (SPKI, DER), base64'),
      })
      .describe('Checks the signatures of chain heads'),
    incidents: z.array(openIncident).describe('Open cases'),
    faults: z
      .array(
        z.object({
          fault: z.string(),
          detail: z.string(),
          sinceWallMs: part.wallMs('Since when'),
        }),
      )
      .describe('Faults that last'),
    stick: stickHolder,
    lights,
    callers,
    window: openWindow,
  })
  .meta({
    title: 'Birth',
    description: 'The terminal is online; published at each connect and at each change, retained.',
  });
export type BirthMessage = z.infer<typeof birthMessage>;

/** Retained on the state topic by the broker when the terminal is gone. */
export const willMessage = z
  .object({
    v: part.version,
    online: z.literal(false),
    terminal: part.terminalId,
    bootId: part.bootId,
  })
  .meta({
    title: 'Will',
    description: 'The terminal is gone: published by the broker, or by the terminal as it ends.',
  });
export const stateMessage = z.discriminatedUnion('online', [birthMessage, willMessage]);

export const healthMessage = z
  .object({
    v: part.version,
    terminal: part.terminalId,
    bootId: part.bootId,
    wallMs: part.wallMs('When it was measured'),
    monoMs: part.monoMs,
    clock: part.clock,
    uptimeS: z.number().describe('Since the program started, seconds'),
    rssMb: z.number().describe('Resident memory, MiB'),
    outboxRows: z.number().int().describe('Messages without a receipt'),
    transactions: z.number().int().describe('Commits since the program started'),
    faults: z.array(z.string()).describe('Names of the faults that last'),
    machine: machine.optional(),
  })
  .meta({
    title: 'Health',
    description: 'Once a minute. Worthless when late: never stored, never receipted.',
  });
export type HealthMessage = z.infer<typeof healthMessage>;
