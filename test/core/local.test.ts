// What somebody at the terminal itself may ask for, and that nothing of a silent case can be read out of it.

import { describe, expect, test } from 'vitest';
import type { LocalAct } from '#agent/core/local.ts';
import { outcomeOf } from '#agent/core/outcome.ts';
import { Refused } from '#agent/core/refused.ts';
import { windowShown } from '#agent/core/windows.ts';
import { Story } from './story.ts';

let asks = 0;
function ask(story: Story, act: LocalAct, duress = false) {
  asks += 1;
  const id = `a${asks}`;
  story.happens({ kind: 'local.asked', id, user: 'wang', duress, act });
  const outcome = outcomeOf(story.state.live, id);
  return outcome instanceof Refused ? outcome.reason : outcome;
}
const signIn = { do: 'sign-in', from: '10.0.0.1' } as const;
const drill = { do: 'window.open', window: { mark: 'drill', minutes: 15, siren: false } } as const;
const shown = (story: Story) => windowShown(story.state.live, story.now)?.mark ?? null;

describe('duress', () => {
  test('a sign-in is a silent alarm, told with its cause; the lamp has its discreet sign alone', () => {
    const story = new Story();
    expect(ask(story, signIn, true)).toEqual(ask(new Story(), signIn));
    expect(story.told[0]?.body).toMatchObject({
      ...{ kind: 'alarm.raised', alarm: 'silent', cause: 'duress', mark: null },
      inputName: expect.stringContaining('duress'),
    });
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', silent: 'stored' });
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false });
    expect(story.wanted.media.say).toBeNull();
    expect(story.records.map(({ kind }) => kind)).toContain('local.asked');
  });

  test('a reset stops light and siren as the right PIN does, and presses again', () => {
    const plain = new Story().press('desk');
    const story = new Story().press('desk');
    ask(plain, signIn);
    ask(story, signIn, true);
    expect(ask(story, { do: 'reset' }, true)).toEqual(ask(plain, { do: 'reset' }));
    expect(story.wanted.dome).toMatchObject({ strobe: false, siren: false });
    expect(story.word).toBe(plain.word);
    expect(story.toldKinds()).toEqual([
      ...['alarm.raised', 'alarm.raised', 'press.repeated', 'incident.local-reset'],
    ]);
    expect(story.of('desk').resolved).toBeNull();
  });

  test('in a drill it is real, and the drill is seen to go on', () => {
    const story = new Story();
    ask(story, drill);
    ask(story, signIn, true);
    expect(story.told.find(({ body }) => body.kind === 'alarm.raised')?.body).toMatchObject({
      ...{ alarm: 'silent', mark: null },
    });
    expect(story.state.live.window).toBeNull();
    expect(shown(story)).toBe('drill');
    story.press('desk');
    expect(story.of('desk').mark).toBeUndefined();
    expect(shown(story)).toBeNull();
  });

  test.each(['drill', 'service'] as const)(
    '%s is opened in vain, and closes as if it had been open',
    (mark) => {
      const story = new Story();
      ask(story, signIn, true);
      const plain = new Story();
      const act = { do: 'window.open', window: { mark, minutes: 5, siren: false } } as const;
      expect(ask(story, act, true)).toEqual(ask(plain, act));
      expect(shown(story)).toBe(shown(plain));
      expect(ask(story, act, true)).toBe('busy');
      expect(story.state.live.window).toBeNull();
      story.press('desk');
      expect(story.of('desk').mark).toBeUndefined();
      expect(story.wanted.dome.strobe).toBe(true);
    },
  );

  test('a window is opened in vain for as long as the session lasts, whatever has been resolved', () => {
    const story = new Story();
    ask(story, signIn, true);
    const [{ id } = { id: '' }] = story.incidents;
    story.command({ verb: 'resolve', incident: id, reason: 'x', note: null });
    expect(ask(story, drill, true)).toMatchObject({ mark: 'drill' });
    expect(shown(story)).toBe('drill');
    expect(story.state.live.window).toBeNull();
  });

  test('whoever has the right PIN learns nothing of a silent case either', () => {
    const story = new Story().press('quiet');
    expect(ask(story, drill)).toMatchObject({ mark: 'drill' });
    expect(shown(story)).toBe('drill');
    expect(story.state.live.window).toBeNull();
    expect(ask(story, { do: 'window.close' })).toMatchObject({ already: true });
    expect(shown(story)).toBeNull();
    expect(ask(story, { do: 'false-alarm' })).toEqual({ alarms: 0 });
    expect(ask(story, { do: 'restart' })).toEqual({});
    ask(story, { do: 'test', part: 'lamp' });
    expect(story.wanted.jobs).toMatchObject([{ what: 'test.lamp' }]);
  });

  test('a row survives a restart, and the duress PIN entered again is pressed again', () => {
    const story = new Story();
    ask(story, signIn, true);
    story.restarts();
    ask(story, signIn, true);
    expect(story.incidents).toMatchObject([{ kind: 'silent', cause: 'duress', presses: 2 }]);
  });
});

