// Drill and service mode: what is marked and what never is, what makes it real, and what a marked case may do.

import { describe, expect, it, test } from 'vitest';
import { roles } from '#agent/core/command.ts';
import { byHand, type Mark, marks, openers, windowMinutesMax } from '#agent/core/mark.ts';
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

describe('what a marked case may do', () => {
  const kindsOf = {
    desk: 'emergency',
    nurse: 'medical',
    fire: 'fire',
    quiet: 'silent',
    check: 'test',
  };

  it.each(Object.keys(kindsOf))('%s in a drill: all but the siren', (input) => {
    const real = new Rehearsal(null).press(input).wanted.dome;
    expect(new Rehearsal('drill').press(input).wanted.dome).toEqual({ ...real, siren: false });
  });

  it.each(Object.keys(kindsOf))('%s in a drill with the siren: as if it were real', (input) => {
    const real = new Rehearsal(null).press(input).wanted.dome;
    const story = new Rehearsal('drill', {}, true).press(input);
    expect(story.wanted.dome).toEqual(real);
    story.closes();
    expect(story.wanted.dome.siren).toBe(false);
  });

  it.each(Object.keys(kindsOf))('%s in service: the gate stays as it is', (input) => {
    const quiet = new Rehearsal(null).wanted.dome;
    expect(new Rehearsal('service').press(input).wanted.dome).toEqual(quiet);
  });

  it('says that it is a drill, never that 110 is to be called', () => {
    const story = new Rehearsal('drill').press('desk');
    story.ack(story.of('desk'));
    expect(story.wanted.media.say).toEqual({ id: `${story.of('desk').id}/drill`, prompt: 'drill' });
    story.passes(20_000);
    expect([story.word, story.wanted.media.say?.prompt]).toEqual(['undelivered', 'drill']);
    story.command({ verb: 'take', incident: story.of('desk').id });
    expect(story.wanted.media.say?.prompt).toBe('taken');
  });

  it('says nothing in service, nor in a drill with a silent case', () => {
    expect(new Rehearsal('service').press('desk').passes(20_000).wanted.media.say).toBeNull();
    expect(new Rehearsal('drill').press('desk').press('quiet').wanted.media.say).toBeNull();
  });

  it('a silent one stays silent', () => {
    for (const mark of marks) {
      const { lamp } = new Rehearsal(mark).press('quiet').wanted;
      expect(lamp).toMatchObject({ word: 'ready', silent: 'stored', mark });
    }
  });

  it('the lamp says so, with the window and with the case', () => {
    const story = new Rehearsal('drill');
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', mark: 'drill' });
    story.press('desk').closes();
    expect(story.wanted.lamp).toMatchObject({ word: 'stored', mark: 'drill' });
    endCase(story, 'desk').passes(20_000);
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', mark: null });
  });

  it('shows and says nothing of it beside a real one', () => {
    const story = new Rehearsal('drill', {}, true)
      .press('desk')
      .press('gate')
      .press('gate')
      .press('gate');
    story.happens({ kind: 'uplink.received', ids: story.told.map(({ id }) => id) });
    expect(story.of('desk').mark).toBe('drill');
    expect(story.wanted.lamp).toMatchObject({ word: 'received', mark: null });
    expect(story.wanted.media.say?.prompt).toBe('sent');
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true, tracking: true });
    endCase(story, 'desk');
    expect(story.wanted.dome).toMatchObject({ strobe: true, siren: true, tracking: true });
  });

  it('a resolved one frees everything', () => {
    const story = endCase(new Rehearsal('drill', {}, true).press('desk'), 'desk').passes(20_000);
    const idle = new Rehearsal('drill', {}, true);
    expect(story.wanted.dome).toEqual(idle.wanted.dome);
    expect(story.body('incident.resolved')?.mark).toBe('drill');
    expect(story.press('desk').of('desk').mark).toBe('drill');
  });

  it('parts are tested, and the installer turns the dome, while only service cases are open', () => {
    const service = new Rehearsal('service').press('desk');
    service.command({ verb: 'test', part: 'strobe' }, { role: 'installer' });
    expect(service.wanted.jobs).toHaveLength(1);
    expect(service.takes({ role: 'installer', user: 'zhao' })).not.toBe('incident-open');
    const drill = new Rehearsal('drill').press('desk');
    drill.command({ verb: 'test', part: 'strobe' }, { role: 'platform' });
    expect(drill.lastAnswer?.reason).toBe('incident-open');
  });

  it('a claim or a reset is told as marked only where nothing real is open', () => {
    const story = new Rehearsal('drill').press('desk').press('false').press('reset');
    expect(story.body('incident.false-alarm')?.mark).toBe('drill');
    expect(story.body('incident.local-reset')?.mark).toBe('drill');
    story.closes().press('gate').press('false').press('reset');
    expect(story.body('incident.false-alarm')?.mark).toBeNull();
    expect(story.body('incident.local-reset')?.mark).toBeNull();
  });

  it('a call without a case named is for the real one', () => {
    const story = new Rehearsal('drill').press('desk').closes().press('gate');
    story.offers('s1');
    expect(story.lastAnswer?.result).toMatchObject({ incident: story.of('gate').id });
  });

  it('birth and status say so', () => {
    const story = new Rehearsal('drill').press('desk');
    expect(story.wanted.uplink.incidents).toMatchObject([{ mark: 'drill' }]);
    const { result } = story.command({ verb: 'status' }).lastAnswer ?? {};
    expect(result).toMatchObject({ window: { mark: 'drill' }, incidents: [{ mark: 'drill' }] });
  });
});
