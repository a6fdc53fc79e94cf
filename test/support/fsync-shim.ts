// Builds the library that makes fsync hang. gcc is there wherever the native packages can be built.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles `name`.c, which lies here, into `dir`; returns the library for LD_PRELOAD. */
export function buildShim(dir: string, name: string): string {
  const library = join(dir, `${name}.so`);
  const source = join(import.meta.dirname, `${name}.c`);
  execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
    timeout: 30_000,
  });
  return library;
}

/** Compiles the shim into `dir`; returns what a child needs in its environment. */
export function fsyncShim(dir: string): {
  readonly LD_PRELOAD: string;
  readonly HANG_FILE: string;
} {
  return { LD_PRELOAD: buildShim(dir, 'fsync-shim'), HANG_FILE: join(dir, 'hang') };
}
