// Pictures that no press has asked for: of whom the dome begins to follow, and of what it notices; named as
// such, bounded, and none where nothing is kept.

import { describe, expect, it } from 'vitest';
import type { Setup } from '#agent/core/setup.ts';
import { sightingLimits } from '#agent/core/sighting.ts';
import { Story } from './story.ts';

const { apartMs, trackedMax, noticedAnHour } = sightingLimits;
const streams = { main: 'rtsp://d/1', sub: null, snapshot: 'http://d/s.jpg' };
const story = (setup: Partial<Setup> = { evidence: true }) =>
  new Story(setup).happens({ kind: 'dome.streams', streams });
const wantedShots = (of: Story) => of.wanted.media.evidence?.snapshots ?? [];
const file = (incident: string, afterMs: number) => ({
  ...({ kind: 'evidence.stored', file: `${incident}-${afterMs}.jpg`, incident } as const),
  ...({ what: 'snapshot', afterMs, bytes: 9, sha256: 'ab'.repeat(32), wallMs: 1 } as const),
  ...{ lengthMs: 0, missingMs: 0, fragments: 1, mended: false, video: null },
});
const follows = (of: Story) => of.happens({ kind: 'dome.followed' });
const notices = (of: Story, event: 'line' | 'motion' = 'line') =>
  of.happens({ kind: 'dome.noticed', event, source: 'Gate', on: null });

describe('whom the dome follows', () => {
  const trackedOf = (of: Story) =>
    wantedShots(of).flatMap(({ afterMs }) =>
      [0, 1_000, 3_000, 10_000].includes(afterMs) ? [] : [afterMs],
    );

  it('is a picture at once, named as such, and a record', () => {
    const one = story();
    const pressedMs = one.monoMs;
    one.press('desk').passes(5_000);
    const { id } = one.of('desk');
    follows(one);
    const afterMs = one.monoMs - pressedMs;
    expect(wantedShots(one)).toContainEqual({ incident: id, afterMs, atMs: one.monoMs });
    expect(one.records.at(-1)).toEqual({ kind: 'dome.followed' });
    one.happens(file(id, afterMs)).happens(file(id, 3_000));
    expect(trackedOf(one)).toEqual([]);
    const told = one.told.slice(-2).map(({ body }) => body);
    expect(told).toMatchObject([
      { kind: 'evidence.stored', cause: 'tracked', incidents: [id], afterMs },
      { kind: 'evidence.stored', cause: 'press', incidents: [id], afterMs: 3_000 },
    ]);
  });

  it('is not shown more often than each 10 s, nor more than twelve times a case', () => {
    const one = story().press('desk').passes(5_000);
    follows(follows(one).passes(apartMs - 1));
    expect(trackedOf(one)).toHaveLength(1);
    for (let n = 0; n < 50; n++) follows(one.passes(apartMs));
    expect(trackedOf(one)).toHaveLength(trackedMax);
    follows(one.press('gate').passes(apartMs));
    expect(trackedOf(one)).toHaveLength(trackedMax);
  });

  it('belongs to all cases of the clip; what could not be had is told as such', () => {
    const one = story().press('desk').passes(1_000).press('gate').passes(5_000);
    const [desk, gate] = [one.of('desk'), one.of('gate')];
    follows(one);
    const [afterMs = 0] = trackedOf(one);
    expect(wantedShots(one)).toContainEqual(
      expect.objectContaining({ incident: desk.id, afterMs }),
    );
    one.happens(file(desk.id, afterMs));
    expect(one.told.at(-1)?.body).toMatchObject({
      incidents: [desk.id, gate.id],
      cause: 'tracked',
    });
    follows(one.passes(apartMs));
    const [second = 0] = trackedOf(one);
    const gap = { what: 'snapshot', afterMs: second, detail: 'HTTP 503' } as const;
    one.happens({ kind: 'evidence.missing', incident: desk.id, ...gap });
    expect(one.told.at(-1)?.body).toEqual({
      ...{ kind: 'evidence.missing', incident: desk.id, cause: 'tracked', ...gap },
    });
  });

  it('is nobody without a case that is followed, after a reboot, or where nothing is kept', () => {
    expect(trackedOf(follows(story()))).toEqual([]);
    expect(trackedOf(follows(story().press('quiet').press('fire').passes(5_000)))).toEqual([]);
    expect(follows(story({}).press('desk')).of('desk').tracked).toBeUndefined();
    const later = story().press('desk').restarts('boot-2');
    expect(follows(later).of('desk').tracked).toBeUndefined();
  });

  it('survives a restart of the daemon', () => {
    const one = follows(story().press('desk').passes(5_000));
    const before = trackedOf(one);
    expect(before).toHaveLength(1);
    expect(trackedOf(one.restarts())).toEqual(before);
  });
});

