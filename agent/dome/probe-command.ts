// `gate-agent dome probe`: what a person types, is asked and is told, with an exit code. What is wrong is one
// sentence; what goes into the configuration stands at the end.

import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Credentials } from '../digest.ts';
import { Refusal } from '../refusal.ts';
import { isSameFingerprint, type Shown } from './certificate.ts';
import { credentialsOf, type DomeCommand, exits, fileOf, textOf } from './command.ts';
import { typedAddress } from './discover/addresses.ts';
import { type Looked, look } from './discover/look.ts';
import { asDomeError, DomeError } from './error.ts';
import { type Assumption, assumed, assumptions, Person } from './person.ts';
import { configText } from './probe/tell.ts';
import { probeAt } from './probe-at.ts';
import { clockSaying, type Saying, said, sayingOf } from './sayings.ts';

interface Typed {
  readonly urls: readonly string[];
  readonly credentials: Credentials;
  readonly passwordFile: string;
  readonly ca: string | null;
  readonly caFile: string | null;
  /** Null: a person is asked. */
  readonly assume: Assumption | null;
  readonly out: string | null;
  readonly trust: string | null;
  readonly mayStore: boolean;
}

interface Run extends Typed {
  readonly command: DomeCommand;
  readonly person: Person | null;
}

/** Exit code. Throws a `Refusal` for what was typed wrongly. */
export async function domeProbe(command: DomeCommand): Promise<number> {
  const { flags, out, err, input } = command;
  const typed = typedIn(flags);
  const person = typed.assume === null ? new Person(input, err) : null;
  try {
    const found = await where({ ...typed, command, person });
    const { url, ca, caFile } = found;
    const { assume, credentials, mayStore } = typed;
    const result = await probeAt({
      ...{ url, ca, credentials, clock: command.clock, profiles: command.profiles, told: err },
      witness: person ?? assumed(assume ?? 'no', { mayStore }),
      by: person ? 'with a person' : `unattended, --assume ${assume}`,
      asksOnly: assume === 'no',
    });
    const { text, cannot } = result;
    if (typed.out !== null) writeFileSync(typed.out, text, { flag: 'wx' });
    if (flags.json)
      out(`${JSON.stringify({ ok: true, url, file: typed.out, ca: caFile, ...result })}\n`);
    else out(typed.out === null ? text : `${typed.out}\n`);
    err(configText({ ...typed, url, caFile, username: typed.credentials.username }));
    return cannot.includes('strobe') ? exits.none : exits.ok;
  } catch (error) {
    const failure = asDomeError(error);
    const saying = failure instanceof Told ? failure.saying : sayingOf(failure);
    if (flags.json) out(`${JSON.stringify({ ok: false, saying })}\n`);
    else err(`${said(saying)}\n`);
    return saying.what === 'password' ? exits.noAccess : exits.unavailable;
  } finally {
    person?.close();
  }
}

const refuse = (field: string, value: string | null, hint: string): never => {
  throw new Refusal([{ field, value, hint }]);
};

function typedIn(flags: DomeCommand['flags']): Typed {
  const assume = assumptionOf(flags.assume);
  const login = credentialsOf(flags);
  const address = textOf(flags.address) ?? refuse('--address', null, 'is missing');
  const credentials = login ?? refuse('--user', null, 'is missing');
  const [out, trust] = [textOf(flags.out), textOf(flags.trust)];
  if (out !== null) checkOut(out);
  if (trust !== null && out === null)
    refuse('--trust', trust, 'with --out: the certificate is written beside it');
  const mayStore = flags['store-presets'] === true;
  if (mayStore && assume === null)
    refuse('--store-presets', null, 'with --assume: a person is asked');
  return {
    ...{ urls: typedAddress(address), credentials, assume, out, trust, mayStore },
    ...{ ca: fileOf('--ca', flags.ca), caFile: textOf(flags.ca) },
    passwordFile: textOf(flags['password-file']) ?? '',
  };
}

/** A quarter of an hour at the dome is not lost for a directory that is not there. */
function checkOut(file: string): void {
  if (existsSync(file)) refuse('--out', file, 'is there already; name another');
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    refuse('--out', file, error instanceof Error ? error.message : 'cannot be written');
  }
}

interface Found {
  readonly url: string;
  readonly ca: string | null;
  readonly caFile: string | null;
}

/** The address that answers, without a password; its clock is told when it is wrong. */
async function where(run: Run): Promise<Found> {
  const { clock, err } = run.command;
  let { ca, caFile } = run;
  let trouble: Saying | null = null;
  for (const url of run.urls) {
    let looked = await look(url, { clock, ca, credentials: null });
    if (looked.certificate && (await isTrusted(looked, run))) {
      ca = looked.certificate.pem;
      caFile = keep(looked.certificate, run.out);
      looked = await look(url, { clock, ca, credentials: null });
    }
    const wrong = clockSaying(looked.clockOffsetMs);
    if (!looked.trouble && wrong) err(`${said(wrong)}\n`);
    if (!looked.trouble) return { url, ca, caFile };
    if (trouble === null || trouble.what === 'unreachable') trouble = looked.trouble;
  }
  throw new Told(trouble);
}

/** By the fingerprint that was given beforehand, or by a person's yes. */
async function isTrusted({ certificate, trouble }: Looked, run: Run): Promise<boolean> {
  const { out, trust, person, command } = run;
  if (!certificate || !trouble || out === null || run.ca !== null) return false;
  const nowMs = command.clock.now().wallMs;
  if (nowMs < certificate.fromMs || nowMs > certificate.untilMs) return false;
  if (trust !== null) return isSameFingerprint(trust, certificate.fingerprint);
  if (!person) return false;
  command.err(`${said(trouble)}\n`);
  const file = pemBeside(out);
  const text = `Is it the dome's? Trust it, and write it to ${file}? 信任该证书并写入 ${file}? [y/n] `;
  return (await person.confirm(text)) === true;
}

const pemBeside = (out: string): string => `${out.replace(/\.ya?ml$/i, '')}.pem`;

/** Beside the profile; returns where. */
function keep({ pem }: Shown, out: string | null): string | null {
  if (out === null) return null;
  const file = pemBeside(out);
  if (!existsSync(file)) writeFileSync(file, pem, { flag: 'wx' });
  else if (readFileSync(file, 'utf8') !== pem)
    refuse('--out', file, 'is there already, with another certificate');
  return file;
}

/** A failure that has its sentence already. */
class Told extends DomeError {
  readonly saying: Saying;

  constructor(saying: Saying | null) {
    const nobody = { what: 'other', en: 'Nothing answers.', zh: '没有应答。' } as const;
    super('missing', saying?.en ?? nobody.en, {});
    this.saying = saying ?? nobody;
  }
}

function assumptionOf(value: DomeCommand['flags'][string]): Assumption | null {
  const word = textOf(value);
  const found = assumptions.find((one) => one === word) ?? null;
  if (word !== null && !found) refuse('--assume', word, `one of ${assumptions.join(', ')}`);
  return found;
}
