// `gate-agent dome discover` and `gate-agent dome probe`: what a person types and what is told, with an exit
// code. They speak to domes by themselves; a daemon need not run.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Credentials } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { rangeOf, typedAddress } from './discover/addresses.ts';
import { discover } from './discover/discover.ts';
import { look } from './discover/look.ts';
import { jsonOf, tableOf } from './discover/table.ts';
import { asDomeError, DomeError } from './error.ts';
import { type Assumption, assumed, assumptions, Person } from './person.ts';
import { askAbilities } from './probe/abilities.ts';
import { makerOf } from './probe/candidates.ts';
import { probe, type Try } from './probe/probe.ts';
import { profileText } from './probe/write.ts';
import { type Profile, parseProfile } from './profile.ts';
import { reach } from './reach.ts';
import { clockSaying, type Saying, said, sayingOf } from './sayings.ts';

export interface DomeCommand {
  readonly flags: { readonly [flag in (typeof domeFlags)[number]]?: string | boolean };
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly clock: Clock;
  /** Where the ready profiles may lie. */
  readonly profiles: readonly string[];
  readonly input: Readable;
}

export const domeFlags = [
  ...(['address', 'range', 'user', 'password-file', 'ca', 'json', 'assume', 'out'] as const),
] as const;

/** As sysexits.h; 1: nothing was found, or no way to light the strobe. */
const exits = { ok: 0, none: 1, unavailable: 69, noAccess: 77 } as const;

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

/** Exit code. Throws a `Refusal` for what was typed wrongly. */
export async function domeProbe(command: DomeCommand): Promise<number> {
  const { flags, clock, out, err } = command;
  const assume = assumptionOf(flags.assume);
  const address = textOf(flags.address);
  const credentials = credentialsOf(flags);
  if (address === null || !credentials)
    throw new Refusal([
      { field: address === null ? '--address' : '--user', value: null, hint: 'is missing' },
    ]);
  const ca = fileOf('--ca', flags.ca);
  const file = textOf(flags.out);
  if (file !== null && existsSync(file))
    throw new Refusal([{ field: '--out', value: file, hint: 'is there already; name another' }]);
  try {
    const url = await where(typedAddress(address), { clock, ca, err });
    const result = await probeAt(url, { ...command, assume, credentials, ca });
    if (file !== null) writeFileSync(file, result.text, { flag: 'wx' });
    if (flags.json) out(`${JSON.stringify({ ok: true, url, file, ...result })}\n`);
    else out(file === null ? result.text : `${file}\n`);
    return result.cannot.includes('strobe') ? exits.none : exits.ok;
  } catch (error) {
    const failure = asDomeError(error);
    const saying = (failure instanceof Told ? failure.saying : null) ?? sayingOf(failure);
    if (flags.json) out(`${JSON.stringify({ ok: false, saying })}\n`);
    else err(`${said(saying)}\n`);
    return saying.what === 'password' ? exits.noAccess : exits.unavailable;
  }
}

/** The address that answers, without a password; its clock is told when it is wrong. */
async function where(
  urls: readonly string[],
  { clock, ca, err }: { clock: Clock; ca: string | null; err: (text: string) => void },
): Promise<string> {
  let trouble: Saying | null = null;
  for (const url of urls) {
    const looked = await look(url, { clock, ca, credentials: null });
    const wrong = clockSaying(looked.clockOffsetMs);
    if (!looked.trouble && wrong) err(`${said(wrong)}\n`);
    if (!looked.trouble) return url;
    if (trouble === null || trouble.what === 'unreachable') trouble = looked.trouble;
  }
  throw new Told(trouble);
}

/** A failure that has its sentence already. */
class Told extends DomeError {
  readonly saying: Saying | null;

  constructor(saying: Saying | null) {
    super('missing', saying?.en ?? 'nothing answers', {});
    this.saying = saying;
  }
}

interface ProbeAt extends DomeCommand {
  readonly assume: Assumption | null;
  readonly credentials: Credentials;
  readonly ca: string | null;
}

async function probeAt(url: string, command: ProbeAt) {
  const { assume, credentials, ca, clock, input, err, profiles } = command;
  const there = await reach({ url, credentials, ca, clock });
  const person = assume === null ? new Person(input, err) : null;
  try {
    const abilities = await askAbilities(there);
    const probed = await probe(there, {
      ...{ clock, credentials, ca, abilities },
      maker: readyProfile(abilities.device.manufacturer, profiles),
      ask: person?.ask ?? assumed(assume ?? 'no'),
      told: (one) => err(`${outcomeText(one)}\n`),
      ...(assume === 'no' ? { only: [] } : {}),
    });
    const by = person ? 'with a person' : `unattended, --assume ${assume}`;
    const day = new Date(clock.now().wallMs).toISOString().slice(0, 10);
    const text = profileText(probed, `gate-agent dome probe, ${by}, ${day}`);
    const { cannot } = parseProfile(text, 'the profile just written');
    return { cannot, tries: probed.tries, text };
  } finally {
    person?.close();
    there.close();
  }
}

const outcomes: { readonly [outcome in Try['outcome']]: string } = {
  works: 'works 有效',
  'not-seen': 'no effect 无效',
  refused: 'refused 不支持',
  'stays-on': 'cannot be switched off 无法关闭',
};

const outcomeText = ({ what, recipe, outcome }: Try): string =>
  `  ${what}: ${recipe}: ${outcomes[outcome]}`;

/** Null where there is none of its make. */
function readyProfile(manufacturer: string, places: readonly string[]): Profile | null {
  const maker = makerOf(manufacturer);
  const file = maker && places.map((one) => join(one, `${maker}.yaml`)).find(existsSync);
  return file ? parseProfile(readFileSync(file, 'utf8'), file) : null;
}

const textOf = (value: string | boolean | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

function credentialsOf(flags: DomeCommand['flags']): Credentials | null {
  const username = textOf(flags.user);
  const file = textOf(flags['password-file']);
  if (username === null && file === null) return null;
  const missing = username === null ? '--user' : '--password-file';
  if (username === null || file === null)
    throw new Refusal([{ field: missing, value: null, hint: 'both, or neither' }]);
  const [password = ''] = (fileOf('--password-file', file) ?? '').split(/\r?\n/, 1);
  return { username, password };
}

function fileOf(field: string, value: string | boolean | undefined): string | null {
  const file = textOf(value);
  if (file === null) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const hint = error instanceof Error ? error.message : 'cannot be read';
    throw new Refusal([{ field, value: file, hint }]);
  }
}

function assumptionOf(value: string | boolean | undefined): Assumption | null {
  const word = textOf(value);
  const found = assumptions.find((one) => one === word) ?? null;
  if (word !== null && !found)
    throw new Refusal([
      { field: '--assume', value: word, hint: `one of ${assumptions.join(', ')}` },
    ]);
  return found;
}
