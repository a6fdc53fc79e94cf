// Tools that are no dependencies of the project, fetched into the git-ignored .cache when they are to
// be measured. Nothing is installed into the system. What cannot be had throws `Missing`.

import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '../../../.cache/bench-peers');
const nodeRedVersion = '5.0.7';
const fetchWithinMs = 300_000;

/** Why a tool is left out. */
export class Missing extends Error {}

export interface Program {
  readonly file: string;
  readonly version: string;
}

async function did(what: string, file: string, args: readonly string[], cwd = cache) {
  try {
    const env = { ...process.env, NODE_USE_SYSTEM_CA: '1', LC_ALL: 'C' };
    return await run(file, [...args], { cwd, env, timeout: fetchWithinMs });
  } catch (cause) {
    const told = cause instanceof Error ? cause.message.split('\n').slice(0, 3).join(' ') : '';
    throw new Missing(`${what}: ${told}`, { cause });
  }
}

export async function mosquittoHere(): Promise<Program> {
  // It prints its help and ends with 3.
  const help = await run('mosquitto', ['-h']).catch((error: { stdout?: string }) => error);
  const [, version = ''] = /version (\S+)/.exec(help.stdout ?? '') ?? [];
  return { file: 'mosquitto', version };
}

/** From the npm registry, without its install scripts. */
export async function installedNodeRed(): Promise<Program> {
  const dir = join(cache, 'node-red');
  const [stamp, file] = [join(dir, 'stamp'), join(dir, 'node_modules/node-red/red.js')];
  const isThere = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === nodeRedVersion;
  if (!isThere()) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    const options = ['--no-save', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'];
    const args = ['install', '--prefix', dir, ...options, `node-red@${nodeRedVersion}`];
    await did(`npm install node-red@${nodeRedVersion}`, 'npm', args);
    writeFileSync(stamp, nodeRedVersion);
  }
  return { file, version: nodeRedVersion };
}

/** The library from Debian's package, unpacked, and our program linked with it. */
export async function builtPaho(): Promise<Program> {
  const name = 'libpaho-mqtt-dev';
  const dir = join(cache, 'paho');
  const found = () => globSync(join(dir, 'usr/lib/*/libpaho-mqtt3a.a'))[0];
  if (!found()) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    await did(`apt-get download ${name}`, 'apt-get', ['download', name], dir);
    const [deb = ''] = globSync(join(dir, '*.deb'));
    await did(`dpkg -x of ${name}`, 'dpkg', ['-x', deb, dir]);
  }
  const [deb = ''] = globSync(join(dir, '*.deb'));
  const [, version = ''] = /_([^_]+)_[^_]+\.deb$/.exec(deb) ?? [];
  const file = join(dir, 'paho');
  const source = join(import.meta.dirname, 'paho.c');
  const flags = ['-O2', '-Wall', '-I', join(dir, 'usr/include'), source, found() ?? ''];
  await did(`gcc with ${name}`, 'gcc', [...flags, '-lpthread', '-o', file]);
  return { file, version };
}
