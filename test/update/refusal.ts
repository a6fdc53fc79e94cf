// What it is to be refused by root's updater.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Rig } from './rig.ts';

/** Nothing has changed, it is told why, and the file is gone. */
export function expectRefused(rig: Rig, why: RegExp): void {
  expect(rig.result).toMatchObject({ verdict: 'failed', from: '1.0.0' });
  expect(rig.result.detail).toMatch(why);
  expect(rig.current).toBe('1.0.0');
  expect(rig.versions).toEqual(['0.9.0', '1.0.0']);
  expect(rig.isMarked).toBe(false);
  expect(() => readFileSync(rig.spool)).toThrow();
  expect(rig.asked.at(-1)).toBe('update.result');
}