describe('with the right PIN', () => {
  test('a window is opened under a name of its own and marks presses', () => {
    const story = new Story();
    ask(story, drill);
    expect(story.told[0]?.body).toMatchObject({
      kind: 'window.opened',
      role: 'local',
      user: 'wang',
    });
    story.press('desk');
    expect(story.of('desk').mark).toBe('drill');
    expect(ask(story, drill)).toBe('incident-open');
    expect(ask(story, { do: 'window.close' })).toEqual({ already: false });
  });

  test('a claim and a reset are told with who it was', () => {
    const story = new Story().press('desk');
    expect(ask(story, { do: 'false-alarm' })).toEqual({ alarms: 1 });
    expect(ask(story, { do: 'false-alarm' })).toEqual({ alarms: 0 });
    ask(story, { do: 'reset' });
    const told = story.told.slice(1).map(({ body }) => body);
    const by = { role: 'local', user: 'wang' };
    expect(told).toMatchObject([
      { kind: 'incident.false-alarm', ...by },
      { kind: 'incident.local-reset', ...by },
    ]);
    expect(ask(story, { do: 'restart' })).toBe('incident-open');
    expect(ask(story, { do: 'test', part: 'siren' })).toBe('incident-open');
  });

  test('a test is over when its driver says so', () => {
    const story = new Story();
    expect(ask(story, { do: 'test', part: 'strobe' })).toBeNull();
    const id = `a${asks}`;
    expect(ask(story, { do: 'test', part: 'lamp' })).toBe('busy');
    const [job] = story.wanted.jobs;
    expect(job).toEqual({ id: job?.id, what: 'test.strobe', deadlineMs: expect.any(Number) });
    story.happens({ kind: 'job.done', id: job?.id ?? '', result: { seen: true } });
    expect(outcomeOf(story.state.live, id)).toEqual({ seen: true });
    expect(story.answers).toEqual([]);
    ask(story, { do: 'test', part: 'siren' });
    story.passes(20_000);
    expect(outcomeOf(story.state.live, `a${asks}`)).toMatchObject({ reason: 'failed' });
  });

  test('guesses are a fault until they end', () => {
    const story = new Story();
    ask(story, { do: 'guessing', wrong: 12 });
    expect(story.wanted.uplink.faults).toMatchObject([{ fault: 'panel.guessing' }]);
    ask(story, { do: 'guessing', wrong: 0 });
    expect(story.wanted.uplink.faults).toEqual([]);
  });
});

describe('silenced', () => {
  const isMuted = (story: Story) => story.wanted.lamp.muted === true;
  const muted = () => {
    const story = new Story().press('desk').ack();
    story.ack(story.of('desk'));
    ask(story, { do: 'mute' });
    expect(isMuted(story)).toBe(true);
    expect(story.wanted.media.say).toBeNull();
    return story;
  };

  test.each<[string, (story: Story) => Story]>([
    ['a receipt', (story) => story.receipt(story.of('desk'))],
    ['another press', (story) => story.press('desk')],
    ['another button', (story) => story.press('gate')],
    ['no receipt in time', (story) => story.passes(11_000)],
    [
      'the end of it',
      (story) =>
        story.command({ verb: 'resolve', incident: story.of('desk').id, reason: 'x', note: null }),
    ],
  ])('until %s', (_, happens) => {
    expect(isMuted(happens(muted()))).toBe(false);
  });

  test('time alone and a silent case are no events', () => {
    const story = muted();
    story.passes(3_000).press('quiet');
    expect(isMuted(story)).toBe(true);
  });
});
