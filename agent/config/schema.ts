// The fields of the configuration file: shape, unit, range, default and the hint that is printed
// when one is wrong. Values arrive as the text that was written (yaml.ts). What ties two fields
// together is in relations.ts, what stands in other files in files.ts. A change of any field needs
// a restart of the daemon: it is read once, at start, and frozen.

import * as z from 'zod';
import { kinds } from '../core/state.ts';

// ---- words ----------------------------------------------------------------------------------

/** Text of 1 to `max` characters on one line; `test` and `hint` say what else. */
function text(hint: string, max: number, test: (value: string) => boolean = () => true) {
  const right = (value: string) =>
    value.trim() === value && value !== '' && value.length <= max && oneLine(value) && test(value);
  return z.string({ error: hint }).refine(right, { error: `${hint}; ${max} characters at most` });
}

const oneLine = (value: string): boolean => !/\p{Cc}/u.test(value);

function whole(unit: string, min: number, max: number) {
  const hint = `a whole number of ${unit}, ${min} to ${max}`;
  const right = (value: string) =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return z.string({ error: hint }).refine(right, { error: hint }).transform(Number);
}

function degrees(name: string, max: number) {
  const hint = `${name} in degrees, WGS 84, -${max} to ${max}, such as 30.274151`;
  const right = (value: string) =>
    /^[-+]?\d{1,3}(\.\d{1,12})?$/.test(value) && Math.abs(Number(value)) <= max;
  return z.string({ error: hint }).refine(right, { error: hint }).transform(Number);
}

function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: `one of: ${words.join(', ')}` });
}

const yesNo = z
  .enum(['true', 'false'], { error: 'true or false' })
  .transform((value) => value === 'true');

/** As a level of a topic: the contract's `topicWord`. */
const word = text(
  'letters, digits, dot, dash, underscore, beginning with a letter or digit',
  64,
  (value) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value),
);

const phone = text('a phone number: digits, spaces, + and -', 32, (value) =>
  /^\+?\d[\d -]{1,30}$/.test(value),
);

/** A file or directory; relative ones are read from the configuration's own directory. */
const path = text('a path', 1024);

const absolute = (what: string, max = 1024) =>
  text(`${what}: an absolute path`, max, (value) => value.startsWith('/'));

function group<S extends z.ZodRawShape>(shape: S) {
  const fields = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `a group of fields: ${fields}`,
  });
}

function list<E extends z.ZodType>(element: E, min: number, max: number) {
  const hint = `a list of ${min} to ${max} entries, each beginning with "- "`;
  return z.array(element, { error: hint }).min(min, { error: hint }).max(max, { error: hint });
}

// ---- groups ---------------------------------------------------------------------------------

const contact = group({ name: text('a name', 64), phone });

const identity = group({
  divisionCode: text('the division code of the place (行政区划代码), 6 or 12 digits', 12, (value) =>
    /^[1-9](\d{5}|\d{11})$/.test(value),
  ),
  jurisdiction: text('the police station in charge (辖区)', 128),
  school: text("the school's name", 128),
  address: text('the address to drive to', 256),
  position: group({ lat: degrees('latitude', 90), lon: degrees('longitude', 180) })
    .nullable()
    .default(null),
  gate: text('which gate of the school', 64),
  gateRoomPhone: phone,
  contacts: list(contact, 0, 10).default([]),
});

const input = group({
  id: word,
  name: text('what people call it', 64),
  role: oneOf(['button', 'false-alarm', 'local-reset']).default('button'),
  kind: oneOf(kinds).optional(),
});

/** Rates that a Linux serial driver knows by name. */
const bauds = [
  '1200',
  '2400',
  '4800',
  '9600',
  '19200',
  '38400',
  '57600',
  '115200',
  '230400',
] as const;

const box = group({
  id: word,
  path: absolute('the serial line, best under /dev/serial/by-id/', 256),
  baud: oneOf(bauds).default('115200').transform(Number),
  indicator: yesNo.default(true),
  inputs: z.record(
    z.string().regex(/^([1-9]|1[0-6])$/, { error: "an input's number on the box, 1 to 16" }),
    input,
    { error: 'a group with one entry an input, under its number on the box' },
  ),
});

const brokerFields = {
  url: text('mqtts://host:8883', 256),
  ca: path.nullable().default(null),
  cert: path.nullable().default(null),
  key: path.nullable().default(null),
  username: text('a user name', 128).nullable().default(null),
  passwordFile: path.nullable().default(null),
  clientId: word.optional(),
};

const broker = group({ ...brokerFields, second: group(brokerFields).nullable().default(null) });

const dome = group({
  url: text('http://host or https://host', 256),
  ca: path.nullable().default(null),
  username: text('a user name', 128).nullable().default(null),
  passwordFile: path.nullable().default(null),
  profile: path,
});

/** Where things live when the file does not say; systemd's directories where it gives them. */
export interface Places {
  readonly stateDir: string;
  readonly runtimeDir: string;
}

/** The schema of the whole file. */
export function schemaOf(places: Places) {
  return group({
    terminal: group({ id: word }),
    identity,
    data: group({
      dir: absolute('the directory of database and keys').default(places.stateDir),
      capMb: whole('megabytes', 16, 4096).default(128),
    }).prefault({}),
    control: group({
      socket: absolute('the control socket', 96).default(`${places.runtimeDir}/control.sock`),
    }).prefault({}),
    broker,
    platform: group({ receipts: oneOf(['platform', 'none']).default('platform') }).prefault({}),
    boxes: list(box, 1, 16),
    dome: dome.nullable().default(null),
    log: group({ level: oneOf(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
    debounceMs: whole('milliseconds', 1, 300).default(50),
  });
}

export type Fields = z.infer<ReturnType<typeof schemaOf>>;
