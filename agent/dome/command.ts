// `gate-agent dome discover`: what a person types and what is told, with an exit code; and what it has in
// common with `dome probe`. They speak to domes by themselves; a daemon need not run.

import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Credentials } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { rangeOf, typedAddress } from './discover/addresses.ts';
import { discover } from './discover/discover.ts';
import { jsonOf, tableOf } from './discover/table.ts';

type Typed = string | boolean;

export interface DomeCommand {
  readonly flags: { readonly [flag: string]: Typed | readonly Typed[] | undefined };
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly clock: Clock;
  /** Where the ready profiles may lie. */
  readonly profiles: readonly string[];
  readonly input: Readable;
}

const word = { type: 'string' } as const;
const yes = { type: 'boolean' } as const;
const bothFlags = {
  address: word,
  user: word,
  'password-file': word,
  ca: word,
  json: yes,
} as const;
export const discoverFlags = { ...bothFlags, range: word } as const;
export const probeFlags = {
  ...{ ...bothFlags, assume: word, out: word },
  ...{ trust: word, 'store-presets': yes },
} as const;

/** As sysexits.h; 1: nothing was found, or no way to light the strobe. */
export const exits = { ok: 0, none: 1, unavailable: 69, noAccess: 77 } as const;

/** Exit code. Throws a `Refusal` for what was typed wrongly. */
export async function domeDiscover({ flags, out, clock }: DomeCommand): Promise<number> {
  const [address, range] = [textOf(flags.address), textOf(flags.range)];
  const isPointed = address !== null || range !== null;
  const discovery = await discover({
    ...{ clock, credentials: credentialsOf(flags), ca: fileOf('--ca', flags.ca) },
    ...(isPointed ? { interfaces: null } : {}),
    typed: address === null ? [] : [typedAddress(address)],
    hosts: range === null ? [] : rangeOf(range),
  });
  out(flags.json ? jsonOf(discovery) : tableOf(discovery));
  if (discovery.passwordRefused) return exits.noAccess;
  return discovery.found.some(({ trouble }) => trouble === null) ? exits.ok : exits.none;
}

/** Null where it was not given. */
export const textOf = (value: DomeCommand['flags'][string]): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export function credentialsOf(flags: DomeCommand['flags']): Credentials | null {
  const username = textOf(flags.user);
  const file = textOf(flags['password-file']);
  if (username === null && file === null) return null;
  const missing = username === null ? '--user' : '--password-file';
  if (username === null || file === null)
    throw new Refusal([{ field: missing, value: null, hint: 'both, or neither' }]);
  const [password = ''] = (fileOf('--password-file', file) ?? '').split(/\r?\n/, 1);
  return { username, password };
}

/** What a file holds that was named. Throws a `Refusal`. */
export function fileOf(field: string, value: DomeCommand['flags'][string]): string | null {
  const file = textOf(value);
  if (file === null) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const hint = error instanceof Error ? error.message : 'cannot be read';
    throw new Refusal([{ field, value: file, hint }]);
  }
}
