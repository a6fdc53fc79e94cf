import { describe, expect, it } from 'vitest';
import { resolvedKept } from '#agent/core/incident.ts';
import { kinds } from '#agent/core/state.ts';
import { Story } from './story.ts';

const resolve = (story: Story, input: string, reason = 'handled') =>
  story.command({ verb: 'resolve', incident: story.of(input).id, reason, note: null });

describe('light and siren by kind', () => {
  const expected = {
    emergency: { strobe: true, siren: true, preset: 'alarm', tracking: true },
    fire: { strobe: true, siren: true, preset: 'alarm', tracking: false },
    medical: { strobe: true, siren: false, preset: 'alarm', tracking: false },
    silent: { strobe: false, siren: false, preset: 'guard', tracking: false },
    test: { strobe: false, siren: false, preset: 'guard', tracking: false },
  } as const;
  const buttons = {
    emergency: 'desk',
    fire: 'fire',
    medical: 'nurse',
    silent: 'quiet',
    test: 'check',
  };
  it.each(kinds)('%s', (kind) => {
    expect(new Story().press(buttons[kind]).wanted.dome).toMatchObject(expected[kind]);
  });
});

describe('an alarm latches', () => {
  it('outlives release, time, restart and reboot', () => {
    const story = new Story().press('desk').passes(3_600_000);
    expect(story.wanted.dome.strobe).toBe(true);
    story.restarts();
    expect(story.wanted.dome.strobe).toBe(true);
    story.restarts('boot-2');
    expect(story.wanted.dome.strobe).toBe(true);
    expect(story.of('desk').resolved).toBeNull();
  });

  it('ends by a resolution, told with who and why', () => {
    const story = resolve(new Story().press('desk'), 'desk', 'false-alarm');
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false, preset: 'guard' });
    expect(story.told.at(-1)?.body).toMatchObject({
      kind: 'incident.resolved',
      role: '110-city',
      user: 'li',
      reason: 'false-alarm',
    });
    expect(story.word).toBe('resolved');
    expect(story.passes(10_000).word).toBe('ready');
  });

  it('light goes off with the last of several, none hidden behind another', () => {
    const story = new Story().press('desk').press('gate').press('nurse');
    expect(story.incidents).toHaveLength(3);
    resolve(story, 'desk');
    resolve(story, 'nurse');
    expect(story.wanted.dome.strobe).toBe(true);
    resolve(story, 'gate');
    expect(story.wanted.dome.strobe).toBe(false);
  });

  it('a press after the resolution is a new incident', () => {
    const story = resolve(new Story().press('desk'), 'desk').press('desk');
    expect(story.incidents.map(({ resolved }) => resolved !== null)).toEqual([true, false]);
    expect(new Set(story.incidents.map(({ id }) => id)).size).toBe(2);
  });

  it('keeps the last resolved ones only', () => {
    const story = new Story();
    for (let n = 0; n < resolvedKept + 3; n++) resolve(story.press('desk'), 'desk');
    expect(story.incidents).toHaveLength(resolvedKept);
  });
});

describe('a press again while its incident is open (rule 9)', () => {
  it('is told with alarm priority and never lowers the ladder', () => {
    const story = new Story().press('desk');
    story.ack(story.of('desk')).receipt(story.of('desk')).press('desk');
    expect(story.word).toBe('received');
    expect(story.told.at(-1)).toMatchObject({
      lane: 'alarm',
      body: { kind: 'press.repeated', count: 1, presses: 2 },
    });
  });

  it('folds beyond 20 a minute into one counted message, and nothing is lost', () => {
    const story = new Story();
    for (let n = 0; n < 100; n++) story.press('desk');
    story.passes(60_000);
    const repeats = story.told.flatMap(({ body }) =>
      body.kind === 'press.repeated' ? [body] : [],
    );
    expect(repeats.length).toBeLessThan(25);
    expect(repeats.reduce((sum, { count }) => sum + count, 1)).toBe(100);
    expect(repeats.at(-1)?.presses).toBe(100);
  });

  it('keeps a record of each press that is told, and one of those that fold', () => {
    const story = new Story();
    for (let n = 0; n < 100; n++) story.press('desk');
    story.passes(60_000);
    const presses = story.records.filter(
      (fact) => fact.kind === 'input.changed' && fact.contact === 'pressed',
    );
    expect(presses).toHaveLength(21);
    expect(story.records).toContainEqual({
      kind: 'presses.folded',
      ...{ input: 'desk', incident: story.of('desk').id, count: 79 },
    });
  });

  it('tells folded presses at once after a restart and before a resolution', () => {
    for (const end of ['restart', 'resolve']) {
      const story = new Story();
      for (let n = 0; n < 30; n++) story.press('desk');
      if (end === 'restart') story.restarts();
      else resolve(story, 'desk');
      const counts = story.told.map(({ body }) =>
        body.kind === 'press.repeated' ? body.count : 0,
      );
      expect(counts.reduce((a, b) => a + b, 1)).toBe(30);
    }
  });
});

describe('the guard in the room', () => {
  it('false alarm is a claim: nothing ends, the platform is told', () => {
    const story = new Story().press('desk').press('quiet').press('false');
    expect(story.told.at(-1)?.body).toEqual({
      kind: 'incident.false-alarm',
      incidents: [story.of('desk').id],
      mark: null,
    });
    expect(story.of('desk').resolved).toBeNull();
    expect(story.of('quiet').falseAlarm).toBeNull();
    expect(story.wanted.dome.strobe).toBe(true);
  });

  it('local reset stops light and siren until the next press, and the incident stays open', () => {
    const story = new Story().press('desk').press('reset');
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false });
    expect(story.told.at(-1)?.body.kind).toBe('incident.local-reset');
    story.restarts();
    expect(story.wanted.dome.strobe).toBe(false);
    story.press('desk');
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true });
  });

  it('false alarm and reset without an incident change nothing', () => {
    const story = new Story().press('false').press('reset');
    expect(story.told).toEqual([]);
  });

  it('a silent press does not bring back a light that was switched off', () => {
    const story = new Story().press('desk').press('reset').press('quiet');
    expect(story.wanted.dome.strobe).toBe(false);
  });
});
