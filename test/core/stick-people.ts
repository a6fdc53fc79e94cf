// Who turns the dome in the stories of the stick, and how they begin.

import type { Command, StickAct } from '#agent/core/command.ts';
import { Story } from './story.ts';

export const li = { role: '110-city', user: 'li' } as const;
export const wang = { role: '110-district', user: 'wang' } as const;
export const chen = { role: 'campus', user: 'chen' } as const;
export const platform = { role: 'platform', user: 'platform' } as const;
export const fitter = { role: 'installer', user: 'zhou' } as const;
type Person = Pick<Command, 'role' | 'user'>;

export const ended = (story: Story) => story.records.filter(({ kind }) => kind === 'stick.ended');
export const motion = (story: Story) => story.wanted.dome.motion;
export const preset = (story: Story) => story.wanted.dome.preset;
export const does = (story: Story, by: Person, lease: string, act: StickAct, change = {}) =>
  story.command({ verb: 'stick.do', lease, act }, { ...by, ...change });
export const keeps = (story: Story, by: Person, lease: string) =>
  story.command({ verb: 'stick.take', lease }, by);

/** `by` has the stick and has turned the dome with it. */
export function turning(by: Person = li, story = new Story()) {
  const lease = story.takes(by);
  story.moves({ ...by, lease, n: 1, pan: 0.5 });
  return { story, lease };
}
