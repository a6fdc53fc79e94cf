import { describe, expect, it } from 'vitest';
import type { CommandArgs, FloorAct } from '#agent/core/command.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import { offerOf, Story } from './story.ts';

const people = {
  li: { role: '110-city', user: 'li' },
  zhao: { role: '110-city', user: 'zhao' },
  wang: { role: '110-district', user: 'wang' },
  chen: { role: '110-district', user: 'chen' },
} as const;
type Name = keyof typeof people;

class Call extends Story {
  constructor() {
    super({ media: { ...defaultMediaRules, talkersMax: 8 } });
    this.press('desk');
  }

  /** Each calls, is connected and is known by his name. */
  with(...names: readonly Name[]): this {
    for (const name of names) this.rings(name).connects(name);
    return this;
  }

  rings(name: Name, mode: 'talk' | 'listen' = 'talk'): this {
    const replyTo = `gate/v1/t1/reply/${name}`;
    return this.command(offerOf(name, { mode }), { ...people[name], replyTo }).passes(10);
  }

  connects(name: Name): this {
    return this.happens({ kind: 'session.connected', session: name }).passes(10);
  }

  floor(name: Name, act: FloorAct, to: string | null = null): this {
    const args: CommandArgs = { verb: 'session.floor', session: name, act, to };
    return this.command(args, people[name]).passes(10);
  }

  leaves(name: Name): this {
    return this.command({ verb: 'session.bye', session: name }, people[name]).passes(10);
  }

  get heard(): string[] {
    return this.wanted.media.sessions.filter(({ speaks }) => speaks).map(({ id }) => id);
  }

  /** What each was told of the floor last. */
  saidTo(name: Name) {
    const ofFloor = this.notices.filter((one) => one.kind === 'session.floor');
    const last = ofFloor.filter(({ session }) => session === name).at(-1);
    if (!last) return null;
    const { yours, user, why, asking } = last;
    return { yours, user, why, asking: asking.map((one) => one.user) };
  }
}

