// Past cases for a desk that was not there: which, in what order, in pages of what size; and who may ask.

import { expect, it } from 'vitest';
import { commandResults, type PastCase } from '#agent/contract.ts';
import type { Role } from '#agent/core/command.ts';
import { resolvedKept } from '#agent/core/incident.ts';
import { pastLimits } from '#agent/core/past.ts';
import { Story } from './story.ts';

type Page = ReturnType<(typeof commandResults)['incident.list']['parse']>;

function list(story: Story, before: Page['next'] = null, most: number = pastLimits.most): Page {
  story.command({ verb: 'incident.list', before, most });
  return commandResults['incident.list'].parse(story.lastAnswer?.result);
}

function all(story: Story, most?: number): PastCase[] {
  const cases: PastCase[] = [];
  for (let next: Page['next'] = null, pages = 0; pages < 100; pages++) {
    const page = list(story, next, most);
    cases.push(...page.cases);
    if (!page.next) return cases;
    next = page.next;
  }
  throw new Error('the pages have no end');
}

/** So many cases that have ended; `note` of each. */
function past(count: number, note: string | null = null): Story {
  const story = new Story();
  for (let n = 0; n < count; n++) {
    const incident = story.press('desk').of('desk').id;
    story.command({ verb: 'resolve', incident, reason: 'handled', note });
  }
  return story;
}

it('tells of each who saw, took and ended it; what is open is in the birth message', () => {
  const story = new Story().press('desk');
  const { id } = story.of('desk');
  story.receipt(story.of('desk')).command({ verb: 'take', incident: id });
  expect(all(story)).toEqual([]);
  story.command({ verb: 'resolve', incident: id, reason: 'handled', note: 'x' }).press('gate');
  const by = { role: '110-city', user: 'li', wallMs: story.of('desk').taken?.at.wallMs };
  expect(all(story)).toMatchObject([
    {
      ...{ id, input: 'desk', kind: 'emergency', mark: null, presses: 1, seen: by, taken: by },
      course: { inputName: 'Desk', undeliveredWallMs: null },
      resolved: { role: '110-city', user: 'li', reason: 'handled', note: 'x' },
    },
  ]);
});

it.each([1, 7, pastLimits.most])('pages of %i: the newest first, each once', (most) => {
  const story = past(resolvedKept);
  const ids = all(story, most).map(({ id }) => id);
  expect(ids).toEqual(story.incidents.map(({ id }) => id).reverse());
});

it('no page is larger than 64 kB, however much people have written', () => {
  const story = past(40, '“'.repeat(2_000));
  const page = list(story);
  expect(page.cases.length).toBeLessThan(20);
  expect(Buffer.byteLength(JSON.stringify(story.lastAnswer))).toBeLessThan(65_536);
  expect(all(story)).toHaveLength(40);
});

it('changes nothing: no row, no record, and behind all else on the line', () => {
  const story = past(2);
  const [records, durable] = [story.records.length, story.state.durable];
  list(story);
  expect([story.records.length, story.state.durable]).toEqual([records, durable]);
  expect(story.answers.at(-1)?.bulk).toBe(true);
});

it.each(['campus', 'school', 'police-video', 'installer'] as const)('not to %s', (role: Role) => {
  const story = past(1).command({ verb: 'incident.list', before: null, most: 1 }, { role });
  expect(story.lastAnswer?.reason).toBe('not-allowed');
});

it('a case whose row has gone is not exported, and why is said', () => {
  const story = new Story({ evidence: true });
  const first = story.press('desk').of('desk').id;
  const resolves = (incident: string) =>
    story.command({ verb: 'resolve', incident, reason: 'handled', note: null });
  resolves(first);
  for (let n = 0; n < resolvedKept; n++) resolves(story.press('desk').of('desk').id);
  story.command({ verb: 'evidence.export', incident: first, reason: 'court' });
  expect(story.lastAnswer).toMatchObject({ reason: 'unknown-incident' });
  expect(story.lastAnswer?.detail).toContain('the last 50 are kept whole');
});
