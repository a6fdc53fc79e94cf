// The end of a terminal on a machine: nothing is deleted unless it is meant, and nothing that would be lost
// is lost unsaid; keys go before what they lock; interrupted anywhere, it can be ended.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lifecycleVerbs } from '#agent/backup/control.ts';
import { type RetireRequest, retire } from '#agent/backup/retire.ts';
import type { Fact } from '#agent/core/fact.ts';
import { emptyDurable, initialState } from '#agent/core/state.ts';
import { SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import { setup as story } from '../core/story.ts';
import { incident } from '../store/support.ts';

const clock = systemClock();
let dir: string;
let data: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-retire-'));
  data = join(dir, 'var');
  mkdirSync(join(dir, 'etc'));
  mkdirSync(join(data, 'clips'), { recursive: true });
  put('etc/gate-agent.yaml', [
    'terminal: { id: hz-1 }',
    'broker: { url: "mqtts://b", key: tls.key, cert: tls.pem, ca: ../shared/ca.pem, passwordFile: word }',
  ]);
  put('etc/tls.key', ['a key']);
  put('etc/tls.pem', ['a certificate']);
  put('etc/word', ['a password']);
  mkdirSync(join(dir, 'shared'));
  put('shared/ca.pem', ['everybody’s']);
  put('var/clips/case.mp4', ['a picture']);
  put('var/last-good.json', ['{}']);
  put('var/master-key', ['under which clips lie']);
  mkdirSync(join(dir, 'etc-panel'));
  put('etc-panel/pin.json', ['a hash']);
  await records({ open: false });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const put = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(dir, name), `${lines.join('\n')}\n`, { mode: 0o600 });

/** A database, a journal and an evidence key, as a terminal leaves them. */
async function records({ open }: { open: boolean }): Promise<void> {
  const wire = () => '{}';
  const store = new SqliteStore({ dir: data, terminal: 'hz-1', clock, wire, pageCapMb: 1 });
  store.open({ emit: () => undefined });
  const { bootId, monoMs, wallMs } = clock.now();
  const at = { bootId, monoMs, wallMs, clock: 'good' } as const;
  const body = { kind: 'chain.head' } as const;
  store.commit({
    entities: open ? [{ table: 'incidents', id: 'case-1', body: incident('case-1') }] : [],
    audit: [{ at, fact: { kind: 'storage.recovered' } }],
    enqueue: open ? [{ id: 'case-1', seq: 1, lane: 'alarm', at, body }] : [],
    settle: [],
  });
  await store.close();
}

const asked = (more: Partial<RetireRequest> = {}): RetireRequest => ({
  whereabouts: { configFile: join(dir, 'etc/gate-agent.yaml'), stateDir: data },
  ask: null,
  confirmed: (terminal) => Promise.resolve(terminal === 'hz-1'),
  ...{ loseUnsent: null, user: 'root', clock, ...more },
});

const left = () => ['etc', 'etc-panel', 'var'].flatMap((name) => readdirSync(join(dir, name)));

describe('retire, of a terminal whose daemon does not run', () => {
  it('deletes what makes it this terminal, and leaves what is everybody’s', async () => {
    const done = await retire(asked());
    expect(done).toMatchObject({ terminal: 'hz-1', told: 'the daemon does not run' });
    expect(done.left).toEqual([join(dir, 'shared/ca.pem')]);
    expect(left()).toEqual([]);
  });

  it('does nothing unless the id is typed', async () => {
    const before = left();
    const confirmed = () => Promise.resolve(false);
    await expect(retire(asked({ confirmed }))).rejects.toThrow('nothing was deleted');
    expect(left()).toEqual(before);
  });

  it('does nothing while a case is open or an alarm unsent, unless it is said why', async () => {
    await records({ open: true });
    const before = left();
    const why = /1 cases are open and 1 alarms are unsent.*--lose-unsent/;
    await expect(retire(asked())).rejects.toThrow(why);
    expect(left()).toEqual(before);
    await retire(asked({ loseUnsent: 'the school was pulled down' }));
    expect(left()).toEqual([]);
  });

  it('keys go first; interrupted, it is ended by the next try', async () => {
    const stopped = new Error('power cut');
    const ask = (verb: string) => {
      if (verb === 'retire.look') return Promise.resolve({ online: true, waiting: 0 });
      // Where the daemon is to end, which is when its keys have gone and before its records go.
      if (verb === 'retire.end') throw stopped;
      return Promise.resolve({});
    };
    await expect(retire(asked({ ask }))).rejects.toBe(stopped);
    const there = left();
    for (const gone of ['tls.key', 'word', 'evidence-key.pem', 'master-key', 'last-good.json'])
      expect(there).not.toContain(gone);
    expect(there).toEqual(expect.arrayContaining(['gate-agent.yaml.retired', 'gate.db', 'clips']));
    expect(await retire(asked())).toMatchObject({ told: 'an earlier try was finished' });
    expect(left()).toEqual([]);
    expect(existsSync(join(dir, 'shared/ca.pem'))).toBe(true);
  });
});

describe('what the daemon says to it', () => {
  const facts: Fact[] = [];
  const desk = (open: boolean, unsent: number) => ({
    terminal: {
      state: initialState(
        open ? { ...emptyDurable, incidents: { a: incident('a') } } : emptyDurable,
        { ...story, terminal: 'hz-1' },
      ),
      emit: (fact: Fact, stepped?: () => void) => {
        facts.push(fact);
        stepped?.();
      },
    },
    store: {
      page: () =>
        Promise.resolve(
          Array.from({ length: unsent }, (_, seq) => {
            return { id: `m${seq}`, seq, lane: 'alarm' as const, payload: '' };
          }),
        ),
      figures: () => ({ outboxRows: unsent }),
    },
  });
  const begin = (verbs: ReturnType<typeof lifecycleVerbs>, reason: string | null, id = 'hz-1') =>
    verbs['retire.begin']({ user: 'root', terminal: id, reason });

  it('tells the platform, and why what is lost may be lost', async () => {
    facts.length = 0;
    await expect(begin(lifecycleVerbs(desk(false, 2)), null)).rejects.toThrow(
      '2 alarms are unsent',
    );
    await expect(begin(lifecycleVerbs(desk(true, 0)), null)).rejects.toThrow('1 cases are open');
    await expect(begin(lifecycleVerbs(desk(false, 0)), null, 'hz-2')).rejects.toThrow(
      'this is hz-1',
    );
    await expect(begin(lifecycleVerbs(null), null)).rejects.toThrow('not armed');
    expect(facts).toEqual([]);
    await begin(lifecycleVerbs(desk(false, 0)), 'not needed');
    await begin(lifecycleVerbs(desk(true, 2)), 'burnt down');
    const told = { kind: 'terminal.retired', user: 'root' };
    expect(facts).toEqual([
      { ...told, unsent: 0, reason: null },
      { ...told, unsent: 2, reason: 'burnt down' },
    ]);
  });
});
