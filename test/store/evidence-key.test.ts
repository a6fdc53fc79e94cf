// The evidence key: made once, readable by nobody else, named by its fingerprint.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '#agent/refusal.ts';
import { evidenceKeyFile, loadEvidenceKey } from '#agent/store/evidence-key.ts';
import { RecordingSink, smallStore, tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
let file: string;
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, evidenceKeyFile);
});
afterEach(() => dir.remove());

test('is made at the first start, mode 0600, and kept', () => {
  const made = loadEvidenceKey(dir.path);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.new`)).toBe(false);
  const again = loadEvidenceKey(dir.path);
  expect(again.publicKey).toBe(made.publicKey);
  expect(again.sign('text')).toBe(made.sign('text'));
});

test('its id is the beginning of the fingerprint of the public key', () => {
  const { keyId, publicKey, alg } = loadEvidenceKey(dir.path);
  const fingerprint = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  expect(alg).toBe('ed25519');
  expect(keyId).toBe(fingerprint.slice(0, 16));
});

test.each([0o640, 0o604, 0o644])('refuses mode %o, with what to do', (mode) => {
  loadEvidenceKey(dir.path);
  chmodSync(file, mode);
  expect(() => loadEvidenceKey(dir.path)).toThrow(Refusal);
  expect(() => loadEvidenceKey(dir.path)).toThrow(/chmod 600/);
});

test.each([
  ['half a file', '-----BEGIN PRIVATE KEY-----\nMC4C'],
  [
    'another kind of key',
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString(),
  ],
])('refuses %s and does not replace it', (_, pem) => {
  writeFileSync(file, pem, { mode: 0o600 });
  expect(() => loadEvidenceKey(dir.path)).toThrow(Refusal);
});

test('the store refuses to open on a key that others may read', async () => {
  loadEvidenceKey(dir.path);
  chmodSync(file, 0o644);
  const store = smallStore(dir.path);
  expect(() => store.open(new RecordingSink())).toThrow(/chmod 600/);
  await store.close();
});
