// What a contact does and what is told of it, as rows of (ms, contact).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Contact } from '#agent/core/fact.ts';
import { chatterAfterMs, Filter, tamperAfterMs } from '#agent/gpio/filter.ts';

const quietMs = 50;
const letters: { readonly [letter: string]: Contact } = { n: 'normal', p: 'pressed', t: 'tamper' };

/** `0n 100p 103n`: plays it, lets everything come to rest, and returns what was told, the same way. */
function told(story: string): string {
  const filter = new Filter(quietMs);
  const out: string[] = [];
  const add = (all: ReturnType<Filter['due']>) => {
    for (const { contact, atMs } of all) out.push(`${atMs}${contact[0]}`);
  };
  const rest = (untilMs: number) => {
    for (let due = filter.dueMs; due !== null && due <= untilMs; due = filter.dueMs)
      add(filter.due(due));
  };
  for (const step of story.split(' ')) {
    const atMs = Number.parseInt(step, 10);
    rest(atMs);
    add(filter.edge(letters[step.at(-1) ?? ''] ?? 'normal', atMs));
  }
  rest(Number.POSITIVE_INFINITY);
  return out.join(' ');
}

describe('what is told', () => {
  test.each([
    ['the level at start', '0n', '0n'],
    ['a button held at start', '0p', '0p'],
    ['a press and a release', '0n 100p 300n', '0n 100p 300n'],
    ['a press of a millisecond, and its release late', '0n 100p 101n', '0n 100p 101n'],
    ['bounce as one press', '0n 100p 101n 102p 103n 104p 300n', '0n 100p 300n'],
    ['bounce of a release as one release', '0n 100p 300n 301p 302n 400p', '0n 100p 300n 400p'],
    [
      'a press that ends within the bounce of the one before',
      '0n 100p 120n 140p 160n',
      '0n 100p 160n',
    ],
    ['two presses with a true pause', '0n 100p 160n 220p 280n', '0n 100p 160n 220p 280n'],
    ['a pair that passes through tamper', '0n 100t 104p 300t 305n', '0n 104p 305n'],
    ['a pair that stays in tamper', '0n 100t', '0n 100t'],
    ['a press that then contradicts itself', '0n 100p 100t', '0n 100p 100t'],
    ['tamper at start, when it lasts', '0t', '0t'],
    ['a tamper that mends', '0n 100t 900n', '0n 100t 900n'],
  ])('%s', (_, story, expected) => {
    expect(told(story)).toBe(expected);
  });

  test('tamper is told only once it has lasted', () => {
    const filter = new Filter(quietMs);
    filter.edge('normal', 0);
    filter.edge('tamper', 100);
    expect(filter.due(100 + tamperAfterMs - 1)).toEqual([]);
    expect(filter.due(100 + tamperAfterMs)).toEqual([{ contact: 'tamper', atMs: 100 }]);
  });
});

describe('a contact that does not come to rest', () => {
  test('is told pressed once, however it goes on, and is chatter', () => {
    const filter = new Filter(quietMs);
    filter.edge('normal', -1000);
    const out = filter.edge('pressed', 0);
    for (let ms = 1; ms <= 10_000; ms++)
      out.push(...filter.edge(ms % 2 === 0 ? 'pressed' : 'normal', ms));
    expect(out).toEqual([{ contact: 'pressed', atMs: 0 }]);
    expect(filter.isChattering(10_000)).toBe(true);
    filter.edge('normal', 10_001);
    expect(filter.due(10_001 + quietMs)).toEqual([{ contact: 'normal', atMs: 10_001 }]);
    expect(filter.isChattering(10_001 + quietMs)).toBe(false);
  });

  test('is told pressed after half a second where it began with a release', () => {
    const filter = new Filter(quietMs);
    filter.edge('pressed', 0);
    const out = filter.edge('normal', 1000);
    for (let ms = 1001; ms <= 3000; ms++)
      out.push(...filter.edge(ms % 2 === 0 ? 'normal' : 'pressed', ms));
    expect(out.map(({ contact }) => contact)).toEqual(['normal', 'pressed']);
    expect(out[1]?.atMs).toBeLessThanOrEqual(1000 + chatterAfterMs + 1);
  });
});

test('whatever it does: at rest the last word is the truth, and a press after rest is told at once', () => {
  const edges = fc.array(
    fc.record({
      after: fc.integer({ min: 1, max: 200 }),
      contact: fc.constantFrom<Contact>('normal', 'pressed', 'tamper'),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(edges, (steps) => {
      const filter = new Filter(quietMs);
      let now: Contact = 'normal';
      let last = filter.edge('normal', 0).at(-1)?.contact;
      let [atMs, lastMs] = [0, Number.NEGATIVE_INFINITY];
      for (const { after, contact } of steps) {
        atMs += after;
        const all = filter.edge(contact, atMs);
        if (contact === 'pressed' && now !== 'pressed' && atMs - lastMs >= quietMs)
          expect(all.at(-1)?.contact ?? last).toBe('pressed');
        if (contact !== now) lastMs = atMs;
        now = contact;
        last = all.at(-1)?.contact ?? last;
      }
      last = filter.due(atMs + 10_000).at(-1)?.contact ?? last;
      expect(last).toBe(now);
      expect(filter.dueMs).toBeNull();
    }),
  );
});
