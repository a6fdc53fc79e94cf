// What is kept of each case: from when to when, under which name, which snapshots, what may be deleted,
// and what the platform and the chain are told of it.

import { describe, expect, it } from 'vitest';
import { evidenceTimes } from '#agent/core/evidence.ts';
import type { FactOf } from '#agent/core/fact.ts';
import type { Incident } from '#agent/core/state.ts';
import { offerOf, Story } from './story.ts';

const { afterMs, beforeMs, mostMs } = evidenceTimes;
const kept = () => new Story({ evidence: true });
const target = (story: Story) => story.wanted.media.evidence;
const resolve = (story: Story, { id: incident }: Incident) =>
  story.command({ verb: 'resolve', incident, reason: 'handled', note: null });
const clipOf = (story: Story) => target(story)?.clip ?? null;
const stored = (incident: string, change: Partial<FactOf<'evidence.stored'>> = {}) => ({
  ...({ kind: 'evidence.stored', file: `${incident}-1.mp4`, incident, what: 'clip' } as const),
  ...{ afterMs: null, bytes: 9, sha256: 'ab'.repeat(32), wallMs: 1, lengthMs: 2, missingMs: 0 },
  ...{ fragments: 1, mended: false, video: null },
  ...change,
});
const shot = (incident: string, after: number) =>
  stored(incident, { file: `${incident}-${after}.jpg`, what: 'snapshot', afterMs: after });

describe('a clip', () => {
  it('begins 30 s before the press and ends two minutes after the resolution', () => {
    const story = kept();
    expect(clipOf(story)).toBeNull();
    const pressedMs = story.monoMs;
    story.press('desk');
    const incident = story.of('desk');
    const clip = { id: incident.id, fromMs: pressedMs - beforeMs };
    expect(clipOf(story)).toEqual(clip);
    resolve(story.passes(600_000), incident).passes(afterMs - 1);
    expect(clipOf(story)).toEqual(clip);
    story.passes(1);
    expect(clipOf(story)).toBeNull();
  });

  it('ends an hour after the press, though nobody resolves it', () => {
    const story = kept();
    const endMs = story.monoMs + mostMs;
    story.press('desk').passes(endMs - story.monoMs - 1);
    expect(clipOf(story)).not.toBeNull();
    story.passes(1);
    expect(clipOf(story)).toBeNull();
    expect(target(story)?.kept).toEqual([story.of('desk').id]);
  });

  it('is one for cases that overlap, under the name of the first', () => {
    const story = kept().press('desk').passes(60_000).press('gate');
    const [desk, gate] = [story.of('desk'), story.of('gate')];
    expect(gate.clip).toBe(desk.id);
    resolve(story, desk).passes(afterMs + 1);
    expect(clipOf(story)?.id).toBe(desk.id);
    expect(target(story)?.kept).toEqual([gate.id, desk.id]);
    story.happens(stored(desk.id));
    expect(story.told.at(-1)?.body).toMatchObject({ incidents: [desk.id, gate.id] });
    resolve(story, gate)
      .passes(afterMs + 1)
      .press('nurse');
    expect(clipOf(story)?.id).toBe(story.of('nurse').id);
  });

  it('goes on after a restart, and after a reboot for a case that is open', () => {
    const story = kept().press('desk');
    const { id } = story.of('desk');
    story.restarts();
    expect(clipOf(story)?.id).toBe(id);
    story.restarts('boot-2');
    expect(clipOf(story)).toEqual({ id, fromMs: 0 });
  });

  it('is not wanted where none is configured, nor of a record that cannot be read', () => {
    expect(target(new Story().press('desk'))).toBeNull();
    const ruin = { kind: 'record.unreadable', table: 'incidents', id: '../x', body: '' } as const;
    const story = kept().happens({ ...ruin, problem: 'not JSON' });
    expect(target(story)).toMatchObject({ clip: null, snapshots: [], kept: [] });
  });
});

