// The Debian package as apt would unpack it: the same bytes when made again, only what a terminal
// needs, and a program that runs from where it lies. Installing it for real is test/vm's part.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const makeMs = 120_000;

let dir: string;
let tree: string;
let version: string;
let program: string;

function make(): Buffer {
  const args = [join(root, 'scripts/package.ts'), arch];
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: makeMs, env });
  return readFileSync(join(root, said.split(' ')[0] ?? ''));
}
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let first: Buffer;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-package-'));
  first = make();
  file = join(dir, 'gate-agent.deb');
  writeFileSync(file, first);
  tree = join(dir, 'tree');
  execFileSync('dpkg-deb', ['-R', file, tree]);
  version = /^Version: (.*)$/m.exec(readFileSync(join(tree, 'DEBIAN/control'), 'utf8'))?.[1] ?? '';
  program = join(tree, 'opt/gate-agent/versions', version);
}, makeMs);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test(
  'made again, under another umask and at another time, it is the same to the byte',
  () => {
    const before = process.umask(0o077);
    try {
      expect(hash(make())).toBe(hash(first));
    } finally {
      process.umask(before);
    }
  },
  makeMs,
);

test('everything belongs to root, nothing but programs is executable, nothing is writable', () => {
  const listing = execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8' });
  const lines = listing.trim().split('\n');
  expect(lines.filter((line) => !/ root\/root /.test(line))).toEqual([]);
  const plain = lines.filter((line) => line.startsWith('-'));
  const programs = plain.filter((line) => line.startsWith('-rwxr-xr-x'));
  expect(programs.map((line) => line.split('/').at(-1)).sort()).toEqual([
    'canceller',
    'kiosk',
    'launch',
    'node',
    'restart-pause',
    'update-apply',
  ]);
  expect(plain.filter((line) => !/^-r(w-r--r--|wxr-xr-x)/.test(line))).toEqual([]);
});

test('it runs from where it lies, with its own node and every native package', () => {
  const moved = join(dir, 'moved');
  cpSync(program, moved, { recursive: true });
  const run = (file: string, ...args: string[]) =>
    spawnSync(file, args, { encoding: 'utf8', cwd: '/', env: { PATH: '/usr/bin:/bin' } });
  expect(run(join(moved, 'launch'), '--version').stdout.trim()).toBe(version.split('+')[0]);
  const natives = `const load = require('module').createRequire('${moved}/main.cjs');
    new (load('better-sqlite3'))(':memory:');
    for (const name of ['@serialport/bindings-cpp', '@roamhq/wrtc', 'node-datachannel', 'onoff']) load(name);
    process.exit(0);`;
  const { status, signal, stderr } = run(join(moved, 'node'), '-e', natives);
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});

test('the canceller finds its libraries, and the prompts lie beside it', () => {
  const { status, stderr } = spawnSync(join(program, 'canceller'), [], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 64, stderr: '' });
  expect(globSync('prompts/{zh,en}/*.wav', { cwd: program }).length).toBe(12);
});

test('nothing of the rehearsal room, the tests or a compiler is in it', () => {
  const files = globSync('**/*.*', { cwd: tree });
  expect(files.filter((file) => /\.(ts|cc|cpp|h|c|gyp|map)$/.test(file))).toEqual([]);
  expect(files.filter((file) => /(^|\/)(test|sim|vitest|mosquitto)(\/|$)/.test(file))).toEqual([]);
});

test('no path of the machine where it was made is in it', () => {
  for (const name of globSync('**/*.{cjs,node,js,json}', { cwd: tree })) {
    const path = join(tree, name);
    if (statSync(path).isFile()) expect(readFileSync(path).includes(`${root}/`), name).toBe(false);
  }
});

test('what the unit starts is there, and so is all that it says it is started with', () => {
  const unit = readFileSync(join(tree, 'usr/lib/systemd/system/gate-agent.service'), 'utf8');
  const starts = [...unit.matchAll(/^Exec\w+=-?\/opt\/gate-agent\/current\/(\S+)/gm)];
  expect(starts.map(([, name]) => name)).toEqual(['restart-pause', 'launch']);
  for (const [, name = ''] of starts)
    expect(statSync(join(program, name)).mode & 0o111).toBe(0o111);
  const copyright = readFileSync(join(tree, 'usr/share/doc/gate-agent/copyright'), 'utf8');
  expect(copyright).toMatch(/== mqtt \d[\s\S]*MIT/);
  expect(copyright).toMatch(/== node \d/);
});

test('the maintainer scripts are sound shell and know the version', () => {
  for (const name of ['postinst', 'prerm', 'postrm'])
    execFileSync('sh', ['-n', join(tree, 'DEBIAN', name)]);
  expect(readFileSync(join(tree, 'DEBIAN/postinst'), 'utf8')).toContain(`versions/${version} `);
});
