// Entities as they come from disk: each is checked before core sees it. Unknown keys are kept, since a
// database of the next version may hold them and this one may write the row back.

import * as z from 'zod';
import type { CertificateNotes } from '../core/certificate.ts';
import { refusalReasons, roles } from '../core/command.ts';
import type { DrillRun } from '../core/drill.ts';
import { madeRealBy, marks, windowEnds } from '../core/mark.ts';
import type { PatrolRow } from '../core/patrol.ts';
import {
  type Durable,
  type Incident,
  type Input,
  kinds,
  type Moment,
  type Obeyed,
  type Site,
  type TableName,
  type Window,
} from '../core/state.ts';
import type { EntityRow } from './protocol.ts';

const moment = z.looseObject({
  bootId: z.string(),
  monoMs: z.number(),
  wallMs: z.number(),
  clock: z.enum(['good', 'unknown']),
}) satisfies z.ZodType<Moment>;

const actor = z.looseObject({ role: z.enum(roles), user: z.string(), at: moment });
const count = z.number().int().nonnegative();

const incident = z.looseObject({
  id: z.string().min(1),
  input: z.string(),
  kind: z.enum(kinds),
  raised: moment,
  presses: z.number().int().positive(),
  sent: moment.nullable(),
  received: moment.nullable(),
  seen: actor.nullable(),
  taken: actor.nullable(),
  talking: z.boolean(),
  talked: z.exactOptional(moment),
  undelivered: moment.nullable(),
  falseAlarm: moment.nullable(),
  resolved: z
    .looseObject({ ...actor.shape, reason: z.string(), note: z.string().nullable() })
    .nullable(),
  clip: z.exactOptional(z.string()),
  snapshots: z.exactOptional(z.array(count)),
  mark: z.exactOptional(z.enum(marks)),
  made: z.exactOptional(
    z.looseObject({
      at: moment,
      was: z.enum(marks),
      reason: z.enum(madeRealBy),
      message: z.string(),
    }),
  ),
  cause: z.exactOptional(z.literal('duress')),
  held: z.exactOptional(actor),
  unreadable: z.exactOptional(z.looseObject({ message: z.string() })),
}) satisfies z.ZodType<Incident>;

const input = z.looseObject({
  id: z.string().min(1),
  count: z.looseObject({ session: z.string(), total: count }).nullable(),
  window: z
    .looseObject({ since: moment, told: count, folded: count, incident: z.string() })
    .nullable(),
  tried: z.exactOptional(z.number()),
}) satisfies z.ZodType<Input>;

const answer = z.looseObject({
  id: z.string().nullable(),
  verb: z.string(),
  ok: z.boolean(),
  reason: z.exactOptional(z.enum(refusalReasons)),
  detail: z.exactOptional(z.string()),
  result: z.exactOptional(z.record(z.string(), z.unknown())),
});

const obeyed = z.looseObject({
  id: z.string().min(1),
  at: moment,
  answer: answer.nullable(),
}) satisfies z.ZodType<Obeyed>;

const window = z.looseObject({
  mark: z.enum(marks),
  minutes: z.number().positive(),
  siren: z.boolean(),
  since: moment,
  role: z.string(),
  user: z.string(),
}) satisfies z.ZodType<Window>;

const patrolPart = z.looseObject({
  part: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  told: z.exactOptional(z.string()),
});

const patrol = z.looseObject({
  due: z.looseObject({ bootId: z.string(), monoMs: z.number(), wallMs: z.number() }),
  last: z.looseObject({ at: moment, parts: z.array(patrolPart) }).nullable(),
}) satisfies z.ZodType<PatrolRow>;
const certificate = z.looseObject({
  fingerprint: z.string(),
  toldWallMs: count,
  request: z.string().nullable(),
  askedWallMs: count,
}) satisfies z.ZodType<CertificateNotes>;

const drill = z.looseObject({
  ...window.shape,
  id: z.string().min(1),
  cases: z.array(z.string()),
  closed: z.looseObject({ at: moment, reason: z.enum(windowEnds) }).nullable(),
}) satisfies z.ZodType<DrillRun>;

const site = z.looseObject({
  id: z.literal('site'),
  nextSeq: count,
  strobe: z.enum(['auto', 'on', 'off']),
  siren: z.enum(['auto', 'on', 'off']),
  headTold: z.string(),
  updated: z.exactOptional(z.string()),
  window: z.exactOptional(window),
  patrol: z.exactOptional(patrol),
  certificate: z.exactOptional(certificate),
  drill: z.exactOptional(drill),
}) satisfies z.ZodType<Site>;

const schemas = { incidents: incident, inputs: input, obeyed, site } as const satisfies {
  [T in TableName]: z.ZodType<Durable[T][string]>;
};

/** A row that is there and cannot be understood. It counts as an open incident, never as none. */
export interface Unreadable {
  readonly table: string;
  readonly id: string;
  /** The bytes as they are; empty where the disk does not give them. */
  readonly body: string;
  readonly problem: string;
}

export interface Loaded {
  readonly durable: Durable;
  readonly unreadable: readonly Unreadable[];
}

/** Rows of tables that this version does not know are a later version's, and stay where they are. */
export function loadRows(rows: readonly EntityRow[]): Loaded {
  const unreadable: Unreadable[] = [];
  function table<T>(name: TableName, schema: z.ZodType<T>): { [id: string]: T } {
    const found: [id: string, row: T][] = [];
    for (const [tab, id, body] of rows) {
      if (tab !== name) continue;
      const read = readRow(schema, id, body);
      if ('value' in read) found.push([id, read.value]);
      else unreadable.push({ table: tab, id, body: body ?? '', problem: read.problem });
    }
    // As keys of its own, whatever an id is called.
    return Object.fromEntries(found);
  }
  const durable: Durable = {
    incidents: table('incidents', schemas.incidents),
    inputs: table('inputs', schemas.inputs),
    obeyed: table('obeyed', schemas.obeyed),
    site: table('site', schemas.site),
  };
  return { durable, unreadable };
}

function readRow<T>(schema: z.ZodType<T>, id: string, body: string | null) {
  const parsed = parseJson(body);
  if ('problem' in parsed) return parsed;
  const read = schema.safeParse(parsed.value);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { value } = parsed;
  const own = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return own === id ? { value: read.data } : { problem: `the row is ${id}, its body ${own}` };
}

function parseJson(body: string | null): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(body ?? '') };
  } catch (cause) {
    return { problem: `not JSON: ${cause}` };
  }
}
