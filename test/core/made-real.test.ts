// What makes a marked case real, and what it is from then on: an alarm as any other, for good.

import { describe, expect, it } from 'vitest';
import { byHand, type Mark } from '#agent/core/mark.ts';
import { endCase, Rehearsal } from './rehearsal.ts';

const minuteMs = 60_000;

describe('made real by the hand on the button', () => {
  const told = (story: Rehearsal) => story.body('incident.made-real');

  it('held for 3 s', () => {
    const story = new Rehearsal('drill').contact('desk', 'pressed', 1).passes(byHand.heldMs - 1);
    expect(told(story)).toBeUndefined();
    expect(told(story.passes(1))).toEqual({
      ...{ kind: 'incident.made-real', incident: story.of('desk').id, input: 'desk' },
      ...{ inputName: 'Desk', alarm: 'emergency', presses: 1, mark: null, was: 'drill' },
      ...{ reason: 'held', role: null, user: null },
    });
    expect(story.told.find(({ body }) => body.kind === 'incident.made-real')?.lane).toBe('alarm');
  });

  it('held for 3 s by the clock of its source, while the loop stood still', () => {
    const story = new Rehearsal('drill').contact('desk', 'pressed', 1);
    story.contact('desk', 'normal', 1, { edgeMs: story.monoMs + byHand.heldMs });
    expect(told(story)).toMatchObject({ reason: 'held' });
  });

  it('held for less, again and again, is a drill', () => {
    const story = new Rehearsal('drill');
    for (let n = 1; n < 6; n++)
      story.contact('desk', 'pressed', n).passes(2_900).contact('desk', 'normal', n).passes(200);
    expect(told(story)).toBeUndefined();
  });

  it('pressed three times in 5 s', () => {
    const story = new Rehearsal('drill').press('desk').press('desk');
    expect(told(story)).toBeUndefined();
    expect(told(story.press('desk'))).toMatchObject({ reason: 'pressed-thrice', presses: 3 });
    const slow = new Rehearsal('drill').press('desk').passes(2_000).press('desk').passes(2_500);
    expect(told(slow.press('desk'))).toBeUndefined();
  });

  it('not by presses of the case before it', () => {
    const story = new Rehearsal('drill').press('desk').press('desk');
    endCase(story, 'desk').press('desk');
    expect(told(story)).toBeUndefined();
  });

  it.each(['desk', 'bare'])('three presses that the loop heard at once (%s)', (input) => {
    const story = new Rehearsal('service');
    if (input === 'desk') story.contact('desk', 'normal', 3);
    else
      for (let n = 0; n < 6; n++)
        story.line('desk', n % 2 === 0 ? 'pressed' : 'normal', story.monoMs + 400 * n);
    expect(told(story)).toMatchObject({ was: 'service', reason: 'pressed-thrice' });
  });

  it('another button at the same time is judged by itself', () => {
    const story = new Rehearsal('drill').press('desk').press('gate').press('desk').press('gate');
    expect(told(story)).toBeUndefined();
    story.press('desk');
    expect(story.of('desk').mark).toBeUndefined();
    expect(story.of('gate').mark).toBe('drill');
  });

  it('in service mode, too', () => {
    const story = new Rehearsal('service').contact('desk', 'pressed', 1).passes(byHand.heldMs);
    expect(told(story)).toMatchObject({ was: 'service' });
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true, preset: 'alarm' });
  });

  it('ends the window: what is pressed then is real', () => {
    const story = new Rehearsal('drill').contact('desk', 'pressed', 1).passes(byHand.heldMs);
    expect(story.body('window.closed')).toMatchObject({ mark: 'drill', reason: 'real' });
    expect(story.press('gate').of('gate').mark).toBeUndefined();
  });

  it('a hold that a restart has cut in two', () => {
    const story = new Rehearsal('drill').contact('desk', 'pressed', 1).passes(1_000).restarts();
    story.contact('desk', 'pressed', 1).passes(byHand.heldMs);
    expect(told(story)).toMatchObject({ reason: 'held' });
  });
});

