// Who and where the terminal is, as a QR code carries it to a hand scanner that types what it reads: one line
// of ASCII, `GATE1?` and fields as in an address (percent-encoded UTF-8), the last of them `k`, the CRC-32
// of all before `&k=` as 8 hex digits, for scanners drop characters and keyboards have layouts.
// config/docs and the example of answers explain it to whoever prints such codes.

import { crc32 } from 'node:zlib';
import { type BadField, Refusal } from '../refusal.ts';
import type { Group } from './site.ts';

const begin = 'GATE1?';
const bytesMax = 2048;
const contactsMax = 10;

/** Key in the code -> field of the configuration. */
const fields: { readonly [key: string]: string } = {
  id: 'terminal.id',
  d: 'divisionCode',
  j: 'jurisdiction',
  s: 'school',
  a: 'address',
  g: 'gate',
  p: 'gateRoomPhone',
};

export interface Scanned {
  /** `terminal.id`; null: the code names none. */
  readonly id: string | null;
  /** As the configuration's `identity`; whether each field is right is for its schema to say. */
  readonly identity: Group;
}

const refuse = (hint: string, value: unknown = null): never => {
  throw new Refusal([{ field: 'qr', value, hint }], 'QR string');
};

/** Throws a `Refusal` that names every wrong field. */
export function readQr(typed: string): Scanned {
  const text = typed.trim();
  if (text.length > bytesMax) return refuse(`${bytesMax} characters at most`);
  if (!text.startsWith(begin)) return refuse(`begins with ${begin}: scan the code again`);
  checkSum(text);
  const pairs = text.slice(begin.length).split('&').slice(0, -1).map(pairOf);
  const bad: BadField[] = [];
  const wrong = (key: string, hint: string) => bad.push({ field: `qr ${key}`, value: null, hint });
  const found = new Map<string, string>();
  const contacts: Group[] = [];
  for (const [key, value] of pairs) {
    if (value === null) wrong(key, 'is no percent-encoded UTF-8');
    else if (key === 'c') contacts.push(contactOf(value));
    else if (!Object.hasOwn(fields, key) && key !== 'lat' && key !== 'lon')
      wrong(key, 'is not known');
    else if (found.has(key)) wrong(key, 'stands twice');
    else found.set(key, value);
  }
  if (found.has('lat') !== found.has('lon')) wrong('lat', 'lat and lon: both, or neither');
  if (contacts.length > contactsMax) wrong('c', `${contactsMax} contacts at most`);
  if (bad.length > 0) throw new Refusal(bad, 'QR string');
  const { id = null, ...named } = Object.fromEntries(
    Object.entries(fields).flatMap(([key, field]) => {
      const value = found.get(key);
      return value === undefined ? [] : [[key === 'id' ? 'id' : field, value]];
    }),
  );
  const [lat, lon] = [found.get('lat'), found.get('lon')];
  return {
    id,
    identity: {
      ...named,
      ...(lat !== undefined && lon !== undefined ? { position: { lat, lon } } : {}),
      ...(contacts.length > 0 ? { contacts } : {}),
    },
  };
}

function checkSum(text: string): void {
  const at = text.lastIndexOf('&k=');
  if (at < 0) refuse('its last field, k, is missing: scan the code again, to its end');
  const told = text.slice(at + 3).toLowerCase();
  const right = crc32(text.slice(0, at)).toString(16).padStart(8, '0');
  if (told !== right)
    refuse('characters are missing or wrong (k does not fit): scan the code again');
}

function pairOf(pair: string): [key: string, value: string | null] {
  const at = pair.indexOf('=');
  const [key, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  try {
    return [key.slice(0, 16), decodeURIComponent(value.replaceAll('+', ' '))];
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return [key.slice(0, 16), null];
  }
}

/** `name,phone`; a phone holds no comma. */
function contactOf(text: string): Group {
  const at = text.lastIndexOf(',');
  return at < 0
    ? { name: text, phone: '' }
    : { name: text.slice(0, at), phone: text.slice(at + 1) };
}
