// Bundles daemon, its threads (store, export) and media processes into .build/*.cjs, and compiles the GPIO
// add-on to .build/gpio.node and the echo canceller to .build/canceller, all in a few seconds.
// Native packages stay outside, and so does pino-pretty, which pino's transport looks up by name.
// The files appear by rename, main.cjs last: its time says how old the bundle's sources may be.
// .build/meta.json lists every input, for the test that keeps the rehearsal room out of the bundle.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { compileCanceller } from './canceller.ts';
import { compileGpio } from './gpio-addon.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, '.build');
const began = new Date();

// Whoever may run the program may read it: `gate-agent verify` is for everybody.
process.umask(0o022);

mkdirSync(target, { recursive: true });
compileGpio(join(target, 'gpio.node'));
compileCanceller(join(target, 'canceller'));
cpSync(join(root, 'config/prompts'), join(target, 'prompts'), { recursive: true });
cpSync(join(root, 'config/domes'), join(target, 'domes'), { recursive: true });
const fresh = mkdtempSync(join(target, 'new-'));
try {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'agent/main.ts',
      worker: 'agent/store/worker.ts',
      export: 'agent/evidence/thread.ts',
      provision: 'agent/install/command.ts',
      talk: 'agent/media/talk/main.ts',
      live: 'agent/media/live/main.ts',
      panel: 'agent/panel/main.ts',
    },
    outdir: fresh,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // A CommonJS file has no import.meta; the banner gives it the one field the sources use.
    define: { 'import.meta.url': '__url' },
    banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
    external: [
      'better-sqlite3',
      '@serialport/bindings-cpp',
      'epoll',
      '@roamhq/wrtc',
      'node-datachannel',
      'pino-pretty',
    ],
    minify: true,
    // What a stack trace from the field and the log's error types show; costs 50 kB.
    keepNames: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(fresh, 'meta.json'), JSON.stringify(metafile));
  // A source saved while esbuild was reading counts as newer than the bundle.
  utimesSync(join(fresh, 'main.cjs'), began, began);
  const bundles = ['worker', 'export', 'provision', 'talk', 'live', 'panel', 'main'].map(
    (name) => `${name}.cjs`,
  );
  const files = bundles.flatMap((bundle) => [`${bundle}.map`, bundle]);
  for (const file of ['meta.json', ...files]) renameSync(join(fresh, file), join(target, file));
} catch (error) {
  // esbuild has already printed where and why; its stack would only bury that.
  if (!(error instanceof Error && error.message.startsWith('Build failed'))) throw error;
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
