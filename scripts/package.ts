// Makes gate-agent_VERSION_ARCH.deb, and with `--key FILE` (scripts/release) gate-agent_VERSION_ARCH.update
// of the same folder beside it. Reproducible: every time is the commit's, every mode and owner is
// set, and nothing in it knows the path where it was made. What is inside: package-contents.ts.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { librariesOf } from './debian-libraries.ts';
import { type Arch, fill, programOf, root, setModes, targets } from './package-contents.ts';
import { writeUpdate } from './update-file.ts';

/** Whose database, configuration and updater this version understands; older ones take a step between. */
const updatesFrom = '0.1.0';

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();

/** Of the last commit, and marked where what lies here is no longer that commit. A tree without git has
 * to be told its time, seconds, as SOURCE_DATE_EPOCH. */
function versionAndTime(): { version: string; seconds: number } {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const told = process.env.SOURCE_DATE_EPOCH;
  if (told !== undefined) return { version, seconds: Number(told) };
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  const seconds = Number(git('log', '-1', '--format=%ct'));
  return { version: isChanged ? `${version}+changed` : version, seconds };
}

function writeControl(tree: string, words: Readonly<Record<string, string>>): void {
  const target = join(tree, 'DEBIAN');
  cpSync(join(root, 'systemd/debian'), target, { recursive: true });
  for (const name of ['control', 'postinst']) {
    const file = join(target, name);
    const text = readFileSync(file, 'utf8').replace(/@([A-Z]+)@/g, (_, word) => words[word] ?? '');
    writeFileSync(file, text);
  }
}

interface Making {
  readonly arch: Arch;
  readonly version: string;
  readonly seconds: number;
  /** PEM of the release key; null: no release is made. */
  readonly key: string | null;
}

/** Names of the files made. */
function make({ arch, version, seconds, key }: Making): string[] {
  mkdirSync(join(root, '.build'), { recursive: true });
  const work = mkdtempSync(join(root, '.build/deb-'));
  try {
    const tree = join(work, 'tree');
    mkdirSync(tree);
    fill(tree, arch, version);
    const sizes = entries(tree).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    const kb = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
    writeControl(tree, { VERSION: version, ARCH: arch, SIZE: String(kb) });
    setModes(tree);
    for (const path of [...entries(tree), tree]) lutimesSync(path, seconds, seconds);
    const file = join(root, '.build', `gate-agent_${version}_${arch}.deb`);
    // zstd: a tenth of xz's time for a fifth more bytes. With more threads the bytes depend on their number.
    const form = ['--root-owner-group', '-Zzstd', '-z12', '--threads-max=1', '--build'];
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(seconds) };
    execFileSync('dpkg-deb', [...form, tree, join(work, 'deb')], { env, stdio: 'pipe' });
    renameSync(join(work, 'deb'), file);
    if (key === null) return [file];
    const update = join(root, '.build', `gate-agent_${version}_${arch}.update`);
    const program = programOf(tree, version);
    const made = join(work, 'update');
    writeUpdate({ program, version, arch, from: updatesFrom, seconds, key, file: made });
    renameSync(made, update);
    return [file, update];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const entries = (tree: string): string[] =>
  globSync('**', { cwd: tree }).map((path) => join(tree, path));

/** What is missing to make it, and how to get it. Exit code 69: something that is needed is not there. */
function compilerFor(arch: Arch): boolean {
  const { compiler } = targets[arch];
  try {
    execFileSync(compiler, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const name = `g++-${compiler.replace(/-g\+\+$/, '').replace('_', '-')}`;
    console.error(`package: ${arch} needs ${compiler}. As root: apt-get install ${name}`);
    process.exitCode = 69;
    return false;
  }
}

/** The same for the libraries of the echo canceller: no package goes out without it. */
function librariesFor(arch: Arch): boolean {
  try {
    librariesOf(arch);
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    console.error(
      `package: ${arch} needs Debian's libraries for it, which apt-get does not bring: ${why}`,
    );
    process.exitCode = 69;
    return false;
  }
}

const isArch = (word: string): word is Arch => Object.hasOwn(targets, word);
const { values, positionals: asked } = parseArgs({
  options: { key: { type: 'string' } },
  allowPositionals: true,
});
const unknown = asked.filter((word) => !isArch(word));
if (unknown.length > 0) {
  console.error(
    `package: no such architecture: ${unknown.join(', ')}. There are: ${Object.keys(targets)}`,
  );
  process.exitCode = 64;
} else {
  const { version, seconds } = versionAndTime();
  const key = values.key === undefined ? null : readFileSync(values.key, 'utf8');
  const wanted = asked.length > 0 ? asked.filter(isArch) : Object.keys(targets).filter(isArch);
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' });
  // What it says is not what this program says.
  execFileSync('npm', ['run', '-s', 'build:panel'], { cwd: root, stdio: ['ignore', 2, 'inherit'] });
  for (const arch of wanted.filter(compilerFor).filter(librariesFor)) {
    for (const file of make({ arch, version, seconds, key })) {
      const [hash = ''] = execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ');
      const mb = (statSync(file).size / 1e6).toFixed(1);
      console.log(`${file.slice(root.length + 1)}  ${mb} MB  sha256 ${hash}`);
    }
  }
}
