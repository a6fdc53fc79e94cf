// Debian’s libraries for another machine, for the compiler alone: fetched by apt-get, with lists
// of its own, and unpacked into .cache. Nothing is installed, and nobody has to be root.

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dirname, '../.cache');
/** Headers and links, and what those point to. */
const packages = [
  ...['libwebrtc-audio-processing-dev', 'libwebrtc-audio-processing1'],
  ...['libasound2-dev', 'libasound2'],
];
const limitMs = 180_000;

/** The folder that stands for `/` there; null for this machine’s own. Throws what apt-get says. */
export function librariesOf(arch: string): string | null {
  const own = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  if (own === arch) return null;
  const ready = join(cache, `debian-${arch}`);
  if (existsSync(ready)) return ready;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${ready}-`);
  try {
    const apt = aptFor(arch, work);
    apt('update');
    apt('download', ...packages);
    const unpacked = join(work, 'root');
    for (const file of globSync('*.deb', { cwd: work }))
      execFileSync('dpkg-deb', ['-x', join(work, file), unpacked]);
    // Whole or not at all, and whoever else was at it may have been sooner.
    if (!existsSync(ready)) renameSync(unpacked, ready);
    return ready;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** As if this machine were of that architecture. */
function aptFor(arch: string, work: string): (...args: string[]) => void {
  const lists = join(work, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const options = [
    ...[`APT::Architecture=${arch}`, `APT::Architectures::=${arch}`, 'APT::Sandbox::User='],
    ...[`Dir::State::Lists=${lists}`, `Dir::Cache=${work}`, 'Dir::State::status=/dev/null'],
    ...['Dir::Cache::pkgcache=', 'Dir::Cache::srcpkgcache=', 'Debug::NoLocking=true'],
  ].flatMap((option) => ['-o', option]);
  return (...args) => {
    const how = { cwd: work, encoding: 'utf8', stdio: 'pipe', timeout: limitMs } as const;
    execFileSync('apt-get', ['-q', ...options, ...args], how);
  };
}
