import { describe, expect, it } from 'vitest';
import { limits } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import { commandLimits } from '#agent/core/flood.ts';
import { answersForgotten, answersKept } from '#agent/core/obey.ts';
import { Story } from './story.ts';

const { role: ofRole, user: ofUser } = commandLimits['110-city'];

function flood(story: Story, count: number, change: Parameters<Story['command']>[1] = {}): Story {
  for (let n = 0; n < count; n++) story.command({ verb: 'status' }, change);
  return story;
}

const refusals = (story: Story) =>
  story.answers.filter(({ answer }) => answer.reason === 'too-many');
const counts = (story: Story) => story.records.filter(({ kind }) => kind === 'commands.refused');
const commands = (story: Story) =>
  story.records.filter(({ kind }: Fact) => kind === 'command.received');

describe('a flood of commands', () => {
  it('a user has a share, the role the whole; the next minute begins at nothing', () => {
    const story = flood(new Story(), ofUser);
    expect(refusals(story)).toEqual([]);
    story.command({ verb: 'status' });
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'too-many', verb: 'status' });
    flood(story, ofRole - ofUser, { user: 'wang' });
    expect(refusals(story)).toHaveLength(1);
    expect(story.command({ verb: 'status' }, { user: 'chen' }).lastAnswer?.detail).toContain(
      `${ofRole} a minute for 110-city`,
    );
    expect(story.passes(60_000).command({ verb: 'status' }).lastAnswer?.ok).toBe(true);
  });

  it('of one role leaves the others their own', () => {
    const story = flood(new Story().press('desk'), 5_000);
    const resolve = { verb: 'resolve', reason: 'handled', note: null } as const;
    story.command({ ...resolve, incident: story.of('desk').id }, { role: 'platform' });
    expect(story.lastAnswer).toMatchObject({ ok: true });
  });

  it('changes nothing beyond the limit: no row, no effect, no record but one count', () => {
    const story = flood(new Story().press('desk'), ofUser);
    const before = story.state.durable;
    const records = story.records.length;
    for (let n = 0; n < 10_000; n++)
      story.command({ verb: 'take', incident: story.of('desk').id }, { id: `x${n}` });
    expect(story.state.durable).toBe(before);
    expect(story.records).toHaveLength(records);
    story.passes(60_000);
    expect(counts(story)).toEqual([
      { kind: 'commands.refused', roles: [{ role: '110-city', user: 'li', count: 10_000 }] },
    ]);
  });

  it('an hour of it is one record a minute and what the limit lets through', () => {
    const story = new Story();
    for (let minute = 0; minute < 60; minute++) flood(story, 1_000).passes(60_000);
    expect(counts(story)).toHaveLength(60);
    expect(commands(story)).toHaveLength(60 * ofUser);
  });

  it('is answered as often as it might command, then no more', () => {
    const story = flood(new Story(), 10_000);
    expect(refusals(story)).toHaveLength(ofRole);
  });

  it('malformed commands count, whatever role they claim', () => {
    const story = new Story();
    const malformed = (role: string) =>
      story.happens({
        ...{ kind: 'command.malformed', role, user: 'x', verb: 'y', id: null },
        ...{ reason: 'malformed', detail: 'no', replyTo: 'gate/v1/t1/reply/a/b/c' },
        correlation: null,
      });
    for (let n = 0; n < 200; n++) malformed(`role-${n}`);
    expect(refusals(story)).toHaveLength(commandLimits.unknown.role);
    const kept = story.records.filter(({ kind }) => kind === 'command.malformed');
    expect(kept).toHaveLength(commandLimits.unknown.role);
    expect(story.command({ verb: 'status' }).lastAnswer?.ok).toBe(true);
  });

  it('is recorded when the terminal stops in the middle of the minute', () => {
    const story = flood(new Story(), ofUser + 7);
    story.happens({ kind: 'terminal.stopping', reason: 'SIGTERM' });
    expect(counts(story)).toMatchObject([{ roles: [{ count: 7 }] }]);
  });

  it('wakes nobody when nothing was refused', () => {
    const quiet = new Story();
    const { wakeAtMs } = quiet.wanted;
    expect(flood(quiet, 5).wanted.wakeAtMs).toBe(wakeAtMs);
  });

  it('never makes the terminal forget an answer whose command could still be repeated', () => {
    const all = Object.values(commandLimits).reduce((sum, { role }) => sum + role, 0);
    const repeatableMs = limits.commandLifetimeMsMax + 5_000;
    expect((all * repeatableMs) / 60_000).toBeLessThan(answersKept - answersForgotten);
  });
});