describe('the floor', () => {
  it('belongs to the first who is connected; a second hears along and is told whose it is', () => {
    const call = new Call().with('li', 'wang');
    expect(call.heard).toEqual(['li']);
    expect(call.saidTo('wang')).toEqual({ yours: false, user: 'li', why: 'joined', asking: [] });
  });

  it('is never held by a call that only rings', () => {
    const call = new Call().rings('li');
    expect(call.heard).toEqual([]);
    call.with('wang');
    expect(call.heard).toEqual(['wang']);
    call.floor('li', 'take');
    expect(call.heard).toEqual(['wang']);
    call.floor('wang', 'give', 'li');
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'unknown-session' });
    expect(call.heard).toEqual(['wang']);
  });

  it('is taken by a higher role at once, never by an equal or lower one', () => {
    const call = new Call().with('wang', 'chen', 'li');
    call.floor('chen', 'take');
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    expect(call.lastAnswer?.detail).toContain('110-district/wang');
    call.floor('li', 'take');
    expect(call.heard).toEqual(['li']);
    expect(call.saidTo('wang')).toMatchObject({ yours: false, user: 'li', why: 'taken' });
    call.floor('wang', 'take');
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    expect(call.heard).toEqual(['li']);
  });

  it('is asked for: whoever has it is told who asks, and nothing changes', () => {
    const call = new Call().with('li', 'wang', 'zhao');
    call.floor('wang', 'ask');
    expect(call.lastAnswer?.result).toEqual({ session: 'wang', floor: 'asks' });
    call.floor('zhao', 'ask');
    expect(call.heard).toEqual(['li']);
    expect(call.saidTo('li')).toEqual({
      ...{ yours: true, user: 'li', why: 'asked' },
      asking: ['zhao', 'wang'],
    });
    call.floor('zhao', 'leave');
    expect(call.saidTo('li')?.asking).toEqual(['wang']);
    expect(call.heard).toEqual(['li']);
  });

  it('that is free is had by asking', () => {
    const call = new Call().with('li', 'wang').floor('wang', 'leave').floor('li', 'leave');
    expect(call.heard).toEqual([]);
    call.floor('wang', 'ask');
    expect(call.heard).toEqual(['wang']);
    expect(call.lastAnswer?.result).toEqual({ session: 'wang', floor: 'has' });
  });

  it('is given to another, also to a lower role, and by nobody but who has it', () => {
    const call = new Call().with('li', 'wang', 'chen');
    call.floor('chen', 'give', 'chen');
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'not-allowed' });
    call.floor('li', 'give', 'wang');
    expect(call.heard).toEqual(['wang']);
    expect(call.saidTo('wang')).toMatchObject({ yours: true, why: 'given' });
    expect(call.saidTo('li')).toMatchObject({ yours: false, user: 'wang', why: 'given' });
  });

  it('is not given to one who is not there, nor to a listener', () => {
    const call = new Call().with('li').rings('wang', 'listen').connects('wang');
    for (const to of ['chen', 'constructor', 'wang', null]) {
      call.floor('li', 'give', to);
      expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'unknown-session' });
      expect(call.heard).toEqual(['li']);
    }
    call.floor('wang', 'ask');
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'not-allowed' });
  });

  it('of another’s call is nobody’s to change', () => {
    const call = new Call().with('li', 'wang');
    const give = { verb: 'session.floor', session: 'li', act: 'give', to: 'wang' } as const;
    call.command(give, people.wang);
    expect(call.lastAnswer).toMatchObject({ ok: false, reason: 'unknown-session' });
    expect(call.heard).toEqual(['li']);
  });

  it('falls to who has asked, then to the highest role, then to the oldest call', () => {
    const call = new Call().with('li', 'wang', 'zhao', 'chen').floor('chen', 'ask');
    call.leaves('li');
    expect(call.heard).toEqual(['chen']);
    expect(call.saidTo('chen')).toMatchObject({ yours: true, why: 'free', asking: [] });
    call.leaves('chen');
    expect(call.heard).toEqual(['zhao']);
    call.happens({ kind: 'session.closed', session: 'zhao', reason: 'lost', detail: 'gone' });
    expect(call.heard).toEqual(['wang']);
    call.leaves('wang');
    expect(call.heard).toEqual([]);
  });

  it('that was left falls to the next, and not back to who left it', () => {
    const call = new Call().with('li', 'wang').floor('li', 'leave');
    expect(call.heard).toEqual(['wang']);
    expect(call.saidTo('wang')).toMatchObject({ yours: true, why: 'left' });
    call.leaves('wang');
    expect(call.heard).toEqual([]);
    call.with('chen');
    expect(call.heard).toEqual(['chen']);
    call.floor('li', 'take');
    expect(call.heard).toEqual(['li']);
  });

  it('leaves with its holder how long it was had', () => {
    const call = new Call().with('li', 'wang').passes(3_000).floor('li', 'give', 'wang');
    call.passes(2_000).floor('wang', 'give', 'li').passes(1_000).leaves('li');
    const end = call.records.findLast(({ kind }) => kind === 'session.ended');
    expect(end).toMatchObject({ session: 'li', floorMs: 4_040 });
  });

  it('is gone with a restart', () => {
    expect(new Call().with('li').restarts().heard).toEqual([]);
  });
});

describe('who watches is told', () => {
  it('who is in the call, who is heard and who asks', () => {
    const call = new Call().with('li', 'wang').floor('wang', 'ask').rings('chen');
    const callers = call.wanted.uplink.callers.map(({ user, floor }) => [user, floor]);
    expect(callers).toEqual([
      ['li', 'has'],
      ['wang', 'asks'],
    ]);
    call.leaves('li');
    expect(call.wanted.uplink.callers).toMatchObject([{ user: 'wang', floor: 'has' }]);
  });

  it('who saw a case and who took it first', () => {
    const call = new Call();
    const incident = call.of('desk').id;
    call.command({ verb: 'seen', incident }, people.wang);
    call.command({ verb: 'take', incident }, people.li);
    call.command({ verb: 'take', incident }, people.wang);
    const [told] = call.wanted.uplink.incidents;
    expect(told?.seen).toMatchObject({ role: '110-district', user: 'wang' });
    expect(told?.taken).toMatchObject({ role: '110-city', user: 'li' });
  });
});
