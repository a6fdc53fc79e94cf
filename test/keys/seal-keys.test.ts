// Keys sealed by the real systemd-creds with a host key of the test's own, and what the daemon reads when
// systemd hands them back. Whether there is a TPM is said by a stand-in in front of it, in its own words; in
// place of one the host key seals.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMaster } from '#agent/keys/master.ts';
import { lacking, NotSealed, type SealWorld, sealKeys } from '#agent/keys/seal-keys.ts';
import { loadEvidenceKey } from '#agent/store/evidence-key.ts';

let dir: string;
let said: string;
let world: SealWorld;

/** Notes what it is asked for, and hands it on. */
const standIn = (tpm: 'partial' | 'yes'): string => `#!/bin/sh
echo "$*" >> '${join(dir, 'asked')}'
if [ "$1" = has-tpm2 ]; then
  ${tpm === 'yes' ? 'echo yes; exit 0' : "printf 'partial\\n-firmware\\n-driver\\n+system\\n'; exit 3"}
fi
PATH=/usr/bin:/bin
exec systemd-creds $(echo "$*" | sed 's/--with-key=tpm2 --tpm2-pcrs=/--with-key=host/')
`;
const sealer = (tpm: 'partial' | 'yes') =>
  writeFileSync(join(dir, 'bin/systemd-creds'), standIn(tpm), { mode: 0o755 });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-seal-'));
  said = '';
  mkdirSync(join(dir, 'bin'));
  sealer('partial');
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'broker.key'), 'the key of the line', { mode: 0o600 });
  world = {
    ...{ dataDir: join(dir, 'data'), brokerKey: join(dir, 'broker.key') },
    ...{ credentialsDir: join(dir, 'credentials'), dropInDir: join(dir, 'drop-in') },
    env: {
      SYSTEMD_CREDENTIAL_SECRET: join(dir, 'secret'),
      PATH: `${join(dir, 'bin')}:/usr/bin:/bin`,
    },
    out: (text) => {
      said += text;
    },
  };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const all = () => readdirSync(dir, { recursive: true }).map(String).sort();

/** As systemd does it at the start of the unit. */
function handedOver(name: string): string {
  const to = join(dir, name);
  const sealedFile = join(dir, 'credentials', `${name}.cred`);
  execFileSync('systemd-creds', ['decrypt', `--name=${name}`, sealedFile, to], {
    env: { ...process.env, ...world.env },
  });
  return to;
}

const isHere = spawnSync('systemd-creds', ['--version']).error === undefined;

describe('keys', () => {
  it.skipIf(!isHere)(
    'are sealed, handed back the same, and lie nowhere open but the one a person must move',
    () => {
      const { text } = loadMaster(world.dataDir, null);
      const { key } = loadEvidenceKey(world.dataDir);
      expect(sealKeys(world, { hostKey: true })).toEqual([
        'master-key',
        'evidence-key',
        'broker-key',
      ]);
      expect(existsSync(join(world.dataDir, 'keys/master-key'))).toBe(false);
      expect(existsSync(join(world.dataDir, 'evidence-key.pem'))).toBe(false);
      expect(existsSync(join(dir, 'broker.key'))).toBe(true);
      for (const file of all().filter((name) => name.endsWith('.cred')))
        expect(readFileSync(join(dir, file), 'latin1')).not.toContain(text ?? '?');
      expect(readFileSync(join(dir, 'drop-in/sealed-keys.conf'), 'utf8').split('\n')).toEqual([
        '# Written by gate-agent seal-keys.',
        '[Service]',
        ...['master-key', 'evidence-key', 'broker-key'].map(
          (name) => `LoadCredentialEncrypted=${name}:${join(dir, 'credentials', name)}.cred`,
        ),
        '',
      ]);
      expect(said).toContain('broker.key: /run/credentials/gate-agent.service/broker-key');

      expect(loadMaster(world.dataDir, handedOver('master-key'))).toEqual({ text, problem: null });
      const again = loadEvidenceKey(world.dataDir, handedOver('evidence-key'));
      expect([again.key.keyId, again.problem]).toEqual([key.keyId, null]);
      // A second time there is only what was left open.
      expect(sealKeys(world, { hostKey: true })).toEqual(['broker-key']);
      // A key that was rotated in since goes before the sealed one.
      const next = again.key.next();
      again.key.adopt(next);
      const rotated = loadEvidenceKey(world.dataDir, join(dir, 'evidence-key'));
      expect([rotated.key.keyId, rotated.problem]).toEqual([next.keyId, null]);
    },
  );

  it.skipIf(!isHere)('by the TPM where there is one, bound to no measurement', () => {
    sealer('yes');
    loadMaster(world.dataDir, null);
    sealKeys({ ...world, brokerKey: null }, { hostKey: false });
    expect(said).toBe('master-key is sealed by the TPM\n');
    expect(readFileSync(join(dir, 'asked'), 'utf8')).toContain(
      'encrypt --with-key=tpm2 --tpm2-pcrs= --name=master-key',
    );
  });

  it.skipIf(!isHere)('one that does not come back the same is left as it was', () => {
    loadMaster(world.dataDir, null);
    mkdirSync(join(dir, 'credentials/master-key.cred.new'), { recursive: true });
    const before = readFileSync(join(world.dataDir, 'keys/master-key'), 'utf8');
    expect(() => sealKeys(world, { hostKey: true })).toThrow(
      /master-key was not sealed and is as it/,
    );
    expect(readFileSync(join(world.dataDir, 'keys/master-key'), 'utf8')).toBe(before);
  });

  it('without a TPM nothing is changed, and it is said why', () => {
    loadMaster(world.dataDir, null);
    const before = all();
    const refusal =
      /no TPM 2.0 that systemd can use \(no firmware, no driver\): nothing was changed\. --host-key/;
    expect(() => sealKeys(world, { hostKey: false })).toThrow(refusal);
    expect(() => sealKeys(world, { hostKey: false })).toThrow(NotSealed);
    expect(all().filter((name) => name !== 'asked')).toEqual(before);
  });

  it('what systemd-creds has-tpm2 prints, as it prints it', () => {
    expect(lacking('partial\n-firmware\n-driver\n+system\n-subsystem\n')).toBe(
      'no firmware, no driver, no subsystem',
    );
    expect(lacking('')).toBe('it does not say why');
  });
});
