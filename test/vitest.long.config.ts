// What takes minutes of waiting: `npm run test:long`. Not part of scripts/test.

import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { SkipReporter } from './skip-reporter.ts';

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  cacheDir: '.cache/vite',
  test: {
    reporters: ['default', new SkipReporter()],
    allowOnly: false,
    name: 'long',
    include: ['test/long/**/*.test.ts'],
    pool: 'forks',
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 700_000,
    hookTimeout: 30_000,
    fileParallelism: false,
  },
});
