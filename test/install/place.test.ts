// Killed in the middle of writing: the old configuration with its password, or the new one with its own. All
// moments are in test/long/wizard.test.ts, here those around the rename.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { surroundings } from '#agent/config.ts';
import { siteFrom } from '#agent/install/existing.ts';
import { pinFileOf, placeSite, previousOf } from '#agent/install/place.ts';
import { emptySite, put } from '#agent/install/site.ts';
import { refusalOf } from '#test/config/support.ts';
import { placeKilledAt } from './place.ts';
import { siteOf } from './sites.ts';
import { readText } from './support.ts';

const { places } = surroundings({ RUNTIME_DIRECTORY: '/nonexistent' });

function bench() {
  const home = mkdtempSync(join(tmpdir(), 'gate-place-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const dir = join(home, 'gate-agent');
  const file = join(dir, 'gate-agent.yaml');
  const place = (password: string, site = siteOf(password)) =>
    placeSite(
      { site, panelPin: `pin of ${password}` },
      { file, places, parseProfile: () => null, by: 'test' },
    );
  return { dir, file, place, pin: pinFileOf(file) };
}

it('killed around the rename: old or new, never half', { timeout: 60_000 }, async () => {
  const { calls } = await placeKilledAt(0);
  expect(calls).toBeGreaterThan(20);
  // Before the new text is written, before it is renamed, and after.
  const moments = [3, calls - 6, calls - 2, calls - 1];
  const outcomes = await Promise.all(moments.map(placeKilledAt));
  for (const [at, { isKilled, user, password, next }] of outcomes.entries()) {
    expect({ at, isKilled, user }).toEqual({ at, isKilled: true, user: password });
    expect(['old', 'new']).toContain(password);
    expect(next).toBe('next');
  }
  expect(new Set(outcomes.map(({ password }) => password)).size).toBe(2);
});

it('keeps the one before, closes every file to others, and sweeps what nobody names', () => {
  const { dir, file, place, pin } = bench();
  for (const password of ['one', 'two', 'three']) place(password).finish();
  expect(readText(previousOf(file))).toContain('username: two');
  expect(readdirSync(dir).sort()).toEqual([
    'gate-agent.yaml',
    'gate-agent.yaml.previous',
    'site-2',
    'site-3',
  ]);
  expect(readText(dir, 'site-3', 'broker.password')).toBe('three\n');
  for (const path of [file, pin, join(dir, 'site-3', 'broker.password')])
    expect(statSync(path).mode & 0o007).toBe(0);
});

it('read again it is the same site: a second provisioning begins with what is there', () => {
  const { file, place } = bench();
  place('one').finish();
  const again = siteFrom({ file });
  expect(again).toEqual(siteOf('one'));
  expect(siteFrom({ file: `${file}.none` })).toEqual(emptySite);
});

it('undone, all is as before; without one before, there is none', () => {
  const { dir, file, place, pin } = bench();
  place('first').undo();
  expect(readdirSync(dir)).toEqual([]);
  place('old').finish();
  place('new').undo();
  expect(readText(file)).toContain('username: old');
  expect(readText(pin)).toBe('pin of old');
  expect(readText(dir, 'site-1', 'broker.password')).toBe('old\n');
});

it('what the loader refuses leaves no trace', () => {
  const { dir, place } = bench();
  const wrong = put(siteOf('x'), 'log.level', 'loud');
  expect(refusalOf(() => place('x', wrong)).fields.map(({ field }) => field)).toEqual([
    'log.level',
  ]);
  expect(readdirSync(dir)).toEqual([]);
});

it('where it may not write it says so', () => {
  const { dir, place } = bench();
  mkdirSync(join(dir, 'gate-agent.yaml.new'), { recursive: true });
  writeFileSync(join(dir, 'gate-agent.yaml.new', 'x'), '');
  expect(() => place('x')).toThrow(/cannot be written/);
});
