// A few rows of `npm run faults`, the quick ones, so that neither they nor their frame rot. How fast an
// alarm was is judged there: a machine that is busy with other suites is no failure.

import { expect, test } from 'vitest';
import { judged, timeless } from '#test/faults/fault.ts';
import { faults } from '#test/faults/list.ts';
import { play } from '#test/faults/play.ts';

const quick = [
  'disk/page-cap',
  'disk/torn-outbox',
  'disk/newer',
  'process/sigkill-sent',
  'process/sigterm',
  'process/clock-back',
  'serial/other-name',
];
const rows = faults.filter(({ name }) => quick.includes(name));

test('every row has a name of its own, and the quick ones are there', () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  expect(rows.map(({ name }) => name)).toEqual(quick);
});

test.each(rows)('$name: $what', async (fault) => {
  const outcome = await play({ ...fault, expect: timeless(fault.expect) });
  expect(outcome.wrong).toEqual([]);
  expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
});

test('a row is told to be wrong where anything is not as it should be', () => {
  const seen = {
    ...{ guard: ['ready', 'stored*', 'received'], told: ['dome.lost'], alarms: 1, presses: 1 },
    ...{ alarm_ms: 600, after_ms: null, strobe_ms: 20, lost: 0, doubled: 0 },
  };
  expect(judged({ lamp: ['stored', 'received'], tells: ['dome.lost'] }, seen)).toEqual([]);
  expect(judged({ lamp: ['received', 'stored'] }, seen)).toHaveLength(1);
  expect(judged({ lampNever: ['stored'] }, seen)).toHaveLength(1);
  expect(judged({ tells: ['storage.failed'], neverTells: ['dome.lost'] }, seen)).toHaveLength(2);
  expect(judged({ alarmWithinMs: 500, strobeWithinMs: 500 }, seen)).toHaveLength(1);
  expect(judged({ afterWithinMs: 500 }, seen)).toHaveLength(1);
  expect(judged({ strobeNotBeforeMs: 190 }, seen)).toHaveLength(1);
  expect(judged({}, { ...seen, lost: 1, doubled: 2 })).toHaveLength(2);
  expect(judged({}, { ...seen, presses: 0 })).toHaveLength(1);
});
