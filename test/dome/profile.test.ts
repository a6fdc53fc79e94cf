// Profiles: the published ones are valid, and a wrong one names every wrong field.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { functions, parseProfile, patternOf } from '#agent/dome/profile.ts';
import { Refusal } from '#agent/refusal.ts';

const dir = join(import.meta.dirname, '../../config/domes');

const makes = ['hikvision', 'dahua', 'uniview', 'tvt', 'axis', 'onvif'];

test.each(makes)('%s is ready, and each of its recipes says where it is known from', (make) => {
  const file = `${make}.yaml`;
  const profile = parseProfile(readFileSync(join(dir, file), 'utf8'), file);
  const recipes = functions.flatMap((name) => profile[name]);
  expect(recipes.length).toBeGreaterThan(3);
  for (const { source } of recipes) expect(source?.length).toBeGreaterThan(20);
  // Nobody has seen any of it work.
  for (const { proven } of recipes) expect(proven).toBeUndefined();
});

test('a dome without a strobe says so, or is refused', () => {
  const text = 'make: a\nmodel: b\nsource: c\nstrobe: []\n';
  expect(refusalOf(text).fields).toMatchObject([
    { field: 'strobe', hint: expect.stringContaining('cannot: [strobe]') },
  ]);
  expect(parseProfile(`${text}cannot: [strobe]\n`, 'f')).toMatchObject({ strobe: [] });
});

test.each(globSync('*.yaml', { cwd: dir }))('%s is valid and names its source', (file) => {
  const profile = parseProfile(readFileSync(join(dir, file), 'utf8'), file);
  expect(profile.strobe.length).toBeGreaterThan(0);
  expect(profile.source.length).toBeGreaterThan(10);
});

const refusalOf = (text: string): Refusal => {
  try {
    parseProfile(text, 'dome.yaml');
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was taken');
};

test('every wrong field is named, with its value', () => {
  const { fields } = refusalOf(`
make: X
model: ''
source: y
sirene: []
strobe:
  - kind: relay
    token: 1
  - kind: http
    on: { method: GET, path: 'http://elsewhere/x' }
    off: { method: DELETE, path: /x }
    verify: { method: GET, path: /y, on: '/(/', off: x }
    repeatEveryS: 0
  - kind: laser
`);
  const named = fields.map(({ field }) => field);
  for (const field of [
    'model',
    'strobe[0].token',
    'strobe[1].on.path',
    'strobe[1].off.method',
    'strobe[1].verify.on',
    'strobe[1].repeatEveryS',
    'strobe[2].kind',
  ])
    expect(named).toContain(field);
  expect(named.join()).toContain('{sirene}');
  expect(fields.find(({ field }) => field === 'strobe[1].on.path')?.value).toBe(
    'http://elsewhere/x',
  );
});

test('no YAML is told with line and column', () => {
  expect(refusalOf('make: [').fields[0]?.field).toMatch(/^dome\.yaml:\d+:\d+$/);
  expect(refusalOf('').fields.length).toBeGreaterThan(0);
});

test.each([
  ['of an anchor', 'make: &a x\nmodel: *a\nsource: y\nstrobe: []\n', 'dome.yaml:2:8'],
  ['of nothing', 'make: x\nmodel: y\nstrobe: [*gone]\n', 'dome.yaml:3:10'],
  ['merged in', 'make: &a { x: 1 }\nstrobe:\n  <<: *a\n', 'dome.yaml:3:7'],
])('an alias %s is refused where it stands', (_, text, field) => {
  expect(refusalOf(text).fields).toMatchObject([{ field, value: /^\*/, hint: /no \*aliases/ }]);
});

test('defaults: repeated every 4 s, active is on, no siren, left where it looks', () => {
  const text = 'make: a\nmodel: b\nsource: c\nstrobe: [{ kind: relay, token: R }]\n';
  expect(parseProfile(text, 'f')).toMatchObject({
    strobe: [{ activeState: 'active', repeatEveryS: 4 }],
    siren: [],
    preset: { alarm: null, guard: null },
  });
});

test('what verifies is text, or a pattern between slashes', () => {
  expect(patternOf('a.b')?.test('axb')).toBe(false);
  expect(patternOf('/a.b/')?.test('axb')).toBe(true);
  expect(patternOf('White=On')?.test('status.white=on')).toBe(true);
});
