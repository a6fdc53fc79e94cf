// What the console makes of what it is told: the order of the alarms, since when, how loud a silence is,
// the list of terminals, the book of a case. Pure functions, no page.

import { describe, expect, test } from 'vitest';
import type { AlarmMessage, EventMessage, PastCase } from '#agent/contract.ts';
import type { TerminalView } from '#agent/web/client/terminals.ts';
import { consoleConfig } from '#agent/web/console/config.ts';
import {
  type Case,
  casesOf,
  firstOf,
  inOrder,
  isWaiting,
  nextOf,
  stepSinceMs,
} from '#agent/web/console/model/case.ts';
import { follow, heard } from '#agent/web/console/model/log.ts';
import { fromPast } from '#agent/web/console/model/past.ts';
import { matches, rollOf } from '#agent/web/console/model/roll.ts';
import { loudnessOf } from '#agent/web/console/model/silence.ts';
import { policyOf } from '#agent/web/console/policy.ts';
import { spanText } from '#agent/web/page/time.ts';
import { contractIdentity as identity } from '#test/support/identity.ts';

const raisedMs = 1_790_000_000_000;

const one = (of: Partial<Case> = {}): Case => ({
  ...{ id: 'a', terminal: 't1', online: true, identity, clock: 'good', kind: 'emergency' },
  ...{ mark: null, inputName: 'desk', presses: 1, step: 'received', raisedMs },
  ...{ course: null, seen: null, taken: null },
  ...of,
});

const ids = (cases: readonly Case[]): string => cases.map(({ id }) => id).join('');

describe('order of the alarms', () => {
  test('by kind, then the oldest first, drills after all that is real', () => {
    const cases = [
      one({ id: 'f', kind: 'test' }),
      one({ id: 'g', mark: 'drill', raisedMs: 1 }),
      one({ id: 'e', kind: 'medical', raisedMs: 2 }),
      one({ id: 'd', kind: 'fire', raisedMs: 3 }),
      one({ id: 'c', kind: 'silent', raisedMs: 4 }),
      one({ id: 'b', raisedMs: raisedMs + 1 }),
      one({ id: 'a' }),
    ];
    expect(ids(inOrder(cases))).toBe('abcdefg');
  });

  test('a new one changes nothing in the order of the others', () => {
    const before = inOrder([one({ id: 'a' }), one({ id: 'b', raisedMs: raisedMs + 5 })]);
    const after = inOrder([one({ id: 'z', raisedMs: raisedMs + 9 }), ...before]);
    expect(ids(after)).toBe('abz');
  });

  test('the next after the last is the first; what waits comes before what is taken', () => {
    const cases = [one({ id: 'a', step: 'taken' }), one({ id: 'b' })];
    expect(nextOf(cases, 'a')?.id).toBe('b');
    expect(nextOf(cases, 'b')?.id).toBe('a');
    expect(nextOf([], 'b')).toBeNull();
    expect(firstOf(cases)?.id).toBe('b');
  });
});

test('since when it stands at its step', () => {
  const by = { role: '110-city', user: 'wang', wallMs: raisedMs + 900 };
  const course = {
    ...{ inputName: 'desk', sentWallMs: raisedMs + 20, receivedWallMs: raisedMs + 70 },
    ...{ undeliveredWallMs: null, falseAlarmWallMs: null },
  };
  const since = (of: Partial<Case>) => stepSinceMs(one({ course, seen: by, taken: by, ...of }));
  expect(since({ step: 'stored' })).toBe(raisedMs);
  expect(since({ step: 'sent' })).toBe(raisedMs + 20);
  expect(since({ step: 'received' })).toBe(raisedMs + 70);
  expect(since({ step: 'talking' })).toBe(raisedMs + 900);
  expect(since({ step: 'received', course: null })).toBeNull();
  expect(isWaiting(one({ step: 'seen' }))).toBe(true);
  expect(isWaiting(one({ step: 'talking' }))).toBe(false);
});

