// Ids are unique, and lie in the order of their making: the outbox' index depends on it for its speed.

import { expect, it } from 'vitest';
import * as z from 'zod';
import { systemIds, uuidAt } from '#agent/system/clock.ts';

const version7 = z.uuid({ version: 'v7' });
const unixMs = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

it('begins with the time of its making, in the form of RFC 9562', () => {
  // The example of the RFC's appendix A.6.
  expect(uuidAt(1_645_557_742_000)).toMatch(/^017f22e2-79b0-7/);
  const before = Date.now();
  const id = version7.parse(systemIds.next());
  expect(unixMs(id)).toBeGreaterThanOrEqual(before);
  expect(unixMs(id)).toBeLessThanOrEqual(Date.now());
});

it('is unique within a millisecond, and under a clock that stands at 1970', () => {
  const ids = Array.from({ length: 20_000 }, () => version7.parse(uuidAt(-1)));
  expect(new Set(ids).size).toBe(ids.length);
});
