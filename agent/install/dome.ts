// Finds a dome and learns what it can: discovery, one look with the password (one try, for domes lock users
// out), the probe; what it leaves is the configuration's `dome` group and the dome's profile.

import type { Credentials } from '../digest.ts';
import type { Shown } from '../dome/certificate.ts';
import { typedAddress } from '../dome/discover/addresses.ts';
import { discover, type Found } from '../dome/discover/discover.ts';
import { type Looked, look } from '../dome/discover/look.ts';
import { asDomeError } from '../dome/error.ts';
import type { Witness } from '../dome/probe/witness.ts';
import { probeAt } from '../dome/probe-at.ts';
import { clockSaying, type Saying, sayingOf } from '../dome/sayings.ts';
import type { Clock } from '../ports.ts';
import { put, putFile, type Site, valueAt } from './site.ts';
import { codes, Trouble, type Words } from './words.ts';

const wordsOf = ({ en, zh }: Saying): Words => [en, zh];

/** Every dome that multicast reaches. */
export async function findDomes(clock: Clock): Promise<readonly Found[]> {
  const { found } = await discover({ clock, credentials: null, ca: null });
  return found;
}

export interface At {
  /** Of the device service. */
  readonly url: string;
  readonly ca: string | null;
  /** Its clock is wrong: said, and gone on with. */
  readonly clockWords: Words | null;
}

/** The address that answers, without a password. `trusts`: whether a certificate that nobody has signed is
 * the dome's. Throws a `Trouble`. */
export async function reachDome(
  typed: string,
  clock: Clock,
  trusts: (shown: Shown, trouble: Words) => Promise<boolean>,
): Promise<At> {
  let trouble: Saying | null = null;
  for (const url of typedAddress(typed)) {
    const stranger = await look(url, { clock, ca: null, credentials: null });
    const { certificate } = stranger;
    const mayBe = certificate && stranger.trouble && isValid(certificate, clock);
    const ca =
      mayBe && (await trusts(certificate, wordsOf(stranger.trouble))) ? certificate.pem : null;
    const looked: Looked =
      ca === null ? stranger : await look(url, { clock, ca, credentials: null });
    if (!looked.trouble) {
      const wrong = clockSaying(looked.clockOffsetMs);
      return { url, ca, clockWords: wrong && wordsOf(wrong) };
    }
    if (trouble === null || trouble.what === 'unreachable') trouble = looked.trouble;
  }
  const nobody: Saying = { what: 'other', en: 'Nothing answers.', zh: '没有应答。' };
  throw new Trouble(codes.unavailable, wordsOf(trouble ?? nobody));
}

const isValid = ({ fromMs, untilMs }: Shown, clock: Clock): boolean => {
  const { wallMs } = clock.now();
  return wallMs >= fromMs && wallMs <= untilMs;
};

/** Throws a `Trouble` where the dome refuses user or password: that was the one try. */
export async function logIn(
  { url, ca }: At,
  credentials: Credentials,
  clock: Clock,
): Promise<void> {
  const { trouble, admitted } = await look(url, { clock, ca, credentials });
  if (admitted === false && trouble) throw new Trouble(codes.noAccess, wordsOf(trouble));
  if (trouble) throw new Trouble(codes.unavailable, wordsOf(trouble));
}

export interface Probing {
  readonly clock: Clock;
  readonly profiles: readonly string[];
  readonly witness: Witness;
  readonly by: string;
  readonly asksOnly: boolean;
  readonly told: (text: string) => void;
}

export interface Learnt {
  readonly site: Site;
  /** Nothing of the dome's lights its strobe. */
  readonly isDark: boolean;
}

/** Throws a `Trouble` where the dome is lost meanwhile. */
export async function learnDome(
  site: Site,
  at: At,
  credentials: Credentials,
  probing: Probing,
): Promise<Learnt> {
  try {
    const { text, cannot } = await probeAt({ ...probing, url: at.url, ca: at.ca, credentials });
    return { site: withDome(site, at, credentials, text), isDark: cannot.includes('strobe') };
  } catch (error) {
    const saying = sayingOf(asDomeError(error));
    const code = saying.what === 'password' ? codes.noAccess : codes.unavailable;
    throw new Trouble(code, wordsOf(saying), error);
  }
}

function withDome(site: Site, { url, ca }: At, login: Credentials, profile: string): Site {
  const addressed = put(site, 'dome.url', url.replace(/\/onvif\/device_service$/, ''));
  const known = put(addressed, 'dome.username', login.username);
  const files = [
    ['dome.ca', ca],
    ['dome.passwordFile', `${login.password}\n`],
    ['dome.profile', profile],
  ] as const;
  const complete = files.reduce<Site>((so, [field, text]) => putFile(so, field, text), known);
  // Pictures and clips of each case: without this group there are neither.
  return valueAt(complete, 'media.clips') === null
    ? put(complete, 'media.clips.days', '30')
    : complete;
}
