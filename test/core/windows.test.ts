// Drill and service mode: when a window is open, what is marked in it, and what never is.

import { describe, expect, it, test } from 'vitest';
import { roles } from '#agent/core/command.ts';
import { marks, openers, windowMinutesMax } from '#agent/core/mark.ts';
import { endCase, Rehearsal } from './rehearsal.ts';

const minuteMs = 60_000;

describe('a window', () => {
  test.each(marks)('%s: marks what is pressed in it, and ends by itself', (mark) => {
    const story = new Rehearsal(mark).press('desk');
    expect(story.of('desk').mark).toBe(mark);
    expect(story.body('alarm.raised')).toMatchObject({ mark, input: 'desk' });
    expect(story.wanted.uplink.window).toMatchObject({ mark, role: '110-city', user: 'li' });
    endCase(story, 'desk').passes(windowMinutesMax[mark] * minuteMs);
    expect(story.body('window.closed')).toEqual({
      ...{ kind: 'window.closed', mark, reason: 'over', role: null, user: null },
    });
    expect(story.wanted.uplink.window).toBeNull();
    expect(story.press('desk').of('desk').mark).toBeUndefined();
    expect(story.body('alarm.raised')?.mark).toBeNull();
  });

  test.each(roles.flatMap((role) => marks.map((mark) => [role, mark] as const)))(
    '%s may open a window of %s only where the table says so',
    (role, mark) => {
      const story = new Rehearsal(null).opens(mark, { role });
      const may = openers[mark].includes(role);
      expect(story.lastAnswer?.ok).toBe(may);
      if (!may) expect(story.lastAnswer?.reason).toBe('not-allowed');
      expect(story.wanted.uplink.window?.mark).toBe(may ? mark : undefined);
    },
  );

  test('one who may not open it may not close it either', () => {
    const story = new Rehearsal('service');
    story.command({ verb: 'window.close', mark: null }, { role: 'campus' });
    expect(story.lastAnswer?.reason).toBe('not-allowed');
    expect(story.wanted.uplink.window).not.toBeNull();
  });

  it('is never opened beside an open case, real or marked, nor beside another window', () => {
    const real = new Rehearsal(null).press('desk').opens('drill');
    expect(real.lastAnswer?.reason).toBe('incident-open');
    const marked = new Rehearsal('drill').press('desk');
    marked.closes().opens('service');
    expect(marked.lastAnswer?.reason).toBe('incident-open');
    const twice = new Rehearsal('drill').opens('drill');
    expect(twice.lastAnswer?.reason).toBe('busy');
  });

  it('is closed by whoever asks, who is told', () => {
    const story = new Rehearsal('drill').closes();
    expect(story.lastAnswer?.result).toEqual({ already: false });
    expect(story.body('window.closed')).toMatchObject({ reason: 'asked', role: '110-city' });
    expect(story.closes().lastAnswer?.result).toEqual({ already: true });
    expect(story.press('desk').of('desk').mark).toBeUndefined();
  });

  it('of another mark is left open', () => {
    const story = new Rehearsal('drill').command({ verb: 'window.close', mark: 'service' });
    expect(story.lastAnswer?.result).toEqual({ already: true });
    expect(story.press('desk').of('desk').mark).toBe('drill');
  });

  test.each(['boot-1', 'boot-2'])(
    'is void after a restart (%s), and the platform is told',
    (boot) => {
      const story = new Rehearsal('drill').restarts(boot);
      expect(story.wanted.uplink.window).toBeNull();
      expect(story.body('window.closed')).toMatchObject({ mark: 'drill', reason: 'restart' });
      expect(
        story
          .restarts(boot)
          .toldKinds()
          .filter((kind) => kind === 'window.closed'),
      ).toHaveLength(1);
      expect(story.press('desk').of('desk').mark).toBeUndefined();
    },
  );

  it('whose time is over is none, even before anybody has noticed', () => {
    const story = new Rehearsal('drill');
    story.monoMs += 15 * minuteMs;
    expect(story.press('desk').of('desk').mark).toBeUndefined();
  });
});

describe('what is real in a window', () => {
  it('a press that may be older than it', () => {
    for (const earliestMs of [null, 999_999]) {
      const story = new Rehearsal('drill');
      story.contact('desk', 'pressed', 1, { earliestMs }).contact('desk', 'normal', 1);
      expect(story.of('desk').mark).toBeUndefined();
      expect(story.wanted.uplink.window).toBeNull();
    }
  });

  it('not one that was only seen late', () => {
    const story = new Rehearsal('drill').passes(2_000);
    story.contact('desk', 'normal', 1, { earliestMs: story.monoMs - 1_000 });
    expect(story.of('desk')).toMatchObject({ mark: 'drill' });
  });

  it('a button that is found held when it is seen for the first time', () => {
    const story = new Rehearsal(null);
    story.forgets('desk').opens('drill').contact('desk', 'pressed', 1);
    expect(story.of('desk').mark).toBeUndefined();
    expect(story.body('window.closed')).toMatchObject({ reason: 'real' });
  });
});

describe('after the window', () => {
  it('a button whose case is marked opens a real one, and the resolution of the drill leaves it open', () => {
    const story = new Rehearsal('drill').press('desk').closes().passes(minuteMs).press('desk');
    const [drill, real] = story.incidents;
    expect([drill?.mark, real?.mark]).toEqual(['drill', undefined]);
    expect(story.body('alarm.raised')).toMatchObject({ incident: real?.id, mark: null });
    story.resolves(drill?.id ?? '');
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true });
    expect(story.press('desk').body('press.repeated')).toMatchObject({ incident: real?.id });
  });

  it('the call of the drill goes on for the real case that was opened meanwhile', () => {
    const story = new Rehearsal('drill').press('desk').offers('s-1');
    story.happens({ kind: 'session.connected', session: 's-1' }).closes().press('desk');
    const [drill, real] = story.incidents;
    story.resolves(drill?.id ?? '');
    expect(story.state.live.sessions['s-1']).toMatchObject({ incident: real?.id });
    expect(story.of('desk').talking).toBe(true);
    expect(story.records).toContainEqual({
      ...{ kind: 'session.passed', session: 's-1', media: 'talk', mode: 'talk' },
      ...{ role: '110-city', user: 'li', incident: real?.id },
    });
    story.resolves(real?.id ?? '');
    expect(story.state.live.sessions).toEqual({});
  });

  it('not for a silent one, which a voice would betray', () => {
    const story = new Rehearsal('drill').press('desk').offers('s-1');
    story.happens({ kind: 'session.connected', session: 's-1' }).closes().press('quiet');
    story.resolves(story.of('desk').id);
    expect(story.state.live.sessions).toEqual({});
  });

  it('so it is after a restart', () => {
    const story = new Rehearsal('drill').press('desk').restarts('boot-2').press('desk');
    expect(story.incidents.map(({ mark }) => mark)).toEqual(['drill', undefined]);
  });

  it('folded presses of the drill are told as the drill’s', () => {
    const story = new Rehearsal('drill');
    for (let n = 0; n < 23; n++) story.passes(2_200).press('desk');
    story.closes().press('desk').press('desk');
    const sums = { drill: 0, real: 0 };
    for (const { body } of story.told)
      if (body.kind === 'press.repeated')
        sums[body.mark === 'drill' ? 'drill' : 'real'] += body.count;
    expect(sums).toEqual({ drill: 22, real: 1 });
  });
});
