// The evidence key: made once, readable by nobody else, named by its fingerprint.

import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evidenceKeyFile, loadEvidenceKey } from '#agent/store/evidence-key.ts';
import { keysKept, knownKeys, knownKeysFile } from '#agent/store/known-keys.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Terminal } from '#agent/terminal.ts';
import { countingIds } from '#test/fakes/clock.ts';
import { FakeLamp } from '#test/fakes/lamp.ts';
import { FakeUplink } from '#test/fakes/uplink.ts';
import { setup } from '#test/scenario/world.ts';
import { auditRows, press, RecordingSink, smallStore, tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
let file: string;
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, evidenceKeyFile);
});
afterEach(() => dir.remove());

/** A terminal with nothing outside but its disk. */
const parts = () => ({
  ...{ setup, clock: systemClock(), ids: countingIds(`${Math.random()}`), inputs: [] },
  ...{ lamp: new FakeLamp(), dome: null, uplink: new FakeUplink() },
  watch: { stepped: () => undefined, committed: () => undefined },
});

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

test('one that is gone: a new one is made, told once with both names, the old half kept', () => {
  const { key: old } = load();
  rmSync(file);
  const { key, problem } = load();
  expect(key.keyId).not.toBe(old.keyId);
  expect(problem).toMatch(new RegExp(`another than before: ${key.keyId} .* not ${old.keyId}\\b`));
  const kept = [old, key].map(({ keyId, publicKey }) => ({ keyId, publicKey }));
  expect(knownKeys(dir.path)).toEqual(kept);
  expect(load()).toMatchObject({ problem: null, key: { keyId: key.keyId } });
});

test('one that was put in its place, and the old one put back: each told', () => {
  const { key: old } = load();
  const saved = readFileSync(file);
  rmSync(file);
  load();
  writeFileSync(file, saved);
  expect(load()).toMatchObject({
    key: { keyId: old.keyId },
    problem: expect.stringMatching(/another than before/),
  });
  expect(load().problem).toBeNull();
});

test('where nothing can be noted the key is used all the same', () => {
  const { key } = load();
  rmSync(join(dir.path, knownKeysFile));
  mkdirSync(join(dir.path, knownKeysFile));
  const { key: same, problem } = load();
  expect(same.keyId).toBe(key.keyId);
  expect(problem).toMatch(/evidence-keys.txt cannot be kept/);
});

test('of very many the newest are kept', () => {
  for (let n = 0; n < keysKept + 3; n++) {
    rmSync(file, { force: true });
    load();
  }
  expect(knownKeys(dir.path)).toHaveLength(keysKept);
  expect(knownKeys(dir.path).at(-1)?.keyId).toBe(load().key.keyId);
});

test('gone with all that knew of it: the journal says that there was one', async () => {
  const first = smallStore(dir.path);
  first.open(new RecordingSink());
  await first.close();
  rmSync(file);
  rmSync(join(dir.path, knownKeysFile));
  expect(load().problem).toMatch(/another than before: .* not the one that was here/);
});

test('of a terminal at work: a fault, which the platform is told and the chain has', async () => {
  const start = async () => {
    const store = smallStore(dir.path);
    const terminal = new Terminal({ ...parts(), store });
    await terminal.open();
    const { keyId } = store.evidence;
    await terminal.close('SIGTERM');
    return keyId;
  };
  const old = await start();
  rmSync(file);
  const fresh = await start();
  const told = auditRows(dir.path).filter(({ kind }) => kind === 'fault.raised');
  expect(told.map(({ body }) => JSON.parse(body ?? '').fact)).toMatchObject([
    { fault: 'storage.key', detail: expect.stringContaining(`${fresh} signs`) },
  ]);
  expect(told[0]?.body).toContain(old);
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
