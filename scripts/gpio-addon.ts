// Compiles the GPIO add-on, agent/gpio/native.c. Node's ABI for it is stable, so any headers do and one
// binary serves every release; nothing in it knows the path where it was made.

import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'agent/gpio/native.c');
const strict = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];
const form = ['-x', 'c', '-shared', '-fPIC', '-O2', '-s', `-ffile-prefix-map=${root}=.`];

const mtimeMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Leaves what is newer than its source. `compiler`: that of the machine it is for. */
export function compileGpio(to: string, compiler = 'gcc'): void {
  if (mtimeMs(source) < mtimeMs(to)) return;
  const pinned = globSync('.node/node_modules/node-linux-*/include/node', { cwd: root })[0];
  const headers = pinned ? join(root, pinned) : join(dirname(process.execPath), '../include/node');
  const made = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true });
  execFileSync(compiler, [...form, ...strict, `-I${headers}`, source, '-o', made], {
    stdio: 'inherit',
  });
  renameSync(made, to);
}
