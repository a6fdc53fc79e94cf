// Files that a person writes: a profile and a configuration are taken or refused, with every wrong
// field named, and nothing else happens. Wrong bytes as well as wrong words.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type LoadRequest, loadConfig } from '#agent/config.ts';
import { parseProfile, profileSchema } from '#agent/dome/profile.ts';
import { Refusal } from '#agent/refusal.ts';
import { makeSite, rightText } from '#test/config/support.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nastyWord, nearlyRight } from './mutations.ts';

const domes = join(import.meta.dirname, '../../config/domes');
const rightProfiles = ['dahua', 'hikvision', 'onvif', 'rehearsal'].map((name) =>
  readFileSync(join(domes, `${name}.yaml`), 'utf8'),
);
const pieces = fc.constantFrom(
  ...['\n', '  ', '\t', ': ', '- ', '? ', '|', '>-', '"', "'", '#', '[', ']', '{', '}', ','],
  ...[
    '&a ',
    '*a',
    '!!binary ',
    '!x ',
    '<<: ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '~',
    'null',
    '0x1f',
  ],
  ...[
    '__proto__: ',
    'constructor: ',
    'on: ',
    'kind: http',
    '/(a+)+$/',
    '.inf',
    '.nan',
    '2026-11-21',
  ],
);

/** Whether it was taken; anything but a `Refusal` that names fields is thrown on. */
function taken<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.fields.length).toBeGreaterThan(0);
    for (const { hint } of error.fields) expect(hint).not.toBe('');
    return null;
  }
}

export const profile: Fuzz = fuzz(
  'dome profiles',
  fc.oneof(
    nearlyRight(rightProfiles, pieces),
    fc.array(pieces, { maxLength: 40 }).map((p) => p.join('')),
  ),
  (text) => {
    const read = taken(() => parseProfile(text, 'dome.yaml'));
    if (read) expect(profileSchema.parse(read)).toEqual(read);
  },
  ['%YAML 1.1\n---\n<<: '],
);

/** Reads from a real file in a directory of the test's own. */
export function configuration(): Fuzz {
  const site = makeSite();
  const request: LoadRequest = site.request;
  return fuzz(
    'configurations',
    fc.oneof(
      { weight: 8, arbitrary: nearlyRight([rightText], pieces) },
      { weight: 1, arbitrary: fc.array(fc.oneof(pieces, nastyWord)).map((p) => p.join('')) },
    ),
    (text) => {
      site.write('gate-agent.yaml', text);
      const config = taken(() => loadConfig(request));
      if (!config) return;
      expect(Object.isFrozen(config)).toBe(true);
      expect(config.boxes.length).toBeGreaterThan(0);
      expect(config.identity.school).not.toBe('');
    },
  );
}
