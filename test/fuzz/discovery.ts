// What strangers answer to WS-Discovery, and how domes call what they have: a few devices with addresses that
// are some, nothing for a terminal to obey, and names that are tried only in pairs.

import fc from 'fast-check';
import { expect } from 'vitest';
import { matchesIn } from '#agent/dome/discover/ws-discovery.ts';
import { aboutOf, pairsOf } from '#agent/dome/probe/names.ts';
import { openXml } from '#agent/dome/xml.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nastyWord, nearlyRight } from './mutations.ts';

const match =
  '<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>' +
  '<d:Scopes>onvif://www.onvif.org/name/a%20b onvif://www.onvif.org/hardware/c</d:Scopes>' +
  '<d:XAddrs>http://10.0.0.9/onvif/device_service http://[fd00::9]:8000/x</d:XAddrs></d:ProbeMatch>';
const wrap = (inner: string): string =>
  `<e:Envelope xmlns:e="x"><e:Body><d:ProbeMatches>${inner}</d:ProbeMatches></e:Body></e:Envelope>`;
const pieces = fc.constantFrom(
  ...['<', '>', '</', '/>', '&', '&#27;', '<!DOCTYPE a>', '%1b%5b2J', '%E0', '%', ' ', 'http://'],
  ...[
    'https://u:p@h/',
    '<d:ProbeMatch>',
    '</d:ProbeMatch>',
    '<d:ProbeMatch/>',
    'ftp://x',
    '\u202e',
  ],
);
const datagram = fc.oneof(
  { weight: 4, arbitrary: nearlyRight([match, match + match], pieces).map(wrap) },
  { weight: 3, arbitrary: nearlyRight([wrap(match)], pieces) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);

export async function discoveryAnswers(): Promise<Fuzz> {
  const parse = await openXml();
  return fuzz('discovery answers', datagram, (text) => {
    const matches = matchesIn(parse, text);
    expect(matches.length).toBeLessThanOrEqual(32);
    for (const { name, addresses, title, hardware } of matches) {
      expect(name.length).toBeLessThanOrEqual(512);
      for (const address of addresses) expect(new URL(address).hostname).not.toBe('');
      for (const word of [title, hardware]) expect(word ?? '').not.toMatch(/\p{C}/u);
    }
  });
}

const word = fc.oneof(
  nastyWord,
  fc.constantFrom('AUX1on', 'AUX1off', 'tt:Wiper|On', '警灯开', 'on'),
);

export const auxiliaryNames: Fuzz = fuzz('auxiliary names', fc.array(word), (names) => {
  for (const { on, off, stem } of pairsOf(names, (name) => name)) {
    expect(names).toContain(on);
    expect(names).toContain(off);
    expect(stem).not.toBe('');
    aboutOf(stem);
  }
});
