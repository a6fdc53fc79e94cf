// A row that cannot be read is an open incident: lit, told with its bytes, resolved like any other.

import { describe, expect, it } from 'vitest';
import { recordCharsMax } from '#agent/core/record.ts';
import { isRecord, step } from '#agent/core/step.ts';
import { Story } from './story.ts';

const unreadable = (body = 'rust', change: { table?: string; id?: string } = {}) => ({
  kind: 'record.unreadable' as const,
  ...{ table: 'incidents', id: 'old-1', body, problem: 'not JSON', ...change },
});

describe('an incident that cannot be read', () => {
  it('counts as open: strobe on, siren not, the lamp says how far its message has got', () => {
    const story = new Story().happens(unreadable());
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: false, preset: 'alarm' });
    expect(story.word).toBe('stored');
    expect(story.wanted.uplink.incidents).toMatchObject([{ id: 'old-1', kind: 'emergency' }]);
    story.passes(10_000);
    expect(story.word).toBe('undelivered');
  });

  it('is told with its bytes, in the alarm lane, under an id of its own', () => {
    const { told } = new Story().happens(unreadable());
    expect(told).toMatchObject([{ lane: 'alarm' }]);
    expect(told[0]?.id).not.toBe('old-1');
    expect(told[0]?.body).toEqual({
      kind: 'record.unreadable',
      ...{ incident: 'old-1', alarm: 'emergency', body: 'rust', problem: 'not JSON' },
    });
  });

  it('long bytes are cut', () => {
    const { told } = new Story().happens(unreadable('x'.repeat(100_000)));
    const [message] = told;
    expect(message?.body.kind === 'record.unreadable' && message.body.body.length).toBe(
      recordCharsMax,
    );
  });

  it('goes up the ladder by its own message, not by the one its row had sent before', () => {
    const story = new Story().happens(unreadable());
    story.happens({ kind: 'uplink.received', ids: ['old-1'] });
    expect(story.word).toBe('stored');
    const message = story.told[0]?.id ?? '';
    story.happens({ kind: 'uplink.acked', ids: [message] });
    expect(story.word).toBe('sent');
    story.happens({ kind: 'uplink.received', ids: [message] });
    expect(story.word).toBe('received');
    expect(story.settled).toEqual(['old-1', message]);
  });

  it('stays over a restart, is not told twice, and ends by a resolution under its old id', () => {
    const story = new Story().happens(unreadable()).happens(unreadable()).restarts();
    expect(story.told).toHaveLength(1);
    expect(story.wanted.dome.strobe).toBe(true);
    const end = { verb: 'resolve', incident: 'old-1', reason: 'handled', note: null } as const;
    story.command(end);
    expect(story.lastAnswer).toMatchObject({ ok: true });
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false, preset: 'guard' });
    expect(story.toldKinds().at(-1)).toBe('incident.resolved');
  });

  it('hides no press: one on any button opens an incident of its own, with siren', () => {
    const story = new Story().happens(unreadable()).press('desk');
    expect(story.toldKinds()).toEqual(['record.unreadable', 'alarm.raised']);
    expect(story.wanted.dome.siren).toBe(true);
  });

  it('betrays no silent alarm', () => {
    const torn = '{"id":"old-1","input":"quiet","kind": "silent","raised":{"bo';
    const story = new Story().happens(unreadable(torn));
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false, preset: 'guard' });
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', silent: 'stored' });
    expect(story.told[0]?.body).toMatchObject({ alarm: 'silent' });
  });

  it('never takes the place of one that can be read', () => {
    const story = new Story().press('desk');
    const { id } = story.of('desk');
    story.happens(unreadable('rust', { id }));
    expect(story.of('desk').id).toBe(id);
    expect(story.toldKinds()).toEqual(['alarm.raised']);
  });
});

it('a row of another table begins anew, and that is a fault', () => {
  const story = new Story().happens(unreadable('rust', { table: 'inputs', id: 'desk' }));
  expect(story.incidents).toEqual([]);
  expect(story.told).toMatchObject([
    { lane: 'event', body: { kind: 'fault.raised', fault: 'storage.record.inputs' } },
  ]);
});

it('the bytes are kept in the chain', () => {
  const { state, now } = new Story();
  const fact = unreadable();
  expect(isRecord(fact, state, step(state, fact, { id: 'f', ...now }))).toBe(true);
});