const view = (id: string, of: Partial<TerminalView> = {}, school = id): TerminalView => ({
  ...{ id, online: true, bootId: 'b', incidents: [], window: null },
  birth: {
    ...{ v: 1, online: true, terminal: id, bootId: 'b', version: '1', wallMs: 1, clock: 'good' },
    ...{ identity: { ...identity, school }, incidents: [], faults: [], stick: null, window: null },
    ...{ evidenceKey: { alg: 'ed25519', keyId: 'k', publicKey: 'p' }, lights: null, callers: [] },
  },
  ...of,
});

test('a case of a terminal that has gone is a case', () => {
  const incident = {
    ...({ id: 'a', input: 'desk', kind: 'fire', step: 'sent', mark: null } as const),
    ...{ raisedWallMs: 5, presses: 2, seen: null, taken: null, course: null },
  };
  const [found] = casesOf(view('t1', { online: false, incidents: [incident] }));
  expect(found).toMatchObject({ id: 'a', kind: 'fire', online: false, inputName: 'desk' });
});

describe('silence', () => {
  const policy = { noticeAfterS: 30, alarmAfterS: 120, quiet: ['t9'] };
  const gone = (id: string, ms: number, incidents: TerminalView['incidents'] = []) =>
    loudnessOf({ id, online: false, incidents }, 0, ms, policy);
  test('grows as the policy says', () => {
    expect(gone('t1', 29_999)).toBe('list');
    expect(gone('t1', 30_000)).toBe('notice');
    expect(gone('t1', 120_000)).toBe('alarm');
    expect(loudnessOf({ id: 't1', online: true, incidents: [] }, 0, 1e9, policy)).toBe('none');
  });
  test('with an open case it is loud at once, whatever the policy', () => {
    const [incident] = [{ id: 'a' }] as unknown as TerminalView['incidents'];
    expect(gone('t9', 0, incident ? [incident] : [])).toBe('alarm');
  });
  test('one that is expected to be away is in the list, and no more', () => {
    expect(gone('t9', 1e9)).toBe('list');
    const never = { ...policy, alarmAfterS: null };
    expect(loudnessOf({ id: 't1', online: false, incidents: [] }, 0, 1e9, never)).toBe('notice');
  });
});

describe('the list of terminals', () => {
  const views = [
    view('t2', {}, '文新小学'),
    view('t1', {}, '保俶塔小学'),
    view('t3', { online: false }),
  ];
  test('by jurisdiction with a head each, by school', () => {
    const rows = rollOf(views, 'all', '');
    expect(rows[0]).toMatchObject({ what: 'head', count: 3 });
    expect(rows.slice(1).map(({ key }) => key)).toHaveLength(3);
    expect(rollOf(views, 'silent', '').map(({ key }) => key)).toEqual([expect.any(String), 't3']);
  });
  test('every word that is searched must be there, in any field', () => {
    const [first] = views;
    if (!first) throw new Error('no terminal');
    expect(matches(first, '文新')).toBe(true);
    expect(matches(first, `文新 ${identity.gateRoomPhone}`)).toBe(true);
    expect(matches(first, '文新 nowhere')).toBe(false);
  });
});

