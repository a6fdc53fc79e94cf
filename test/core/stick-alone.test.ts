// The stick and all that is not a hand: alarms, the way back, jobs done under the lease.

import { describe, expect, it } from 'vitest';
import { stickTimes } from '#agent/core/stick.ts';
import {
  chen,
  does,
  ended,
  fitter,
  keeps,
  li,
  motion,
  preset,
  turning,
  wang,
} from './stick-people.ts';
import { Story } from './story.ts';

describe('an alarm', () => {
  it('takes the dome from whoever turns it', () => {
    const { story, lease } = turning();
    expect(preset(story)).toBeNull();
    story.press('desk');
    expect(story.wanted.dome).toMatchObject({ preset: 'alarm', motion: null });
    expect(story.notices).toMatchObject([
      { kind: 'stick.lost', lease, reason: 'alarm', user: null },
    ]);
    expect(ended(story)).toMatchObject([{ reason: 'alarm' }]);
  });

  it('that follows leaves it to the dispatcher who looks around', () => {
    const { story, lease } = turning(li, new Story().press('desk'));
    story.press('gate').moves({ lease, n: 2, pan: 1 });
    expect(motion(story)).not.toBeNull();
    expect(preset(story)).toBeNull();
    expect(ended(story)).toEqual([]);
  });

  it.each(['quiet', 'check'])('of %s moves nothing', (input) => {
    const { story } = turning();
    story.press(input);
    expect(ended(story)).toEqual([]);
    expect(preset(story)).toBeNull();
  });

  it.each(['desk', 'quiet'])('of %s ends the installer’s turn, and refuses the next', (input) => {
    const { story, lease } = turning(fitter);
    story.press(input);
    expect(story.notices.at(-1)).toMatchObject({ kind: 'stick.lost', lease });
    expect(story.takes(fitter)).toBe('incident-open');
  });
});

describe('tracking', () => {
  it('gives way to the stick at once, and goes on after the way back', () => {
    const story = new Story().press('desk');
    expect(story.wanted.dome.tracking).toBe(true);
    turning(li, story);
    expect(story.wanted.dome.tracking).toBe(false);
    story.passes(stickTimes.returnMs);
    expect(story.wanted.dome).toMatchObject({ preset: 'alarm', tracking: true });
  });
});

describe('the way back', () => {
  it('is taken two minutes after the last operation, to the guard preset', () => {
    const { story, lease } = turning();
    story.passes(10_000);
    does(story, li, lease, { op: 'wiper', on: true });
    story.passes(stickTimes.returnMs - 1);
    expect(preset(story)).toBeNull();
    expect(preset(story.passes(1))).toBe('guard');
  });

  it('goes to the alarm preset while a loud case is open', () => {
    const { story } = turning(li, new Story().press('desk'));
    expect(preset(story.passes(stickTimes.returnMs))).toBe('alarm');
  });

  it('is not taken where nothing was turned', () => {
    const story = new Story();
    const lease = story.takes(li);
    does(story, li, lease, { op: 'light', on: true });
    story.moves({ lease, n: 1 });
    expect(preset(story)).toBe('guard');
  });

  it('waits while whoever has taken the case has the stick', () => {
    const story = new Story().press('desk');
    const incident = story.of('desk').id;
    story.command({ verb: 'take', incident }, li);
    const { lease } = turning(li, story);
    for (let n = 0; n < 10; n++) keeps(story.passes(25_000), li, lease);
    expect(preset(story), 'held').toBeNull();
    story.command({ verb: 'stick.release', lease }, li).passes(1);
    expect(preset(story)).toBe('alarm');
  });

  it('does not wait for somebody else’s lease', () => {
    const story = new Story().press('desk');
    story.command({ verb: 'take', incident: story.of('desk').id }, wang);
    const { lease } = turning(li, story);
    for (let n = 0; n < 4; n++) keeps(story.passes(25_000), li, lease);
    expect(preset(story)).toBeNull();
    expect(preset(story.passes(20_000))).toBe('alarm');
    expect(story.wanted.uplink.stick).not.toBeNull();
  });
});

describe('what is no move', () => {
  it('is a job, and ends a move', () => {
    const { story, lease } = turning();
    does(story, li, lease, { op: 'preset', preset: '3' });
    expect(motion(story)).toBeNull();
    const [job] = story.wanted.jobs;
    expect(job).toMatchObject({ what: 'stick.do', act: { op: 'preset', preset: '3' } });
    story.happens({ kind: 'job.done', id: job?.id ?? '', result: { preset: '3' } });
    expect(story.lastAnswer).toMatchObject({ ok: true, verb: 'stick.do', result: { preset: '3' } });
  });

  it('is refused without the lease, and while the last one has not been answered', () => {
    const { story, lease } = turning();
    does(story, wang, lease, { op: 'home' });
    expect(story.lastAnswer?.reason).toBe('no-lease');
    does(story, li, lease, { op: 'home' });
    does(story, li, lease, { op: 'presets' });
    expect(story.lastAnswer?.reason).toBe('busy');
  });

  it('is done once, however often it comes', () => {
    const { story, lease } = turning();
    const step = { op: 'relative', pan: 0.1, tilt: 0, zoom: 0 } as const;
    does(story, li, lease, step, { id: 'same' });
    does(story, li, lease, step, { id: 'same' });
    const [job, ...more] = story.wanted.jobs;
    expect(more).toEqual([]);
    story.happens({ kind: 'job.failed', id: job?.id ?? '', reason: 'too far', outOfRange: true });
    expect(story.lastAnswer).toMatchObject({
      ok: false,
      reason: 'out-of-range',
      detail: 'too far',
    });
    const answers = story.answers.length;
    does(story, li, lease, step, { id: 'same' });
    expect(story.wanted.jobs).toEqual([]);
    expect(story.answers.slice(answers)).toMatchObject([{ answer: { reason: 'out-of-range' } }]);
  });

  it('fails with the lease that it was done under', () => {
    const { story, lease } = turning(chen);
    does(story, chen, lease, { op: 'home' });
    story.takes(li);
    expect(story.answers.at(-2)?.answer).toMatchObject({ ok: false, reason: 'no-lease' });
    expect(story.wanted.jobs).toEqual([]);
  });

  it('a preset is not tested while somebody has the stick', () => {
    const { story } = turning();
    story.command({ verb: 'test', part: 'preset' }, fitter);
    expect(story.lastAnswer?.reason).toBe('busy');
    story.command({ verb: 'test', part: 'strobe' }, fitter);
    expect(story.wanted.jobs).toHaveLength(1);
  });
});
