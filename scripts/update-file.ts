// Writes a release (agent/update/release-file.ts has the form) of a version's folder: the one that the
// Debian package holds, too. The same folder, key and time give the same bytes.

import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseForm } from '../agent/update/release-file.ts';

export interface Seal {
  readonly version: string;
  /** In Debian's words. */
  readonly arch: string;
  /** Oldest version that it goes on from. */
  readonly from: string;
  /** Of everything in it. */
  readonly seconds: number;
  /** PEM, Ed25519. */
  readonly key: string;
  readonly file: string;
}

export interface UpdateFile extends Seal {
  /** As it will lie in `versions/VERSION`. */
  readonly program: string;
}

const hashOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

export function writeUpdate({ program, ...seal }: UpdateFile): void {
  const work = mkdtempSync(join(tmpdir(), 'gate-update-'));
  try {
    const { seconds } = seal;
    sealUpdate({ ...seal, work, ...treeOf({ program, work, seconds, level: 9 }) });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export interface Tree {
  readonly program: string;
  readonly work: string;
  readonly seconds: number;
  readonly level: 1 | 9;
}

/** Writes `tree.tar.gz` into `work`; lists what is in it, with the kB that it takes. */
export function treeOf({ program, work, seconds, level }: Tree) {
  const tree = join(work, 'tree.tar');
  pack(program, tree, ['.'], seconds);
  execFileSync('gzip', ['--force', '--no-name', `-${level}`, tree]);
  const files = readdirSync(program, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const list = files.map((path) => `${hashOf(path)}  ${path.slice(program.length + 1)}`);
  const kb = files.reduce((sum, path) => sum + Math.ceil(statSync(path).size / 4096) * 4, 0);
  return { list, kb } as const;
}

/** Of a `tree.tar.gz` in `work`. */
export function sealUpdate(
  seal: Seal & { readonly work: string; readonly list: readonly string[]; readonly kb: number },
): void {
  const { work, list, kb, version, arch, from, seconds, file } = seal;
  const key = createPrivateKey(seal.key);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the release key is not Ed25519');
  const lines = [
    ...[releaseForm, `version ${version}`, `arch ${arch}`, `from ${from}`, `size ${kb}`],
    ...[`tree ${hashOf(join(work, 'tree.tar.gz'))}`, ...list],
  ];
  const manifest = Buffer.from(`${lines.join('\n')}\n`);
  writeFileSync(join(work, 'manifest'), manifest);
  writeFileSync(join(work, 'signature'), sign(null, manifest, key));
  pack(work, file, ['manifest', 'signature', 'tree.tar.gz'], seconds);
}

function pack(folder: string, to: string, names: readonly string[], seconds: number): void {
  const owner = ['--owner=0', '--group=0', '--numeric-owner', `--mtime=@${seconds}`];
  const form = ['--create', '--format=gnu', '--sort=name', '--mode=u+rw,go+r,go-w', ...owner];
  execFileSync('tar', [...form, '--directory', folder, '--file', to, '--', ...names]);
}
