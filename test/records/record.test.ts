// A signed record: one right form, every byte of it guarded; made by the recorder whatever the disk does,
// told as a fact, and checked by `gate-agent verify` from the file alone.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventMessage, wireOf } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import { verifyCommand } from '#agent/evidence/command.ts';
import { fingerprintOf } from '#agent/evidence/manifest.ts';
import { recordVerbs } from '#agent/records/control.ts';
import { recordBytes, signedRecord } from '#agent/records/record.ts';
import { Recorder, recordsKept } from '#agent/records/recorder.ts';
import { verifyRecord } from '#agent/records/verify.ts';
import { evidenceKeyOf } from '#agent/store/evidence-key.ts';
import { Story } from '#test/core/story.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { contractIdentity } from '#test/support/identity.ts';

const newKey = () => evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);
const key = newKey();
const made = {
  ...({
    kind: 'acceptance',
    terminal: 't1',
    madeWallMs: 1_790_000_000_000,
    clock: 'good',
  } as const),
  ...{
    result: 'passed' as const,
    summary: '21 项通过',
    body: { checks: [{ name: 'clock', ms: 1.5 }] },
  },
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-records-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function verified(file: string, ...keys: string[]) {
  let [out, err] = ['', ''];
  const code = await verifyCommand({
    ...{ file, keys, isJson: false },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('a record', () => {
  it('is right as it was written, and wrong with any bit of any byte flipped', () => {
    const bytes = recordBytes(signedRecord(made, key));
    expect(verifyRecord(bytes)).toMatchObject({ ok: true, problem: null });
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(verifyRecord(changed), `byte ${at}, bit ${bit}`).toMatchObject({ ok: false });
      }
  });

  it('is not believed under another terminal, kind or key, nor written otherwise', () => {
    const record = signedRecord(made, key);
    const other = signedRecord(made, newKey());
    for (const change of [
      { terminal: 't2' },
      { kind: 'drill' as const },
      { result: 'failed' as const },
      { signature: { ...record.signature, publicKey: other.signature.publicKey } },
    ])
      expect(verifyRecord(recordBytes({ ...record, ...change }))).toMatchObject({ ok: false });
    // By another key it is another's: whoever checks compares the fingerprint.
    const resigned = verifyRecord(recordBytes({ ...record, signature: other.signature }));
    expect(resigned?.key.keyId).not.toBe(key.keyId);
    const pretty = Buffer.from(JSON.stringify(record, null, 2));
    expect(verifyRecord(pretty)).toMatchObject({ ok: false });
    expect(verifyRecord(Buffer.from('{"a":1}\n'))).toBeNull();
  });
});

describe('the recorder', () => {
  const facts: Fact[] = [];
  const recorder = (at: string) =>
    new Recorder({
      ...{ dir: at, terminal: 't1', clock: new VirtualClock(), key },
      sink: {
        emit: (fact, stepped) => {
          facts.push(fact);
          stepped?.();
        },
      },
      pages: { acceptance: async () => () => ({ 'zh.html': '证书', 'en.html': 'certificate' }) },
    });
  const order = { ...made, role: 'local', user: '陈' };
  beforeEach(() => void facts.splice(0));

  it('writes file and pages, tells it, and verify knows it', async () => {
    const { record, file, problem } = await recorder(join(dir, 'records')).make(order);
    expect(problem).toBeNull();
    const stem = String(file).slice(0, -'.json'.length);
    const names = [`${stem}.en.html`, `${stem}.json`, `${stem}.zh.html`];
    expect(readdirSync(join(dir, 'records')).sort()).toEqual(names);
    const { sha256 } = record;
    expect(facts).toEqual([
      {
        ...{ kind: 'record.signed', record: 'acceptance', file, sha256, result: 'passed' },
        ...{ summary: '21 项通过', role: 'local', user: '陈' },
      },
    ]);
    const path = join(dir, 'records', String(file));
    const right = await verified(path);
    expect(right).toMatchObject({ code: 0, err: '' });
    expect(right.out).toMatch(/^Right: acceptance certificate of terminal t1, passed, made \d{4}-/);
    expect((await verified(path, fingerprintOf(key.publicKey))).code).toBe(0);
    expect((await verified(path, newKey().keyId)).code).toBe(2);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('passed')] = 'P'.charCodeAt(0);
    writeFileSync(path, bytes);
    expect(await verified(path)).toMatchObject({ code: 1, out: expect.stringMatching(/^Wrong: /) });
    writeFileSync(path, '{}');
    expect((await verified(path)).code).toBe(65);
  });

  it('keeps the newest of each kind, with their pages', async () => {
    for (let n = 0; n < recordsKept + 2; n++) {
      const stem = join(dir, `acceptance-2020010${n % 10}T${String(n).padStart(6, '0')}Z-0`);
      for (const suffix of ['json', 'zh.html']) writeFileSync(`${stem}.${suffix}`, '');
    }
    writeFileSync(join(dir, 'drill-20200101T000000Z-0.json'), '');
    const { file } = await recorder(dir).make(order);
    const left = readdirSync(dir);
    expect(left.filter((name) => /^acceptance-.*json$/.test(name))).toHaveLength(recordsKept);
    expect(left.filter((name) => name.endsWith('zh.html'))).toHaveLength(recordsKept);
    expect(left).toContain(file);
    expect(left).toContain('drill-20200101T000000Z-0.json');
  });

  it('signs and tells where the disk takes nothing', async () => {
    writeFileSync(join(dir, 'file'), '');
    const { record, file, problem } = await recorder(join(dir, 'file')).make(order);
    expect(file).toBeNull();
    expect(problem).toContain('cannot be written');
    expect(verifyRecord(recordBytes(record))?.ok).toBe(true);
    expect(facts).toMatchObject([{ kind: 'record.signed', file: null }]);
  });

  it('refuses over control.sock what is none of the people’s at the terminal', async () => {
    const sign = recordVerbs(recorder(dir))['records.sign'];
    const { kind, body, result, summary } = made;
    const args = { kind, body, result, summary, user: 'chen' };
    expect(await sign(args)).toMatchObject({ problem: null });
    await expect(sign({ ...args, kind: 'patrol' })).rejects.toThrow(/kind/);
    await expect(sign({ ...args, body: { text: 'x'.repeat(50_000) } })).rejects.toThrow(/bytes/);
    await expect(recordVerbs(null)['records.sign'](args)).rejects.toThrow(/not armed/);
  });
});

it('a signed record is a fact of the chain, and an event with the chain’s head', () => {
  const story = new Story();
  const fact = {
    ...({ kind: 'record.signed', record: 'drill', file: null, sha256: 'ab'.repeat(32) } as const),
    ...({ result: 'failed', summary: '1 failed', role: 'local', user: 'chen' } as const),
  };
  story.happens(fact);
  expect(story.records).toContainEqual(fact);
  const [message] = story.told;
  expect(message).toMatchObject({ lane: 'event', body: fact });
  if (!message) return;
  const head = { seq: 1, hash: 'cd'.repeat(32), alg: 'ed25519' as const, keyId: 'k', sig: 's' };
  const wire = wireOf(message, 't1', contractIdentity, head);
  expect(eventMessage.parse(wire)).toMatchObject({ kind: 'record.signed', chain: { seq: 1 } });
});
