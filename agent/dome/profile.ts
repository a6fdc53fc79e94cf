// A dome's profile: how this make and model switches light and siren, and which presets it has. ONVIF
// names neither strobe nor siren, so each is a list of recipes, tried in order, tested by the installer.

import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';

const token = z.string().min(1).max(256);
/** On the dome's own host and port: what a profile names can never be another machine. */
const path = z
  .string()
  .max(1024)
  .regex(/^\/[\x21-\x7e]*$/, 'begins with a slash; no spaces, no host');
const method = z.enum(['GET', 'PUT', 'POST']);

/** What has shown that a recipe does what it says, beside the dome's own yes. `boxes`: of its analytics. */
export const proofs = ['person', 'picture', 'read-back', 'relay-event', 'boxes'] as const;
export type Proof = (typeof proofs)[number];

const known = {
  /** Where it is known from: a document, an advertised name. */
  source: z.string().min(1).max(256).optional(),
  /** By what it was seen to work on this very dome. */
  proven: z.array(z.enum(proofs)).max(proofs.length).optional(),
};

const repeatEveryS = z.number().min(1).max(600).default(4);
/** What lasts by itself is said again only in case it was lost. */
const repeatSeldomS = z.number().min(1).max(600).default(30);

/** Text that must occur, or a pattern between slashes. */
const expected = z
  .string()
  .min(1)
  .refine((value) => patternOf(value) !== null, 'no valid regular expression between the slashes');

/** What `on` and `off` of a `verify` are matched with; null where the pattern is not one. */
export function patternOf(value: string): RegExp | null {
  const inner = /^\/(.+)\/$/s.exec(value)?.[1];
  try {
    return new RegExp(inner ?? value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const httpRequest = z.strictObject({
  method,
  path,
  body: z.string().max(16_384).optional(),
  contentType: z
    .string()
    .max(128)
    .regex(/^[\x20-\x7e]+$/)
    .optional(),
  expectStatus: z.number().int().min(200).max(299).default(200),
});
export type HttpRequest = z.infer<typeof httpRequest>;

const verify = z.strictObject({
  method,
  path,
  body: z.string().max(16_384).optional(),
  on: expected,
  off: expected,
});
export type Verify = z.infer<typeof verify>;

const irCutFilter = z.enum(['ON', 'OFF', 'AUTO']);

const recipe = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('relay'),
    token,
    /** Logical state that means *on*; a lamp on a normally closed contact wants `inactive`. */
    activeState: z.enum(['active', 'inactive']).default('active'),
    repeatEveryS,
    ...known,
  }),
  z.strictObject({
    kind: z.literal('auxiliary'),
    via: z.enum(['device', 'ptz']),
    /** To the letter as the dome advertises them. */
    on: token,
    off: token,
    repeatEveryS,
    ...known,
  }),
  z.strictObject({ kind: z.literal('preset'), on: token, off: token, repeatEveryS, ...known }),
  /** The infrared filter, by the imaging service, which tells where it is. */
  z.strictObject({
    kind: z.literal('imaging'),
    on: irCutFilter,
    off: irCutFilter,
    repeatEveryS,
    ...known,
  }),
  z.strictObject({
    kind: z.literal('http'),
    on: httpRequest,
    /** Null: it stops by itself, and nothing stops it sooner. */
    off: httpRequest.nullable(),
    verify: verify.optional(),
    repeatEveryS,
    ...known,
  }),
  /** A clip of sound stored in the dome (Media2 PlayAudioClip); `output` where it has several. */
  z.strictObject({
    kind: z.literal('audioClip'),
    token,
    output: token.nullable().default(null),
    repeatEveryS,
    ...known,
  }),
  /** PTZ MoveAndStartTracking, from `preset` (null: from where it looks); ended by a Stop. */
  z.strictObject({
    kind: z.literal('track'),
    preset: token.nullable().default(null),
    repeatEveryS: repeatSeldomS,
    ...known,
  }),
]);
export type Recipe = z.infer<typeof recipe>;

const following = z.discriminatedUnion('kind', [
  ...recipe.options,
  /** The agent turns it after a person whom the dome's analytics see; `rate`: of full speed, at most. */
  z.strictObject({
    kind: z.literal('agent'),
    rate: z.number().min(0.05).max(1).default(0.5),
    repeatEveryS: repeatSeldomS,
    ...known,
  }),
]);
export type Following = z.infer<typeof following>;

const span = (least: -1 | 0) => {
  const end = z.number().min(least).max(1);
  return z.tuple([end, end]).nullable().default(null);
};
const rising = (given: readonly [number, number] | null) => given === null || given[0] <= given[1];

/** Where people may turn it to, in the dome's own generic coordinates; null: anywhere. */
const range = z.strictObject({
  /** From above to: across the point behind. */
  pan: span(-1),
  tilt: span(-1).refine(rising, 'from is above to'),
  zoom: span(0).refine(rising, 'from is above to'),
});

