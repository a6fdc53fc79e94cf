// What runs inside the guest of test/vm, on its kernel: the checkout is mounted read-only there.

import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');

export default defineConfig({
  root,
  cacheDir: '/tmp/vite',
  test: {
    include: ['test/vm/gpio/*.guest.ts'],
    pool: 'forks',
    allowOnly: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // One simulator, driven by one test at a time.
    fileParallelism: false,
  },
});
