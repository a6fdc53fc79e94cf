// Our pages as static files, built from their sources, so that a test sees what they say now.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Once a run: processes that are started later inherit the mark. Returns the folder. */
export function buildPage(name: 'console' | 'panel'): string {
  const mark = `GATE_${name.toUpperCase()}_BUILT`;
  if (process.env[mark] !== 'yes') {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const config = join(root, `agent/web/${name}/vite.config.ts`);
    const build = [vite, 'build', '--config', config, '--configLoader', 'native'];
    execFileSync(process.execPath, build, {
      ...{ cwd: root, timeout: 300_000, stdio: ['ignore', 'inherit', 'inherit'] },
    });
    process.env[mark] = 'yes';
  }
  return join(root, '.build', name);
}