describe('the book of a case', () => {
  const head = { v: 1, terminal: 't1', bootId: 'b', seq: 1, monoMs: 1, clock: 'good' } as const;
  const chain = { seq: 1, hash: '0'.repeat(64), alg: 'ed25519', keyId: 'k', sig: 's' } as const;
  test('what is told twice is there once, in the order of time', () => {
    const by = { role: '110-city', user: 'wang', wallMs: raisedMs + 900 };
    const first = follow(undefined, one({ seen: by }));
    expect(follow(first, one({ seen: by }))).toBe(first);
    const again = { ...head, id: 'm2', wallMs: raisedMs + 500, identity, chain };
    const pressed: AlarmMessage = {
      ...{ ...again, kind: 'press.repeated', incident: 'a', input: 'desk', count: 1, presses: 2 },
    } as AlarmMessage;
    const log = heard(heard(first, pressed), pressed);
    expect(log.lines.map(({ what }) => what)).toEqual(['raised', 'pressed', 'seen']);
  });
  test('files and the end of it', () => {
    const stored = {
      ...{ ...head, id: 'm3', wallMs: raisedMs + 1_000, kind: 'evidence.stored', what: 'snapshot' },
      ...{ incidents: ['a'], file: 'a.jpg', afterMs: 1_000, bytes: 7, sha256: '0'.repeat(64) },
      ...{ lengthMs: 0, missingMs: 0, fragments: 1, mended: false, chain },
    } as EventMessage;
    const resolved = {
      ...{ ...head, id: 'm4', wallMs: raisedMs + 9_000, identity, chain, mark: null },
      ...{ kind: 'incident.resolved', incident: 'a', role: '110-city', user: 'li' },
      ...{ reason: 'handled', note: null },
    } as AlarmMessage;
    const log = heard(heard(heard(follow(undefined, one()), stored), stored), resolved);
    expect(log.files.map(({ file }) => file)).toEqual(['a.jpg']);
    expect(log.resolved).toMatchObject({ user: 'li', reason: 'handled' });
    expect(log.lines.at(-1)?.what).toBe('resolved');
  });
});

describe('what the page may ask', () => {
  const page = 'https://desk.example/console/';
  const policy = (of: object) =>
    policyOf(
      consoleConfig.parse({ broker: '../mqtt', login: { how: 'token', url: '../login' }, ...of }),
      page,
    );
  test('is its own server where all of it is there', () => {
    expect(policy({ ice: '../ice', map: { tiles: '/tiles/{z}/{x}/{y}.png' } })).toBe(
      "connect-src 'self'; img-src 'self' blob: data:",
    );
  });
  test('and what its configuration names, each for its own purpose', () => {
    const of = {
      ...{ broker: 'wss://broker.example:8084/mqtt', ice: 'https://ice.example/ice' },
      map: { tiles: 'https://{a-c}.tile.example/{z}/{x}/{y}.png' },
    };
    expect(policy(of)).toBe(
      "connect-src 'self' wss://broker.example:8084 https://ice.example; " +
        "img-src 'self' blob: data: https://*.tile.example",
    );
  });
});

describe('a case of the past, as its terminal lists it', () => {
  const by = { role: '110-city', user: 'wang', wallMs: raisedMs + 900 };
  const past: PastCase = {
    ...{ id: 'a', input: 'desk', kind: 'emergency', mark: null, presses: 1, clock: 'good' },
    ...{ raisedWallMs: raisedMs, seen: by, taken: null, held: false, made: null, course: null },
    resolved: { ...by, wallMs: raisedMs + 9_000, reason: 'handled', note: 'x' },
  };
  const of = { terminal: 't1', identity };
  test('is a log with an end', () => {
    const log = fromPast(undefined, past, of);
    expect(log.lines.map(({ what }) => what)).toEqual(['raised', 'seen', 'resolved']);
    expect(log).toMatchObject({ terminal: 't1', identity, resolved: { reason: 'handled' } });
  });
  test('adds to what was heard of it, and nothing twice', () => {
    const open = follow(undefined, one({ seen: by }));
    const log = fromPast(open, past, of);
    expect(log.lines.map(({ what }) => what)).toEqual(['raised', 'seen', 'resolved']);
    expect(fromPast(log, past, of)).toBe(log);
  });
});

test('spans are read at a glance', () => {
  expect(spanText(12_900, 'en')).toBe('12 s');
  expect(spanText(185_000, 'en')).toBe('3 min 05 s');
  expect(spanText(185_000, 'zh')).toBe('3分05秒');
  expect(spanText(2 * 3_600_000 + 600_000, 'en')).toBe('2 h 10 min');
  expect(spanText(-5, 'zh')).toBe('0秒');
});
