// Service mode from the terminal itself: opened and closed by whoever works there, and what was pressed in it
// ended by them; never what is real, or a drill.

import { expect, it } from 'vitest';
import type { ServiceAct } from '#agent/core/service.ts';
import { loadRows } from '#agent/store/rows.ts';
import { Rehearsal } from './rehearsal.ts';

const asks = (story: Rehearsal, act: ServiceAct): Rehearsal =>
  story.happens({ kind: 'service.asked', user: 'chen', act });
const window = (story: Rehearsal) => story.state.live.window;

it('opens and closes, and every step of it is told and recorded', () => {
  const story = asks(new Rehearsal(null), { do: 'open' });
  const who = { role: 'local', user: 'chen' };
  expect(window(story)).toMatchObject({ mark: 'service', minutes: 30, siren: false, ...who });
  expect(story.body('window.opened')).toMatchObject({ mark: 'service', ...who });
  expect(story.records.at(-1)).toMatchObject({ kind: 'service.asked', user: 'chen' });
  story.press('desk');
  expect(story.of('desk').mark).toBe('service');
  asks(story, { do: 'resolve', incident: story.of('desk').id });
  expect(story.of('desk').resolved).toMatchObject({ role: 'installer', user: 'chen' });
  expect(story.body('incident.resolved')).toMatchObject({ mark: 'service', reason: 'service' });
  // A version that knows no `local` reads the row.
  const rows = [['incidents', 'x', JSON.stringify({ ...story.of('desk'), id: 'x' })]] as const;
  expect(loadRows([...rows]).unreadable).toEqual([]);
  expect(window(asks(story, { do: 'close' }))).toBeNull();
  expect(story.body('window.closed')).toMatchObject({ reason: 'asked', ...who });
});

it('opens none beside an open case, and ends nothing that is real or a drill', () => {
  const story = new Rehearsal(null);
  story.press('desk');
  expect(window(asks(story, { do: 'open' }))).toBeNull();
  asks(story, { do: 'resolve', incident: story.of('desk').id });
  expect(story.of('desk').resolved).toBeNull();
  const drill = new Rehearsal('drill');
  drill.press('desk');
  asks(drill, { do: 'resolve', incident: drill.of('desk').id });
  expect(drill.of('desk').resolved).toBeNull();
  expect(window(asks(drill, { do: 'close' }))).not.toBeNull();
  asks(drill, { do: 'resolve', incident: 'nobody' });
});

it('a hand makes it real in a window of the terminal’s own, too', () => {
  const story = asks(new Rehearsal(null), { do: 'open' });
  story.contact('desk', 'pressed', 1).passes(3_000);
  expect(story.of('desk').mark).toBeUndefined();
  asks(story, { do: 'resolve', incident: story.of('desk').id });
  expect(story.of('desk').resolved).toBeNull();
});
