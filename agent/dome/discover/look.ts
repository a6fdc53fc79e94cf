// A first look at one device: is it there, who is it, what does it offer, whom does it let in, how far off is
// its clock. Asks without a password first; with one it asks once.

import { type Credentials, chooseChallenge } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { certificateOf, dateTrouble, type Shown } from '../certificate.ts';
import { asDomeError, type DomeError } from '../error.ts';
import {
  type Addresses,
  getCapabilities,
  getDeviceInformation,
  getServices,
  getSystemDateAndTime,
} from '../operations.ts';
import { type Reach, reach } from '../reach.ts';
import { certificateCodeOf, certificateSaying, type Saying, sayingOf } from '../sayings.ts';
import type { CallOptions } from '../soap.ts';
import { printable } from './ws-discovery.ts';

export interface Looked {
  readonly url: string;
  readonly make: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly services: readonly string[];
  /** `none`, `token` (WS-UsernameToken), `digest MD5`, `digest SHA-256`; null: it did not come to that. */
  readonly auth: string | null;
  /** The dome's clock minus ours; null: it does not tell it to strangers. */
  readonly clockOffsetMs: number | null;
  /** Our password was taken; null: none was given. */
  readonly admitted: boolean | null;
  /** What it shows, where that is not trusted. */
  readonly certificate: Shown | null;
  readonly trouble: Saying | null;
}

export interface LookOptions {
  readonly clock: Clock;
  /** Null: nobody has said who we are. */
  readonly credentials: Credentials | null;
  readonly ca: string | null;
  readonly callMs?: number;
}

const nobody = { username: '', password: '' };
/** What a device says to a stranger whom it does not want to see. */
const declines = ['fault', 'wrong-reply', 'http', 'unauthorized'];

/** Never rejects for what the device does. */
export async function look(url: string, options: LookOptions): Promise<Looked> {
  const { clock, credentials, ca, callMs = 3000 } = options;
  const there = await reach({ url, ca, clock, credentials: credentials ?? nobody });
  const nothing = { make: null, model: null, firmware: null, services: [], auth: null };
  const unknown = { url, ...nothing, certificate: null };
  try {
    const asked = { deadlineMs: callMs, anonymous: true };
    const clockOffsetMs = await clockOf(there, clock, asked);
    const services = await servicesOf(there, asked);
    const { auth, information } = await whoIsIt(there, asked);
    const seen = { ...unknown, ...information, url, services, auth, clockOffsetMs };
    if (information || !credentials) return { ...seen, admitted: null, trouble: null };
    const admission = await admit(there, callMs);
    if (!admission.admitted) return { ...seen, ...admission };
    // Many tell their services, and some their clock, only to who is let in.
    const known = { deadlineMs: callMs };
    return {
      ...{ ...seen, ...admission },
      services: services.length > 0 ? services : await servicesOf(there, known),
      clockOffsetMs: clockOffsetMs ?? (await clockOf(there, clock, known)),
    };
  } catch (error) {
    const refusal = { ...unknown, clockOffsetMs: null, admitted: null };
    const failure = asDomeError(error);
    const code = certificateCodeOf(failure);
    if (code === null) return { ...refusal, trouble: sayingOf(failure) };
    const certificate = await certificateOf(there.endpoint, clock);
    // A stranger's is called a stranger's first; that it is out of date nobody can trust away.
    const why = (certificate && dateTrouble(certificate, clock.now().wallMs)) ?? code;
    const trouble = certificateSaying(why, certificate, ca !== null);
    return { ...refusal, certificate, trouble };
  } finally {
    there.close();
  }
}

/** The first question, so its failure says whether anybody is there at all. */
async function clockOf({ soap }: Reach, clock: Clock, asked: CallOptions): Promise<number | null> {
  try {
    const { utcMs } = await soap.call(getSystemDateAndTime, null, asked);
    // It tells whole seconds, cut off.
    return utcMs === null ? null : utcMs + 500 - clock.now().wallMs;
  } catch (error) {
    const failure = asDomeError(error);
    // Some want a password for it. Whoever answers like that speaks ONVIF.
    if (failure.kind === 'unauthorized' || failure.kind === 'fault') return null;
    throw failure;
  }
}

async function servicesOf({ soap }: Reach, asked: CallOptions): Promise<readonly string[]> {
  for (const operation of [getServices, getCapabilities]) {
    try {
      const addresses: Addresses = await soap.call(operation, null, asked);
      if (Object.keys(addresses).length > 0) return Object.keys(addresses);
    } catch (error) {
      if (!declines.includes(asDomeError(error).kind)) throw error;
    }
  }
  return [];
}

const readable = (told: { manufacturer: string; model: string; firmware: string }) => ({
  make: printable(told.manufacturer),
  model: printable(told.model),
  firmware: printable(told.firmware),
});

async function whoIsIt({ soap }: Reach, asked: CallOptions) {
  try {
    const told = await soap.call(getDeviceInformation, null, asked);
    return { auth: 'none', information: readable(told) };
  } catch (error) {
    const failure = asDomeError(error);
    if (!declines.includes(failure.kind)) throw failure;
    return { auth: failure.kind === 'unauthorized' ? wayIn(failure) : null, information: null };
  }
}

function wayIn({ challenges }: DomeError): string {
  const digest = chooseChallenge(challenges);
  if (!digest) return 'token';
  return digest.hash === 'sha256' ? 'digest SHA-256' : 'digest MD5';
}

/** One try: what it refuses is for a person to look at. */
async function admit({ soap }: Reach, callMs: number) {
  try {
    await soap.measureClock({ deadlineMs: callMs });
  } catch (error) {
    if (asDomeError(error).kind !== 'unauthorized') throw error;
  }
  try {
    const told = await soap.call(getDeviceInformation, null, { deadlineMs: callMs });
    return { ...readable(told), admitted: true, trouble: null };
  } catch (error) {
    const failure = asDomeError(error);
    return { admitted: failure.kind === 'unauthorized' ? false : null, trouble: sayingOf(failure) };
  }
}
