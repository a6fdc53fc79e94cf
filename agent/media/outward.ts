// Addresses that somebody outside hands out: https, without a user, and to nobody in the terminal's own
// network unless that is allowed, wherever a name leads. The address may hold a secret: it is in no message.

import { lookup } from 'node:dns';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import { isInside } from './own-network.ts';

/** Will not be better the next time; the message says why, and holds no secret. */
export class Refused extends Error {}

const inside = (): Refused =>
  new Refused("the address leads into the terminal's own network; see media.ownNetwork");

/** `own`: where it may not lead; null: anywhere. Throws a `Refused`. */
export function judgedUrl(address: string, own: BlockList | null): URL {
  const url = URL.parse(address);
  if (!url) throw new Refused('the address is none');
  const { protocol, username, password, hostname } = url;
  if (protocol !== 'https:') throw new Refused('the address is not https');
  if (username !== '' || password !== '') throw new Refused('the address has a user in it');
  const host = hostname.replace(/^\[|\]$/g, '');
  // A name is judged by where it leads, when it is looked up.
  if (own && isIP(host) !== 0 && isInside(own, host)) throw inside();
  return url;
}

/** For a request to such an address. Of a name that leads inside as well as outside nothing is believed. */
export const lookupOf = (own: BlockList | null): { lookup?: LookupFunction } =>
  own === null ? {} : { lookup: outside(own) };

const outside =
  (own: BlockList): LookupFunction =>
  (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) return done(error ?? new Error('no address'), '');
      if (found.some(({ address }) => isInside(own, address))) return done(inside(), '');
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });
