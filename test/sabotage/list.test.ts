// The list stays true to the code: each edit still has its place, and what comes out is a program.

import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sabotaged, sabotages } from './list.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('each wrong version of the code', () => {
  it.each(sabotages)('$name', (one) => {
    for (const [file, text] of sabotaged(one, textOf)) {
      expect(text).not.toBe(textOf(file));
      expect(() => stripTypeScriptTypes(text)).not.toThrow();
    }
    for (const suite of one.suites) expect(existsSync(join(root, suite))).toBe(true);
  });

  it('has a name of its own, and there are enough of them', () => {
    expect(new Set(sabotages.map(({ name }) => name)).size).toBe(sabotages.length);
    expect(sabotages.length).toBeGreaterThanOrEqual(14);
  });
});
