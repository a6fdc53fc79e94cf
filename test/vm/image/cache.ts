// Kernel and root file system of the guest: built once, kept outside the checkout under a key over
// everything they are built from. Delete the folder to take what Debian has now.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../command.ts';
import type { Images } from '../room/qemu.ts';

const here = import.meta.dirname;
const steps = ['build-kernel', 'build-root'];
const guest = join(here, '../guest');
const buildWithinMs = 30 * 60_000;

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gate-agent/vm');

function key(): string {
  const hash = createHash('sha256');
  const inside = readdirSync(guest).toSorted();
  for (const file of [
    ...steps.map((name) => join(here, name)),
    ...inside.map((name) => join(guest, name)),
  ])
    hash.update(basename(file)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Returns at once where they are there. */
export async function images(told: (line: string) => void): Promise<Images> {
  const dir = join(cache, key());
  if (!existsSync(dir)) await build(dir, told);
  const at = (name: string) => join(dir, name);
  return { kernel: at('vmlinuz'), initrd: at('initrd.gz'), root: at('root.ext4') };
}

/** Appears by rename; what was built from something else goes. */
async function build(dir: string, told: (line: string) => void): Promise<void> {
  const fresh = `${dir}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    for (const step of steps) {
      const beganMs = performance.now();
      await run(['nice', join(here, step), fresh], { withinMs: buildWithinMs });
      told(`${step}: ${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
    }
    rmSync(join(fresh, 'modules.tar'));
    for (const name of readdirSync(cache))
      if (join(cache, name) !== fresh) rmSync(join(cache, name), { recursive: true });
    renameSync(fresh, dir);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
