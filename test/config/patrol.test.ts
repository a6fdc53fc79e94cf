// When the terminal looks after itself, out of what the configuration says.

import { expect, it } from 'vitest';
import { patrolRules } from '#agent/config/patrol.ts';
import { loadConfig, setupOf } from '#agent/config.ts';
import { Refusal } from '#agent/refusal.ts';
import { makeSite } from './support.ts';

const rules = (at: string, utcOffset: string) => patrolRules({ at, jitterMinutes: 15, utcOffset });

it('a time of the day, in local time', () => {
  expect(rules('03:30', '+08:00')).toEqual({
    ...{ minute: 210, jitterMs: 900_000, utcOffsetMs: 28_800_000 },
  });
  expect(rules('23:59', '-03:30')).toMatchObject({ minute: 1439, utcOffsetMs: -12_600_000 });
  expect(rules('off', '+08:00')).toBeNull();
});

it('by itself at half past three in China, unless the file says otherwise', () => {
  const site = makeSite();
  const setup = () => setupOf(loadConfig(site.request), '0').patrol;
  site.config();
  expect(setup()).toEqual({ minute: 210, jitterMs: 1_800_000, utcOffsetMs: 28_800_000 });
  site.config(['debounceMs: 40', 'patrol: { at: off }']);
  expect(setup()).toBeUndefined();
  for (const wrong of [
    'at: 24:00',
    'at: 3:30',
    'utcOffset: 8',
    'jitterMinutes: 121',
    'every: day',
  ]) {
    site.config(['debounceMs: 40', `patrol: { ${wrong} }`]);
    expect(setup, wrong).toThrow(Refusal);
  }
});
