// Builds the library that makes fsync hang. gcc is there wherever the native packages can be built.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles the shim into `dir`; returns what a child needs in its environment. */
export function fsyncShim(dir: string): {
  readonly LD_PRELOAD: string;
  readonly HANG_FILE: string;
} {
  const library = join(dir, 'fsync-shim.so');
  const source = join(import.meta.dirname, 'fsync-shim.c');
  execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
    timeout: 30_000,
  });
  return { LD_PRELOAD: library, HANG_FILE: join(dir, 'hang') };
}