/** The one name that ONVIF has for each. */
const byName = (name: string) =>
  z
    .array(recipe)
    .max(8)
    .default([
      {
        ...({ kind: 'auxiliary', via: 'ptz', repeatEveryS: 4 } as const),
        on: `tt:${name}|On`,
        off: `tt:${name}|Off`,
      },
    ]);

/** What of a dome may be on or off. `dayNight`: the picture is held in colour, so that the strobe does not
 * throw it to and fro. */
export const functions = ['strobe', 'siren', 'tracking', 'wiper', 'light', 'dayNight'] as const;
export type DomeFunction = (typeof functions)[number];

const shape = z.strictObject({
  make: z.string().min(1),
  model: z.string().min(1),
  /** Where each recipe comes from: manual, firmware, test on the spot. */
  source: z.string().min(1),
  strobe: z.array(recipe).max(8),
  /** Empty: this dome has no siren. */
  siren: z.array(recipe).max(8).default([]),
  /** Its own following of people and cars, or the agent's. Empty: nobody is followed. */
  tracking: z.array(following).max(8).default([]),
  dayNight: z.array(recipe).max(8).default([]),
  /** Looked for on this dome, and not found. */
  cannot: z.array(z.enum(functions)).max(functions.length).default([]),
  /** Token or name of a stored preset; null: the dome is left where it looks. */
  preset: z
    .strictObject({ alarm: token.nullable().default(null), guard: token.nullable().default(null) })
    .default({ alarm: null, guard: null }),
  wiper: byName('Wiper'),
  light: byName('IRLamp'),
  range: range.default({ pan: null, tilt: null, zoom: null }),
});

/** Shape of a profile file, for `check-config`. */
export const profileSchema = shape.refine(
  ({ strobe, cannot }) => strobe.length > 0 || cannot.includes('strobe'),
  {
    path: ['strobe'],
    message: 'a dome without a way to light its strobe alarms nobody; if so, `cannot: [strobe]`',
  },
);
export type Profile = z.infer<typeof profileSchema>;

/** One line that names a recipe to a person. */
export function nameOf(one: Following): string {
  switch (one.kind) {
    case 'relay':
      return `relay ${one.token}${one.activeState === 'inactive' ? ' (normally closed)' : ''}`;
    case 'auxiliary':
      return `auxiliary ${one.on} (${one.via})`;
    case 'preset':
      return `preset ${one.on}`;
    case 'imaging':
      return `infrared filter ${one.on}`;
    case 'http':
      return `http ${one.on.method} ${one.on.path}`;
    case 'audioClip':
      return `audio clip ${one.token}`;
    case 'track':
      return `tracking from ${one.preset ?? 'where it looks'}`;
    case 'agent':
      return 'tracking by the agent';
  }
}

/** Reads a profile file. Throws a `Refusal` that names every wrong field; `file` is for its words only. */
export function parseProfile(source: string, file: string): Profile {
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { lineCounter, logLevel: 'error' });
  if (document.errors.length > 0)
    throw new Refusal(
      document.errors.map((error) => {
        const where = error.linePos?.[0];
        const field = where ? `${file}:${where.line}:${where.col}` : file;
        return { field, value: null, hint: error.message.split('\n')[0] ?? 'no YAML' };
      }),
      file,
    );
  const aliases = aliasesIn(document, lineCounter);
  if (aliases.length > 0)
    throw new Refusal(
      aliases.map(({ name, where }) => ({
        field: `${file}:${where}`,
        value: `*${name}`,
        hint: 'no *aliases: write the value out',
      })),
      file,
    );
  const value = plainOf(document, file);
  const checked = profileSchema.safeParse(value);
  if (checked.success) return checked.data;
  throw new Refusal(
    checked.error.issues.map((issue) => ({
      field: fieldOf(issue.path) + unknownKeys(issue),
      value: valueAt(value, issue.path),
      hint: issue.message,
    })),
    file,
  );
}

/** YAML 1.1, which a file may ask for, has merge keys that do not always merge. */
function plainOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const hint = error instanceof Error ? error.message : 'no YAML';
    throw new Refusal([{ field: file, value: null, hint }], file);
  }
}

/** Line and column of each alias. A few lines of them unfold into gigabytes, or refer to nothing. */
function aliasesIn(document: Document.Parsed, counter: LineCounter) {
  const found: { name: string; where: string }[] = [];
  visit(document, {
    Alias(_, { source, range }) {
      const { line, col } = counter.linePos(range?.[0] ?? 0);
      found.push({ name: source, where: `${line}:${col}` });
    },
  });
  return found;
}

const fieldOf = (where: readonly PropertyKey[]): string =>
  where.reduce<string>(
    (so, key) =>
      typeof key === 'number' ? `${so}[${key}]` : so === '' ? String(key) : `${so}.${String(key)}`,
    '',
  );

const unknownKeys = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? ` {${issue.keys.join(', ')}}` : '';

function valueAt(value: unknown, where: readonly PropertyKey[]): unknown {
  return where.reduce<unknown>(
    (so, key) => (typeof so === 'object' && so !== null ? Reflect.get(so, key) : undefined),
    value,
  );
}
