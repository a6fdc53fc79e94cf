// A value that no log line, refusal, status or stack may show. Only `reveal` gives it away, and
// only the driver that needs it calls that.

import { inspect } from 'node:util';

const mask = '[secret]';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

const secretName = /pass|pwd|psk|secret|token|credential|(^|[^a-z])(pin|key|auth)([^a-z]|$)/i;
const textMax = 80;

/**
 * A wrong value as it may be shown: nothing under a field that sounds like a secret, no credentials
 * out of a URL, no more than 80 characters, groups and lists only by their shape.
 */
export function shown(field: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') return Array.isArray(value) ? '[list]' : '[group]';
  // Where a file is named, some write the password itself: only what is plainly a path is shown.
  if (secretName.test(field) && !isPath(value)) return mask;
  if (typeof value !== 'string') return value;
  const clean = value.replace(/\/\/[^/@\s]*@/g, `//${mask}@`);
  return clean.length > textMax ? `${clean.slice(0, textMax)}…` : clean;
}

const isPath = (value: unknown): boolean =>
  typeof value === 'string' && /^(\/|\.\.?\/)[\w./@:+-]*$/.test(value);
