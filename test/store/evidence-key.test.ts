// The evidence key: made once, readable by nobody else, named by its fingerprint.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evidenceKeyFile, loadEvidenceKey } from '#agent/store/evidence-key.ts';
import { press, RecordingSink, smallStore, tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
let file: string;
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, evidenceKeyFile);
});
afterEach(() => dir.remove());

const load = () => loadEvidenceKey(dir.path);

test('is made at the first start, mode 0600, and kept', () => {
  const made = load();
  expect(made.problem).toBeNull();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.new`)).toBe(false);
  const again = load();
  expect(again.key.publicKey).toBe(made.key.publicKey);
  expect(again.key.sign('text')).toBe(made.key.sign('text'));
});

test('its id is the beginning of the fingerprint of the public key', () => {
  const { keyId, publicKey, alg } = load().key;
  const fingerprint = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  expect(alg).toBe('ed25519');
  expect(keyId).toBe(fingerprint.slice(0, 16));
});

test.each([0o640, 0o604, 0o644])('mode %o is told with what to do, and stops nothing', (mode) => {
  const { key } = load();
  chmodSync(file, mode);
  const loose = load();
  expect(loose.problem).toMatch(/others may read .* chmod 600/);
  expect(loose.key.keyId).toBe(key.keyId);
  expect(statSync(file).mode & 0o777).toBe(mode);
});

test.each([
  ['half a file', '-----BEGIN PRIVATE KEY-----\nMC4C'],
  ['an empty file', ''],
  [
    'another kind of key',
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString(),
  ],
])('%s is not replaced: a key of this run signs, and it is told', (_, pem) => {
  writeFileSync(file, pem, { mode: 0o600 });
  const { key, problem } = load();
  expect(problem).toMatch(/cannot be used .* Mend it and restart/);
  expect(key.sign('text')).not.toBe('');
  expect(readFileSync(file, 'utf8')).toBe(pem);
});

test('a directory that is not there: the same', () => {
  const { problem } = loadEvidenceKey(join(dir.path, 'absent'));
  expect(problem).toMatch(/ENOENT/);
});

test('the store opens on a key that others may read, with a fault', async () => {
  load();
  chmodSync(file, 0o644);
  const store = smallStore(dir.path);
  const sink = new RecordingSink();
  store.open(sink);
  expect(sink.facts).toMatchObject([{ kind: 'fault.raised', fault: 'storage.key' }]);
  expect(store.commit(press(1)).durable).toBe(true);
  await store.close();
});
