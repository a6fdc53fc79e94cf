// Is what a power cut left on the data disk sound? Looks at a copy: the next boot finds it untouched.

import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseFile } from '#agent/store/store.ts';
import { readDatabase } from '#test/store/support.ts';
import { withMounted } from '../disk/mounted.ts';

/** What is wrong; empty where all is sound. */
export async function unsound(image: string, dir: string): Promise<string[]> {
  try {
    return await withMounted(image, dir, async (mounted) => wrongIn(mounted));
  } catch (error) {
    return [String(error).slice(0, 300)];
  }
}

function wrongIn(mounted: string): string[] {
  const aside = readdirSync(mounted).filter((name) => name.startsWith(`${databaseFile}.broken`));
  if (!existsSync(join(mounted, databaseFile))) return [...aside, 'no database'];
  const copy = mkdtempSync(join(tmpdir(), 'gate-cut-'));
  try {
    cpSync(mounted, copy, { recursive: true, filter: (name) => !name.endsWith('lost+found') });
    const integrity = readDatabase(copy, (db) => db.pragma('integrity_check', { simple: true }));
    return integrity === 'ok' ? aside : [...aside, `integrity: ${integrity}`];
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
