// Another evidence key: handed over to in a record that the old one signs; what the old one signed stays
// verifiable, before and after a restart; interrupted, the old one goes on and the same new one comes.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact, FactOf } from '#agent/core/fact.ts';
import type { State } from '#agent/core/state.ts';
import { BundleExporter } from '#agent/evidence/exporter.ts';
import { verify } from '#agent/evidence/verify/verify.ts';
import { type HandedOver, handoverVerbs } from '#agent/records/handover.ts';
import { problemOf, recordShape } from '#agent/records/record.ts';
import { Recorder } from '#agent/records/recorder.ts';
import type { SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Story, setup } from '#test/core/story.ts';
import { caseOf, terminal } from '#test/evidence/support.ts';
import { nothing, smallStore, tempDir } from '#test/store/support.ts';
import { until } from '#test/support/wait.ts';

let dir: ReturnType<typeof tempDir>;
let store: SqliteStore;
let facts: Fact[];
const data = () => join(dir.path, 'data');
const sink = {
  emit: (fact: Fact, stepped?: () => void) => {
    facts.push(fact);
    queueMicrotask(() => stepped?.());
  },
};
function opens(): void {
  store = smallStore(data(), { pageCapMb: 32, terminal: terminal.id });
  store.open(sink);
}
beforeEach(() => {
  dir = tempDir();
  facts = [];
  opens();
});
afterEach(async () => {
  await store.close();
  dir.remove();
});

let relogins = 0;
function desk(state: State = new Story().state, make?: Recorder['make']) {
  const recorder = new Recorder({
    ...{ dir: join(data(), 'records'), terminal: terminal.id, clock: systemClock(), sink },
    key: {
      get keyId() {
        return store.evidence.keyId;
      },
      get publicKey() {
        return store.evidence.publicKey;
      },
      sign: (text) => store.sign(text),
    },
  });
  return handoverVerbs({
    ...{ store, terminal: { state }, recorder: make ? { make } : recorder },
    uplink: { relogin: () => void relogins++ },
  });
}
const rotates = (verbs = desk(), reason = 'the PC was opened'): Promise<HandedOver> =>
  verbs['evidence.rotate-key']({ reason, user: 'root' });

/** A bundle of a case, as it lies there. */
async function bundle(name: string): Promise<string> {
  const clips = join(dir.path, name);
  mkdirSync(clips);
  const { story, files } = caseOf();
  for (const { at, fact } of story.recorded) store.commit({ ...nothing, audit: [{ at, fact }] });
  for (const [file, bytes] of files) writeFileSync(join(clips, file), bytes);
  const ends: FactOf<'export.ended'>[] = [];
  const exporter = new BundleExporter({
    ...{ clock: systemClock(), archive: store, dir: clips, dataDir: data(), capMb: 4_096 },
    ...{ reserveMb: 0, terminal, inputs: setup.inputs },
  });
  await exporter.open({ emit: (fact) => void (fact.kind === 'export.ended' && ends.push(fact)) });
  exporter.want({ ...story.wanted.exports, isPaused: false });
  const end = await until(() => ends[0], { withinMs: 60_000, what: 'the bundle' });
  await exporter.close();
  return join(clips, end.file);
}

describe('another evidence key', () => {
  it('is handed over to by the old one; old and new evidence verify, after a restart, too', async () => {
    const old = store.evidence.keyId;
    const before = await bundle('before');
    const done = await rotates();
    expect(done).toMatchObject({ from: old, to: store.evidence.keyId });
    expect(done.to).not.toBe(old);
    expect(relogins).toBe(1);
    const text = readFileSync(join(data(), 'records', done.file ?? ''), 'utf8');
    const record = recordShape.parse(JSON.parse(text));
    expect(problemOf(record)).toBeNull();
    expect(record).toMatchObject({ kind: 'key-handover', signature: { keyId: old } });
    expect(record.body).toMatchObject({
      ...{ reason: 'the PC was opened', from: { keyId: old } },
      to: { keyId: done.to, fingerprint: done.fingerprint },
    });
    expect(facts).toContainEqual(
      expect.objectContaining({ kind: 'record.signed', record: 'key-handover' }),
    );
    await store.close();
    facts = [];
    opens();
    expect(store.evidence.keyId).toBe(done.to);
    expect(facts.filter(({ kind }) => kind === 'fault.raised')).toEqual([]);
    const after = await bundle('after');
    const [was, is] = [await verify(before), await verify(after)];
    expect([was.ok, was.key.keyId]).toEqual([true, old]);
    expect([is.ok, is.key.keyId, is.earlierKeys]).toEqual([true, done.to, [old]]);
  });

  it('interrupted before it is in use, the old one goes on, and the same new one comes', async () => {
    const old = store.evidence.keyId;
    const seen: string[] = [];
    const cut: Recorder['make'] = ({ body }) => {
      seen.push(JSON.stringify(body.to));
      throw new Error('cut');
    };
    await expect(rotates(desk(new Story().state, cut))).rejects.toThrow('cut');
    await store.close();
    facts = [];
    opens();
    expect([store.evidence.keyId, facts]).toEqual([old, []]);
    const done = await rotates();
    expect(seen).toEqual([expect.stringContaining(done.to)]);
    expect(readdirSync(data()).filter((name) => name.includes('next'))).toEqual([]);
  });

  it('not while a case is open, nor without a reason', async () => {
    const open = new Story().press('desk').state;
    await expect(rotates(desk(open))).rejects.toThrow('not while a case is open');
    await expect(rotates(desk(), ' ')).rejects.toThrow('well-formed, not blank');
    await expect(rotates(handoverVerbs(null))).rejects.toThrow('not armed');
  });
});
