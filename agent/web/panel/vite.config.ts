// The panel's page as static files with hashed names, in .build/panel, for the panel's own server.

import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const top = join(root, '../../..');

export default defineConfig({
  root,
  base: './',
  cacheDir: join(top, '.cache/vite-panel'),
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    outDir: join(top, '.build/panel'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the page's policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
