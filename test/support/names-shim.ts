// Builds the library that holds the DNS server in a test's hand (names-shim.c).

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles the shim into `dir`; returns what a child needs in its environment. No name can be looked up
 * while the file NAMES_GONE exists. */
export function namesShim(dir: string): {
  readonly LD_PRELOAD: string;
  readonly NAMES_GONE: string;
} {
  const library = join(dir, 'names-shim.so');
  const source = join(import.meta.dirname, 'names-shim.c');
  execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
    timeout: 30_000,
  });
  return { LD_PRELOAD: library, NAMES_GONE: join(dir, 'names-gone') };
}
