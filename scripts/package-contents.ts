// What the Debian package holds, put into a folder as it will lie on the terminal.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { compileCanceller } from './canceller.ts';
import { librariesOf } from './debian-libraries.ts';
import { compileGpio } from './gpio-addon.ts';

export const root = join(import.meta.dirname, '..');

/** One architecture in the words of Debian, of node and of the compiler. */
export const targets = {
  amd64: { node: 'x64', compiler: 'x86_64-linux-gnu-g++', prebuilds: ['linux-x64'] },
  arm64: { node: 'arm64', compiler: 'aarch64-linux-gnu-g++', prebuilds: ['linux-arm64'] },
} as const;
export type Arch = keyof typeof targets;

/** Packages that the bundle loads at run time, and what those load; nothing else is shipped as files. */
const natives = [
  ...['better-sqlite3', '@serialport/bindings-cpp', 'onoff'],
  ...['@roamhq/wrtc', 'node-datachannel'],
];
/** Tests, other systems' binaries, and what only a compiler or a reader wants. */
const unwantedDir =
  /\/(deps|build|tests?|examples?|integration-tests|prebuilds|node_modules)(\/|$)/;
const unwantedFile = /\.(md|ts|map|gypi?|mjs|cc|[ch](pp)?)$/;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const modules = join(root, 'node_modules');
const packageOf = (name: string): Package =>
  JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));

/** Headers alone: of no use to a program that is already compiled. */
const onlyForCompilers = new Set(['nan', 'node-addon-api']);

/** `names` and all that they need, each once, in order. */
function withDependencies(names: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name) || onlyForCompilers.has(name)) return;
    found.add(name);
    for (const other of Object.keys(packageOf(name).dependencies ?? {})) add(other);
  };
  for (const name of names) add(name);
  return [...found].sort();
}

/** Where a version lies, which is also all that a release brings. */
export const programOf = (tree: string, version: string): string =>
  join(tree, 'opt/gate-agent/versions', version);

/** Puts the whole file system of the package under `tree`. */
export function fill(tree: string, arch: Arch, version: string): void {
  const program = programOf(tree, version);
  const put = (from: string, to: string) => {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, from), to, { recursive: true, dereference: true });
  };
  const bundles = ['main', 'worker', 'export', 'provision', 'live', 'talk', 'panel'];
  for (const name of bundles.map((one) => `${one}.cjs`))
    put(join('.build', name), join(program, name));
  for (const name of ['launch', 'restart-pause', 'node-flags', 'kiosk'])
    put(join('systemd', name), join(program, name));
  cpSync(nodeOf(arch), join(program, 'node'));
  for (const name of withDependencies(natives))
    copyPackage(name, join(program, 'node_modules'), arch);
  // Their binaries are packages of their own, one an architecture.
  const { node, compiler } = targets[arch];
  for (const [owner, name] of [
    ['node-datachannel', `@node-datachannel/linux-${node}-gnu`],
    ['@roamhq/wrtc', `@roamhq/wrtc-linux-${node}`],
  ] as const)
    cpSync(packed(name, packageOf(owner).version), join(program, 'node_modules', name), {
      recursive: true,
    });
  put('config/prompts', join(program, 'prompts'));
  put('config/domes', join(program, 'domes'));
  // The page of the panel, as its own build has left it.
  if (existsSync(join(root, '.build/panel'))) put('.build/panel', join(program, 'panel'));
  const libraries = librariesOf(arch);
  if (!compileCanceller(join(program, 'canceller'), { compiler, libraries }))
    throw new Error(`no echo canceller for ${arch}`);
  compileGpio(join(program, 'gpio.node'), compiler);
  compileEpoll(arch, join(program, 'node_modules/epoll/build/Release/epoll.node'));

  const system = (name: string, to: string) =>
    put(join('systemd', name), join(tree, 'usr/lib', to));
  for (const name of ['gate-agent', 'gate-agent-panel', 'gate-agent-kiosk'])
    system(`${name}.service`, `systemd/system/${name}.service`);
  for (const kind of ['path', 'service'])
    system(`gate-agent-update.${kind}`, `systemd/system/gate-agent-update.${kind}`);
  system('update-apply', 'gate-agent/update-apply');
  system('watchdog.conf', 'systemd/system.conf.d/50-gate-agent.conf');
  system('gate-agent.sysusers', 'sysusers.d/gate-agent.conf');
  system('gate-agent.modules', 'modules-load.d/gate-agent.conf');
  system('gate-agent.tmpfiles', 'tmpfiles.d/gate-agent.conf');
  system('gate-agent.udev', 'udev/rules.d/70-gate-agent.rules');
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../../opt/gate-agent/current/launch', join(tree, 'usr/bin/gate-agent'));

  const doc = join(tree, 'usr/share/doc/gate-agent');
  put('README.md', join(doc, 'README.md'));
  put('config', join(doc, 'examples'));
  writeFileSync(join(doc, 'copyright'), licences(arch));
}

