// The console as static files with hashed names, in .build/console, for whatever web server there is. What
// is the city's own (broker, map, rules of silence) lies beside them as console.json.

import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const top = join(root, '../../..');

export default defineConfig({
  root,
  base: './',
  cacheDir: join(top, '.cache/vite-console'),
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    outDir: join(top, '.build/console'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the page's policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
  },
});
