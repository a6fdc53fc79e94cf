// Each reference of the list has exactly one test, wherever that is.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quirks } from './dome-quirks.ts';

const root = join(import.meta.dirname, '../..');

test('each quirk of the field note has one test, and no more', () => {
  const files = globSync('test/**/*.ts', { cwd: root });
  const tested = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^\s*quirk\(\s*'([^']+)'/gm)].map(
      ([, reference = '']) => reference,
    ),
  );
  expect(tested.sort()).toEqual(Object.keys(quirks).sort());
});
