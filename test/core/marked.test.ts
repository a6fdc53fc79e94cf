// What a case may do that was pressed as a drill or in service: all that teaches, nothing that startles, and
// nothing at all to one that is real.

import { describe, expect, it } from 'vitest';
import { marks } from '#agent/core/mark.ts';
import { endCase, Rehearsal } from './rehearsal.ts';

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