function copyPackage(name: string, to: string, arch: Arch): void {
  const from = join(modules, name);
  cpSync(from, join(to, name), {
    recursive: true,
    dereference: true,
    filter: (path) => !unwantedDir.test(path.slice(from.length)) && !unwantedFile.test(path),
  });
  const { node } = targets[arch];
  for (const binary of globSync(`prebuilds/linux-${node}*`, { cwd: from }))
    cpSync(join(from, binary), join(to, name, binary), {
      recursive: true,
      filter: (path) => !path.includes('musl'),
    });
}

/** The official binary, as npm has it. */
function nodeOf(arch: Arch): string {
  const name = `node-linux-${targets[arch].node}`;
  return join(packed(name, process.versions.node), 'bin/node');
}

/** Folder of a package for one architecture: the installed one where it is of that kind, else npm's. */
function packed(name: string, version: string): string {
  const here = [join(root, '.node/node_modules', name), join(modules, name)].find(existsSync);
  if (here !== undefined) return here;
  const cache = join(root, '.cache', name, version);
  const folder = join(cache, 'package');
  if (existsSync(join(folder, 'package.json'))) return folder;
  mkdirSync(cache, { recursive: true });
  const pack = ['pack', '--silent', '--pack-destination', cache, `${name}@${version}`];
  const archive = execFileSync('npm', pack, { encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(cache, archive), '-C', cache]);
  return folder;
}

/** The one package without binaries. node-gyp would write paths and the host's own flags into it. */
function compileEpoll(arch: Arch, file: string): void {
  const { compiler } = targets[arch];
  const headers = globSync('.node/node_modules/node-linux-*/include/node', { cwd: root })[0];
  if (headers === undefined) throw new Error('node headers are missing: run scripts/setup');
  mkdirSync(dirname(file), { recursive: true });
  const include = [headers, 'node_modules/nan'].map((dir) => `-I${join(root, dir)}`);
  const form = ['-shared', '-fPIC', '-O2', '-s', '-std=c++20', '-w', `-ffile-prefix-map=${root}=.`];
  const names = ['-DNODE_GYP_MODULE_NAME=epoll', '-DBUILDING_NODE_EXTENSION'];
  const source = join(modules, 'epoll/src/epoll.cc');
  execFileSync(compiler, [...form, ...names, ...include, source, '-o', file], { stdio: 'inherit' });
}

/** Who wrote what is inside, and on which terms: our own, node's, and each package's in bundle or folder. */
function licences(arch: Arch): string {
  const { inputs } = JSON.parse(readFileSync(join(root, '.build/meta.json'), 'utf8'));
  const bundled = Object.keys(inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  const names = [...new Set([...bundled, ...withDependencies(natives)])].sort();
  const part = (title: string, dir: string): string => {
    const file = globSync('LICEN[CS]E*', { cwd: dir, exclude: (name) => name.endsWith('.ts') })[0];
    return `== ${title}\n\n${file === undefined ? '' : readFileSync(join(dir, file), 'utf8').trim()}\n`;
  };
  const others = names.map((name) => {
    const { version, license } = packageOf(name);
    return part(`${name} ${version} (${license ?? 'see below'})`, join(modules, name));
  });
  const node = join(dirname(nodeOf(arch)), '..');
  return [
    part('gate-agent (MIT)', root),
    part(`node ${process.versions.node}`, node),
    ...others,
  ].join('\n');
}

/** Modes as Debian expects them, whatever the umask of the builder was. */
export function setModes(tree: string): void {
  for (const entry of globSync('**', { cwd: tree, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const isProgram =
      /\/(node|canceller|launch|restart-pause|kiosk|update-apply|postinst|prerm|postrm)$/.test(
        path,
      );
    chmodSync(path, entry.isDirectory() || isProgram ? 0o755 : 0o644);
  }
}