describe('snapshots', () => {
  const due = (story: Story) => target(story)?.snapshots.map((one) => one.afterMs);

  it('are due at 0, 1, 3 and 10 s, each until it is stored or missed, told once', () => {
    const story = kept();
    const pressedMs = story.monoMs;
    story.press('desk');
    const { id } = story.of('desk');
    expect(target(story)?.snapshots).toEqual(
      [0, 1_000, 3_000, 10_000].map((after) => ({
        ...{ incident: id, afterMs: after, atMs: pressedMs + after },
      })),
    );
    story.happens(shot(id, 0)).happens(shot(id, 0));
    const missing = { what: 'snapshot', afterMs: 3_000, detail: 'HTTP 503' } as const;
    story.happens({ kind: 'evidence.missing', incident: id, ...missing });
    expect(due(story)).toEqual([1_000, 10_000]);
    expect(story.toldKinds()).toEqual(['alarm.raised', 'evidence.stored', 'evidence.missing']);
    expect(story.told.at(-1)?.body).toEqual({
      ...{ kind: 'evidence.missing', incident: id, cause: 'press' },
      ...missing,
    });
  });

  it('are of that moment: after a reboot there are none', () => {
    expect(due(kept().press('desk').restarts('boot-2'))).toEqual([]);
  });
});

describe('what is said in a call', () => {
  const li = { role: '110-city', user: 'li' } as const;
  const talk = (story: Story) => target(story)?.talk;

  it('is kept from the offer to the end of the last call, under the name of the clip', () => {
    const story = kept().press('desk').passes(60_000).press('gate');
    const [desk, gate] = [story.of('desk'), story.of('gate')];
    expect(talk(story)).toBeNull();
    story.command(offerOf('s-1', { incident: gate.id }), li);
    expect(talk(story)).toEqual({ id: desk.id });
    story.happens({ kind: 'session.connected', session: 's-1' });
    expect(talk(story)).toEqual({ id: desk.id });
    story.command({ verb: 'session.bye', session: 's-1' }, li);
    expect(talk(story)).toBeNull();
    const file = stored(desk.id, { file: `${desk.id}-1.m4a`, what: 'talk' });
    story.happens(file);
    expect(story.records).toContainEqual(file);
    expect(story.told.at(-1)?.body).toMatchObject({
      ...{ kind: 'evidence.stored', what: 'talk', incidents: [desk.id, gate.id] },
    });
  });

  it('is not kept of a call that belongs to no case, nor of one that only shows the picture', () => {
    expect(talk(kept().command(offerOf('s-1'), li))).toBeNull();
    expect(
      talk(
        kept()
          .press('desk')
          .command(offerOf('s-1', { kind: 'live' }), li),
      ),
    ).toBeNull();
  });
});

describe('the chain', () => {
  it('holds every fragment, every file and every deletion', () => {
    const story = kept().press('desk');
    const { id } = story.of('desk');
    const fragments = [{ sha256: 'cd'.repeat(32), bytes: 5, monoMs: 1, lengthMs: 2 }];
    const facts = [
      { kind: 'evidence.written', file: `${id}-1.mp4`, first: 1, fragments },
      stored(id),
      { kind: 'evidence.purged', file: 'old-1.mp4', bytes: 5, reason: 'age' },
    ] as const;
    for (const fact of facts) story.happens(fact);
    expect(story.records).toEqual(expect.arrayContaining([...facts]));
  });
});

describe('what may be deleted', () => {
  it('is what no open case, and none that is still recorded, needs; by the day of a good clock', () => {
    const story = kept().press('desk');
    const { id } = story.of('desk');
    expect(target(story)).toMatchObject({
      ...{ kept: [id], today: Math.floor(story.wallMs / 86_400_000) },
    });
    resolve(story, story.of('desk')).passes(afterMs - 1);
    expect(target(story)?.kept).toEqual([id]);
    story.passes(1);
    expect(target(story)?.kept).toEqual([]);
    story.clock = 'unknown';
    expect(target(story)?.today).toBeNull();
  });
});
