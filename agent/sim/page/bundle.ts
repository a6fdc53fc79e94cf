// The page's script from its sources, in memory: built as the demo starts, so it is never an old one.

import { join } from 'node:path';
import { build } from 'esbuild';

const app = join(import.meta.dirname, 'app/main.ts');

/** One script for any browser of the last years. */
export async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [app],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}
