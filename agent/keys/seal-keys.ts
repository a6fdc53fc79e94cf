// Keys of this terminal sealed to this machine by systemd-creds, run as root: each is encrypted, opened again
// and compared before its open file is wiped, and systemd hands it to the daemon at its start. By the TPM,
// bound to no measurement of it (a firmware update must not cost the keys); where there is none nothing is
// changed, unless the second best is asked for: systemd's host key, a file of the same disk.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface SealWorld {
  readonly dataDir: string;
  /** The line's private key as the configuration names it; null: there is none. */
  readonly brokerKey: string | null;
  /** /etc/gate-agent/credentials in the field. */
  readonly credentialsDir: string;
  /** Of drop-ins of the unit. */
  readonly dropInDir: string;
  /** Environment of systemd-creds. */
  readonly env: { readonly [name: string]: string | undefined };
  readonly out: (text: string) => void;
}

export type SealedWith = 'tpm2' | 'host';

/** Nothing was changed by it; one sentence. */
export class NotSealed extends Error {}

const runMs = 60_000;
const unit = 'gate-agent.service';

/** Names of what was sealed now. Throws a `NotSealed`, or what the disk throws. */
export function sealKeys(world: SealWorld, asked: { readonly hostKey: boolean }): string[] {
  const { dataDir, brokerKey, credentialsDir, out } = world;
  const how = sealerOf(world, asked.hostKey);
  const isGiven = brokerKey?.startsWith('/run/credentials/') ?? true;
  const keys = [
    { name: 'master-key', file: join(dataDir, 'keys/master-key'), isOurs: true },
    { name: 'evidence-key', file: join(dataDir, 'evidence-key.pem'), isOurs: true },
    ...(isGiven || !brokerKey ? [] : [{ name: 'broker-key', file: brokerKey, isOurs: false }]),
  ].filter(({ file }) => existsSync(file));
  if (keys.length === 0) out('no key lies open here: nothing was changed\n');
  mkdirSync(credentialsDir, { recursive: true, mode: 0o700 });
  for (const key of keys) seal(world, how, key);
  if (keys.length > 0) writeDropIn(world);
  for (const { name, file, isOurs } of keys) {
    if (isOurs) wipe(file);
    out(`${name} is sealed by the ${how === 'tpm2' ? 'TPM' : 'host key'}\n`);
    if (isOurs) continue;
    out(
      `  write broker.key: /run/credentials/${unit}/${name} into the configuration, restart, and\n`,
    );
    out(`  delete ${file} once the line is up\n`);
  }
  return keys.map(({ name }) => name);
}

function sealerOf(world: SealWorld, hostKey: boolean): SealedWith {
  const asked = creds(world, ['has-tpm2']);
  if (asked.error) throw new NotSealed('systemd-creds is not here; systemd 250 or newer has it');
  if (asked.status === 0) return 'tpm2';
  if (hostKey) return 'host';
  const lacks = lacking(asked.stdout.toString());
  throw new NotSealed(
    `this PC has no TPM 2.0 that systemd can use (${lacks}): nothing was changed. --host-key seals with a ` +
      'file of this disk instead, which protects files that leave it and not the disk',
  );
}

/** What `systemd-creds has-tpm2` misses: it prints a word, then a line with + or - for each part. */
export function lacking(text: string): string {
  const parts = text.split('\n').flatMap((line) => /^-(\w+)$/.exec(line.trim())?.[1] ?? []);
  return parts.length === 0 ? 'it does not say why' : `no ${parts.join(', no ')}`;
}

function seal(world: SealWorld, how: SealedWith, { name, file }: { name: string; file: string }) {
  const to = join(world.credentialsDir, `${name}.cred`);
  const fresh = `${to}.new`;
  const by = how === 'tpm2' ? ['--with-key=tpm2', '--tpm2-pcrs='] : ['--with-key=host'];
  const made = creds(world, ['encrypt', ...by, `--name=${name}`, file, fresh]);
  const opened = made.status === 0 ? creds(world, ['decrypt', `--name=${name}`, fresh, '-']) : null;
  if (opened?.status !== 0 || !opened.stdout.equals(readFileSync(file))) {
    rmSync(fresh, { force: true, recursive: true });
    const why = (opened ?? made).stderr.toString().trim().split('\n').at(-1);
    throw new NotSealed(
      `${name} was not sealed and is as it was: ${why || 'it came back changed'}`,
    );
  }
  flush(fresh);
  renameSync(fresh, to);
  flush(world.credentialsDir);
}

/** Of all that have ever been sealed here. */
function writeDropIn({ credentialsDir, dropInDir }: SealWorld): void {
  const lines = ['master-key', 'evidence-key', 'broker-key']
    .map((name) => ({ name, file: join(credentialsDir, `${name}.cred`) }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => `LoadCredentialEncrypted=${name}:${file}`);
  mkdirSync(dropInDir, { recursive: true });
  const path = join(dropInDir, 'sealed-keys.conf');
  const fd = openSync(`${path}.new`, 'w', 0o644);
  writeSync(fd, `# Written by gate-agent seal-keys.\n[Service]\n${lines.join('\n')}\n`);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${path}.new`, path);
  flush(dirname(path));
}

/** Written over once and deleted; what flash memory keeps of it nobody can promise. */
function wipe(file: string): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, randomBytes(statSync(file).size));
  fsyncSync(fd);
  closeSync(fd);
  rmSync(file);
}

function flush(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

function creds({ env }: SealWorld, args: readonly string[]) {
  return spawnSync('systemd-creds', [...args], {
    ...{ env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...env }, timeout: runMs },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