describe('made real', () => {
  const real = (mark: Mark = 'drill') => {
    const story = new Rehearsal(mark).press('desk');
    story.ack(story.of('desk')).receipt(story.of('desk'));
    return story.command({ verb: 'make-real', incident: story.of('desk').id });
  };

  it('by a dispatcher, whose screen has seen it', () => {
    const story = real();
    expect(story.lastAnswer?.result).toEqual({ already: false });
    expect(story.body('incident.made-real')).toMatchObject({ reason: 'asked', user: 'li' });
    expect(story.word).toBe('seen');
    story.command({ verb: 'make-real', incident: story.of('desk').id });
    expect(story.lastAnswer?.result).toEqual({ already: true });
  });

  it.each(['campus', 'installer', 'school', 'police-video'] as const)('not by %s', (role) => {
    const story = new Rehearsal('drill').press('desk');
    story.command({ verb: 'make-real', incident: story.of('desk').id }, { role });
    expect(story.lastAnswer?.reason).toBe('not-allowed');
  });

  it('the ladder begins anew, and a receipt for the drill proves nothing', () => {
    const story = new Rehearsal('drill').press('desk');
    const { id } = story.of('desk');
    story.ack(story.of('desk')).receipt(story.of('desk'));
    story.command({ verb: 'take', incident: id });
    expect(story.word).toBe('taken');
    story.press('desk').press('desk');
    expect(story.word).toBe('stored');
    const message = story.told.find(({ body }) => body.kind === 'incident.made-real')?.id ?? '';
    expect(message).not.toBe(id);
    story.happens({ kind: 'uplink.received', ids: [id] });
    expect(story.word).toBe('stored');
    story.happens({ kind: 'uplink.acked', ids: [message] });
    expect(story.word).toBe('sent');
    story.happens({ kind: 'uplink.received', ids: [message] });
    expect(story.word).toBe('received');
  });

  it('ten seconds without a receipt are counted from then on', () => {
    const story = new Rehearsal('drill').press('desk');
    story.receipt(story.of('desk')).passes(minuteMs);
    story.contact('desk', 'pressed').passes(byHand.heldMs).contact('desk', 'normal');
    expect(story.passes(9_999).word).toBe('stored');
    expect(story.passes(1).word).toBe('undelivered');
    expect(story.wanted.media.say?.prompt).toBe('undelivered');
  });

  it('cannot be undone by restart, time or a window', () => {
    const story = real()
      .restarts()
      .passes(60 * minuteMs)
      .restarts('boot-2')
      .opens('drill');
    expect(story.lastAnswer?.reason).toBe('incident-open');
    expect(story.press('desk').of('desk').mark).toBeUndefined();
    expect(story.body('press.repeated')?.mark).toBeNull();
  });

  it('brings back a light that was switched off in the drill', () => {
    const story = new Rehearsal('drill').press('desk').command({ verb: 'strobe-off' });
    expect(story.wanted.dome.strobe).toBe(false);
    story.command({ verb: 'make-real', incident: story.of('desk').id });
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true });
  });

  it('in silence: lamp and siren in the room show nothing of it until the window would be over', () => {
    const story = new Rehearsal('drill', {}, true).press('desk');
    const seen = () => [story.wanted.lamp.mark, story.wanted.dome.siren];
    expect(seen()).toEqual(['drill', true]);
    story.press('quiet').press('quiet').press('quiet');
    expect(story.of('quiet').mark).toBeUndefined();
    expect(story.wanted.uplink.window).toBeNull();
    expect(seen()).toEqual(['drill', true]);
    endCase(story, 'desk');
    expect(story.wanted.lamp.mark).toBe('drill');
    story.passes(15 * minuteMs);
    expect(story.wanted.lamp.mark).toBeNull();
  });

  it('the room’s sign goes out at a real press that everybody hears, and stays out', () => {
    const story = new Rehearsal('drill').press('quiet').press('quiet').press('quiet');
    expect(story.wanted.lamp.mark).toBe('drill');
    story.press('desk');
    expect([story.of('desk').mark, story.wanted.lamp.mark]).toEqual([undefined, null]);
    expect(endCase(story, 'desk').wanted.lamp.mark).toBeNull();
  });

  it('is not ended by who takes it for a drill', () => {
    const story = real();
    const { id } = story.of('desk');
    story.resolves(id, 'drill');
    expect(story.lastAnswer?.reason).toBe('made-real');
    expect(story.of('desk').resolved).toBeNull();
    story.resolves(id, 'real');
    expect(story.lastAnswer?.ok).toBe(true);
    const old = real();
    expect(old.resolves(old.of('desk').id).lastAnswer?.ok).toBe(true);
  });

  it('has snapshots of its own', () => {
    const story = new Rehearsal('drill', { evidence: true }).press('desk').passes(minuteMs);
    const { id, raised } = story.of('desk');
    const due = () =>
      story.wanted.media.evidence?.snapshots.map(({ atMs }) => atMs - raised.monoMs);
    expect(due()).toEqual([0, 1_000, 3_000, 10_000]);
    story.command({ verb: 'make-real', incident: id });
    const atMs = story.monoMs - raised.monoMs;
    expect(due()?.slice(4)).toEqual([0, 1_000, 3_000, 10_000].map((ms) => atMs + ms));
  });

  it('what is unknown or over is refused', () => {
    const story = real();
    expect(story.command({ verb: 'make-real', incident: 'x' }).lastAnswer?.reason).toBe(
      'unknown-incident',
    );
    endCase(story, 'desk').command({ verb: 'make-real', incident: story.of('desk').id });
    expect(story.lastAnswer?.reason).toBe('already-resolved');
  });
});
