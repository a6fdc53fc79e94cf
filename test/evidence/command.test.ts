// `gate-agent verify` from its bundle: without daemon, configuration, rights or network; what it says, and
// with which exit code.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '#agent/evidence/manifest.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { type Bundled, bundled, caseOf, newKey } from './support.ts';

let made: Bundled;
let clip: string;
const old = newKey();
beforeAll(async () => {
  const told = caseOf();
  clip = [...told.files.keys()].find((name) => name.endsWith('.mp4')) ?? '';
  made = await bundled(told, { earlier: [old] });
  chmodSync(made.dir, 0o755);
  chmodSync(made.path, 0o644);
});
afterAll(() => made.remove());

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    ...{ encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
  });
  return { status, stdout, stderr };
}
const verify = (...args: string[]) => run(launcher, 'verify', ...args);

describe('gate-agent verify', () => {
  it('says in a sentence that it is right, by which key, and which were before', () => {
    const { status, stdout, stderr } = verify(made.path);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const fingerprint = fingerprintOf(made.order.key.publicKey);
    expect(stdout).toMatch(
      /^Right: 6 files of case \S+ of terminal hz-xihu-0012-east, records \d+ to \d+/,
    );
    expect(stdout).toContain('platform/zhang: "检察院调取"');
    expect(stdout).toContain(`fingerprint ${fingerprint}: compare it`);
    expect(stdout).toContain(`Earlier keys of this terminal: ${old.keyId}`);
  });

  it('knows a key by its fingerprint or its name; by another it is exit 2', () => {
    const fingerprint = fingerprintOf(made.order.key.publicKey);
    const spaced = fingerprint.toUpperCase().replace(/(..)(?=.)/g, '$1:');
    for (const key of [fingerprint, spaced, made.order.key.keyId])
      expect(verify(made.path, '--key', key)).toMatchObject({ status: 0 });
    expect(verify(made.path, '--key', newKey().keyId, '--key', fingerprint).status).toBe(0);
    const other = verify(made.path, '--key', old.keyId);
    expect(other).toMatchObject({ status: 2, stdout: expect.stringContaining('NOT the one') });
    expect(verify(made.path, '--key', 'abc').status).toBe(64);
  });

  it('names the file that was changed, and where; and in JSON', () => {
    const bytes = readFileSync(made.path);
    const at = bytes.lastIndexOf('mdat');
    bytes[at + 100] = (bytes[at + 100] ?? 0) ^ 1;
    const path = join(made.dir, 'changed.zip');
    writeFileSync(path, bytes);
    const { status, stdout } = verify(path);
    expect(status).toBe(1);
    expect(stdout.split('\n')[0]).toBe(
      `Wrong: ${clip}: it was changed: its SHA-256 is not the one that was signed for`,
    );
    expect(stdout).toContain(`${clip}, fragment 4 of 4: it is not what was recorded`);
    const json = verify(path, '--json');
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ file: clip }, {}] });
  });

  it('refuses what is none: 65, what is not there: 66, no file: 64', () => {
    const path = join(made.dir, 'none.zip');
    writeFileSync(path, 'hello');
    const none = verify(path);
    expect(none).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('none.zip: it cannot be read'),
    });
    expect(JSON.parse(verify(path, '--json').stdout)).toMatchObject({ ok: false });
    expect(verify(join(made.dir, 'gone.zip')).status).toBe(66);
    expect(verify(made.dir).status).toBe(66);
    expect(verify().status).toBe(64);
    expect(verify(path, 'more').status).toBe(64);
  });

  it('needs no network: in a namespace that has none, as a user who may nothing', () => {
    // Without root a namespace of the user's own gives the right to one of the network.
    const how = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
    const alone = run(
      'unshare',
      ...how,
      'sh',
      '-c',
      'ip link 2>&1; exec "$@"',
      'sh',
      launcher,
      'verify',
      made.path,
    );
    expect(alone, alone.stderr).toMatchObject({ status: 0 });
    expect(alone.stdout).toContain('Right: ');
    expect(alone.stdout).not.toMatch(/eth|enp|state UP/);
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv')) return;
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const poor = run('setpriv', ...nobody, launcher, 'verify', made.path);
    expect(poor, poor.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Right: '),
    });
  });
});
