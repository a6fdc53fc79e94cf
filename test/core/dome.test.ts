// What the dome does by itself in an alarm: the picture for the light, following people, and their bounds.

import { describe, expect, it } from 'vitest';
import { defaultDomeRules } from '#agent/core/dome.ts';
import { Story, setup } from './story.ts';

const withRules = (change: object) =>
  new Story({ ...setup, dome: { ...defaultDomeRules, ...change } });
const follows = (story: Story) => story.wanted.dome.tracking;
const resolve = (story: Story, input: string) =>
  story.command({ verb: 'resolve', incident: story.of(input).id, reason: 'handled', note: null });

describe('the picture', () => {
  it('is set for the light as long as it flashes, and set back', () => {
    const story = new Story().press('nurse');
    expect(story.wanted.dome).toMatchObject({ strobe: true, dayNight: true });
    story.press('reset');
    expect(story.wanted.dome).toMatchObject({ strobe: false, dayNight: false });
    story.press('nurse');
    expect(story.wanted.dome.dayNight).toBe(true);
    resolve(story, 'nurse');
    expect(story.wanted.dome.dayNight).toBe(false);
  });

  it('is left alone where the configuration says so', () => {
    const story = withRules({ dayNight: false }).press('desk');
    expect(story.wanted.dome).toMatchObject({ strobe: true, dayNight: false });
  });
});

describe('following people', () => {
  it('ends with the last case, not with the first', () => {
    const story = new Story().press('desk').press('gate');
    resolve(story, 'desk');
    expect(follows(story)).toBe(true);
    resolve(story, 'gate');
    expect(follows(story)).toBe(false);
  });

  it('ends after its time, and the case and its light stay', () => {
    const story = withRules({ trackingMs: 60_000 }).press('desk');
    story.passes(55_000);
    expect(follows(story)).toBe(true);
    story.passes(5_000);
    expect(story.wanted.dome).toMatchObject({ strobe: true, preset: 'alarm', tracking: false });
    story.press('gate');
    expect(follows(story)).toBe(true);
  });

  it('wakes the terminal when its time is over', () => {
    const story = withRules({ trackingMs: 60_000 }).press('desk');
    story.passes(50_000);
    expect(story.wanted.wakeAtMs).toBeLessThanOrEqual(story.monoMs + 10_000);
  });

  it('begins anew with a boot, with a case still open', () => {
    const story = withRules({ trackingMs: 60_000 }).press('desk').passes(120_000);
    expect(follows(story)).toBe(false);
    story.monoMs = 5_000;
    story.restarts('boot-2');
    expect(follows(story)).toBe(true);
    story.monoMs = 60_000;
    expect(follows(story)).toBe(false);
  });

  it('never happens where the configuration says so', () => {
    expect(follows(withRules({ trackingMs: 0 }).press('desk'))).toBe(false);
  });

  it('is not for a silent alarm, whatever else it is set to', () => {
    const story = new Story().press('quiet');
    const { strobe, siren, dayNight, preset, tracking } = story.wanted.dome;
    expect({ strobe, siren, dayNight, preset, tracking }).toEqual({
      ...{ strobe: false, siren: false, dayNight: false, preset: 'guard', tracking: false },
    });
  });
});