describe('what the dome notices', () => {
  it('has a picture under a name that the message tells; its end is told, too', () => {
    const one = notices(story());
    const { id, body } = one.told.at(-1) ?? {};
    const name = `noticed-${id}`;
    expect(body).toMatchObject({ kind: 'dome.noticed', snapshot: `${name}-0.jpg` });
    expect(wantedShots(one)).toEqual([{ incident: name, afterMs: 0, atMs: one.monoMs }]);
    one.happens(file(name, 0));
    expect(wantedShots(one)).toEqual([]);
    expect(one.told.at(-1)?.body).toMatchObject({
      ...{ kind: 'evidence.stored', incidents: [], cause: 'noticed', file: `${name}-0.jpg` },
    });
  });

  it('and cannot be shown is told under the message', () => {
    const one = notices(story());
    const id = one.told.at(-1)?.id ?? '';
    const gap = { what: 'snapshot', afterMs: 0, detail: 'HTTP 503' } as const;
    one.happens({ kind: 'evidence.missing', incident: `noticed-${id}`, ...gap });
    expect(one.told.at(-1)?.body).toEqual({
      ...{ kind: 'evidence.missing', incident: id, cause: 'noticed', ...gap },
    });
    expect(wantedShots(one)).toEqual([]);
  });

  it('as a fault has one, too; another fault of the dome has none', () => {
    const one = story();
    const fault = (name: string) =>
      one.happens({ kind: 'fault.raised', fault: name, detail: 'x' }).told.at(-1)?.body;
    expect(fault('dome.lost')).not.toHaveProperty('snapshot');
    expect(fault('dome.tamper')).toHaveProperty('snapshot');
    expect(wantedShots(one)).toHaveLength(1);
  });

  it('is shown each 10 s at most, and thirty times an hour', () => {
    const one = story();
    const shown = () =>
      one.told.filter(({ body }) => body.kind === 'dome.noticed' && body.snapshot !== undefined);
    notices(notices(one).passes(apartMs - 1), 'motion');
    expect(one.told.filter(({ body }) => body.kind === 'dome.noticed')).toHaveLength(2);
    expect(shown()).toHaveLength(1);
    for (let n = 0; n < 100; n++) {
      notices(one.passes(apartMs));
      const [shot] = wantedShots(one);
      if (shot) one.happens(file(shot.incident, 0));
    }
    expect(shown()).toHaveLength(noticedAnHour);
    notices(one.passes(3_600_000));
    expect(shown()).toHaveLength(noticedAnHour + 1);
  });

  it('waits for no more than six pictures that do not come', () => {
    const one = story();
    for (let n = 0; n < 20; n++) notices(one.passes(apartMs));
    expect(wantedShots(one)).toHaveLength(sightingLimits.waitingMax);
  });

  it('has none where nothing is kept, or the dome gives no pictures', () => {
    const bare = notices(story({}));
    expect(bare.told.at(-1)?.body).not.toHaveProperty('snapshot');
    const blind = story().happens({
      ...{ kind: 'dome.streams', streams: { ...streams, snapshot: null } },
    });
    expect(notices(blind).told.at(-1)?.body).not.toHaveProperty('snapshot');
  });
});
