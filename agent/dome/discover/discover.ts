// Finds the domes: by multicast on every interface, in a range, at an address; each is looked at once.
// The first password that is refused is the last that is tried.

import type { Credentials } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { openXml } from '../xml.ts';
import { openDoors } from './addresses.ts';
import { type Looked, look } from './look.ts';
import {
  type Heard,
  type Interface,
  interfacesNow,
  type Multicast,
  multicast,
  withoutIPv4,
} from './multicast.ts';
import { isLinkLocal } from './ws-discovery.ts';

export interface DiscoverOptions {
  readonly clock: Clock;
  readonly credentials: Credentials | null;
  readonly ca: string | null;
  /** Null: nobody is asked by multicast. */
  readonly interfaces?: readonly Interface[] | null;
  /** Hosts of a range. */
  readonly hosts?: readonly string[];
  /** Addresses that a person typed: what is there is told, and what is not, too. */
  readonly typed?: readonly (readonly string[])[];
}

export interface Found extends Looked {
  /** By which it answered; none: it was not asked by multicast. */
  readonly interfaces: readonly string[];
  /** As it calls itself, without a password. */
  readonly title: string | null;
  /** Addresses that it tells of itself; another than `url`: it was reached where it answered from. */
  readonly told: readonly string[];
}

export interface Skipped {
  readonly name: string;
  readonly title: string | null;
  readonly from: readonly string[];
}

export interface Discovery {
  readonly found: readonly Found[];
  /** They tell no address, as printers do. */
  readonly skipped: readonly Skipped[];
  readonly deaf: Multicast['deaf'];
  /** A password was refused: it was given to nobody else. */
  readonly passwordRefused: boolean;
}

const looksAtOnce = 8;

interface Candidate {
  /** In order; the first that answers is it. */
  readonly urls: readonly string[];
  readonly heard: Heard | null;
  /** Silence is worth a word. */
  readonly expected: boolean;
}

export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const { clock, hosts = [], typed = [] } = options;
  const interfaces = options.interfaces === undefined ? interfacesNow() : options.interfaces;
  const [answers, doors] = await Promise.all([
    multicast(interfaces ?? [], await openXml(), clock),
    openDoors(hosts, clock),
  ]);
  const heard = answers.devices.filter(({ addresses }) => addresses.length > 0);
  const candidates: Candidate[] = [
    ...heard.map((one) => ({ urls: urlsOf(one), heard: one, expected: true })),
    ...doors.map((url) => ({ urls: [url], heard: null, expected: false })),
    ...typed.map((urls) => ({ urls, heard: null, expected: true })),
  ];
  const { found, passwordRefused } = await lookAtAll(candidates, options);
  const skipped = answers.devices.filter(({ addresses }) => addresses.length === 0);
  const deaf = [...answers.deaf, ...(options.interfaces === undefined ? withoutIPv4() : [])];
  return { found: foldedByPlace(found), skipped, deaf, passwordRefused };
}

/** The one whose host it answered from first; behind NAT none is that, and the host is put in, as for an
 * IPv6 address that is good on its own wire only. */
function urlsOf({ addresses, from }: Heard): readonly string[] {
  const near = addresses.filter((one) => from.includes(new URL(one).hostname));
  if (near.length > 0) return near;
  const urls = addresses.flatMap((one) => {
    const url = new URL(one);
    url.hostname = from[0] ?? url.hostname;
    return isLinkLocal(one) ? [url.href] : [url.href, one];
  });
  return [...new Set(urls)];
}

async function lookAtAll(candidates: readonly Candidate[], options: DiscoverOptions) {
  const waiting = [...candidates.entries()];
  const found: [order: number, Found][] = [];
  let passwordRefused = false;
  /** Strangers are looked at side by side; the password is shown to one at a time. */
  let showing: Promise<unknown> = Promise.resolve();
  const { clock, ca, credentials } = options;
  const one = async ([order, candidate]: [number, Candidate]) => {
    const { heard, expected } = candidate;
    const stranger = await firstThatAnswers(candidate.urls, { clock, ca, credentials: null });
    if (stranger.trouble?.what === 'no-onvif' && !expected) return;
    if (stranger.trouble && !expected && stranger.trouble.what !== 'certificate') return;
    const show = async () => {
      if (stranger.trouble || stranger.auth === 'none' || !credentials || passwordRefused)
        return stranger;
      const known = await look(stranger.url, { clock, ca, credentials });
      passwordRefused ||= known.admitted === false;
      return known;
    };
    const shown = showing.then(show);
    showing = shown;
    const { interfaces = [], title = null, addresses: told = [] } = heard ?? {};
    const more = { interfaces, title, told };
    found.push([order, { ...(await shown), ...more }]);
  };
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await one(next);
  };
  await Promise.all(Array.from({ length: looksAtOnce }, worker));
  const inOrder = found.sort(([a], [b]) => a - b).map(([, it]) => it);
  return { found: inOrder, passwordRefused };
}

async function firstThatAnswers(urls: readonly string[], options: Parameters<typeof look>[1]) {
  let first: Looked | null = null;
  for (const url of urls) {
    const looked = await look(url, options);
    if (!looked.trouble) return looked;
    // A closed door says less than a wrong answer behind another.
    if (!first || (first.trouble?.what === 'unreachable' && looked.trouble.what !== 'unreachable'))
      first = looked;
  }
  if (!first) throw new Error('no address to look at');
  return first;
}

function foldedByPlace(found: readonly Found[]): Found[] {
  const byPlace = new Map<string, Found>();
  for (const one of found) {
    const { host } = new URL(one.url);
    const before = byPlace.get(host);
    if (!before || before.trouble) byPlace.set(host, one);
  }
  return [...byPlace.values()];
}
