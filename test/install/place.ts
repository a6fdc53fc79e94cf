// A site written over another, killed at one call of the file system or not at all.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, surroundings } from '#agent/config.ts';
import { placeSite } from '#agent/install/place.ts';
import { siteOf } from './sites.ts';

const child = join(import.meta.dirname, 'place.child.ts');
const around = surroundings({ RUNTIME_DIRECTORY: '/nonexistent' });
const parseProfile = () => null;

export interface Outcome {
  readonly isKilled: boolean;
  /** Calls that change the disk; 0 where it was killed. */
  readonly calls: number;
  /** By the loader: user and password, which belong together. */
  readonly user: string | null;
  readonly password: string | undefined;
  /** Once more after it, without a kill. */
  readonly next: string | null;
}

export async function placeKilledAt(n: number): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'gate-place-'));
  const file = join(dir, 'gate-agent.yaml');
  const options = { file, places: around.places, parseProfile, by: 'test' };
  try {
    placeSite({ site: siteOf('old'), panelPin: null }, options).finish();
    const { signal, out } = await ended([`${n}`, file, 'new']);
    const { username: user, password } = loadConfig({ file, around, parseProfile }).broker;
    placeSite({ site: siteOf('next'), panelPin: null }, options).finish();
    const { broker } = loadConfig({ file, around, parseProfile });
    return {
      ...{ isKilled: signal === 'SIGKILL', calls: Number(out), user, password: password?.reveal() },
      next: broker.password?.reveal() ?? null,
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const ended = (args: readonly string[]): Promise<{ signal: string | null; out: string }> =>
  new Promise((done) => {
    const options = { timeout: 60_000 };
    execFile(process.execPath, [child, ...args], options, (error, out) => {
      if (error && error.signal !== 'SIGKILL') throw error;
      done({ signal: error?.signal ?? null, out });
    });
  });
