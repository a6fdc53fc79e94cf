// What fields are made of: text, numbers, words, groups, lists, each with the hint that is printed when one
// is wrong. Values arrive as the text that was written (yaml.ts).

import * as z from 'zod';

/** Text of 1 to `max` characters on one line; `test` and `hint` say what else. */
export function text(hint: string, max: number, test: (value: string) => boolean = () => true) {
  const right = (value: string) =>
    value.trim() === value && value !== '' && value.length <= max && oneLine(value) && test(value);
  return z.string({ error: hint }).refine(right, { error: `${hint}; ${max} characters at most` });
}

const oneLine = (value: string): boolean => !/\p{Cc}/u.test(value);

export function whole(unit: string, min: number, max: number) {
  const hint = `a whole number of ${unit}, ${min} to ${max}`;
  const right = (value: string) =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return z.string({ error: hint }).refine(right, { error: hint }).transform(Number);
}

export function degrees(name: string, max: number) {
  const hint = `${name} in degrees, WGS 84, -${max} to ${max}, such as 30.274151`;
  const right = (value: string) =>
    /^[-+]?\d{1,3}(\.\d{1,12})?$/.test(value) && Math.abs(Number(value)) <= max;
  return z.string({ error: hint }).refine(right, { error: hint }).transform(Number);
}

export function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: `one of: ${words.join(', ')}` });
}

export const yesNo = z
  .enum(['true', 'false'], { error: 'true or false' })
  .transform((value) => value === 'true');

/** As a level of a topic: the contract's `topicWord`. */
export const word = text(
  'letters, digits, dot, dash, underscore, beginning with a letter or digit',
  64,
  (value) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value),
);

export const phone = text('a phone number: digits, spaces, + and -', 32, (value) =>
  /^\+?\d[\d -]{1,30}$/.test(value),
);

/** A file or directory; relative ones are read from the configuration's own directory. */
export const path = text('a path', 1024);

export const absolute = (what: string, max = 1024) =>
  text(`${what}: an absolute path`, max, (value) => value.startsWith('/'));

export function group<S extends z.ZodRawShape>(shape: S) {
  const fields = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `a group of fields: ${fields}`,
  });
}

export function list<E extends z.ZodType>(element: E, min: number, max: number) {
  const hint = `a list of ${min} to ${max} entries, each beginning with "- "`;
  return z.array(element, { error: hint }).min(min, { error: hint }).max(max, { error: hint });
}
