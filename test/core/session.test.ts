import { describe, expect, it } from 'vitest';
import { isSilent } from '#agent/core/incident.ts';
import { defaultMediaRules, sessionLimits } from '#agent/core/session.ts';
import { offerOf, Story } from './story.ts';

const li = { role: '110-city', user: 'li' } as const;
const wang = { role: '110-district', user: 'wang' } as const;
const kinds = (story: Story) => story.records.map(({ kind }) => kind);
const connected = (session: string) => ({ kind: 'session.connected', session }) as const;
const lost = (session: string) =>
  ({ kind: 'session.closed', session, reason: 'lost', detail: 'talk was killed' }) as const;

/** A case is open and `li` talks in it. */
const inCall = () =>
  new Story().press('desk').command(offerOf('s-1'), li).happens(connected('s-1'));

describe('a call', () => {
  it('belongs to the open case, and the lamp says so once it is connected', () => {
    const story = new Story().press('desk');
    const { id } = story.of('desk');
    story.command(offerOf('s-1'), li);
    expect(story.lastAnswer?.result).toEqual({ session: 's-1', incident: id, announced: false });
    expect(story.wanted.lamp.word).not.toBe('talking');
    story.happens(connected('s-1'));
    expect(story.wanted.lamp.word).toBe('talking');
    expect(story.notices).toContainEqual({ kind: 'session.connected', session: 's-1' });
    story.command({ verb: 'session.bye', session: 's-1' }, li);
    expect(story.wanted.lamp.word).not.toBe('talking');
    expect(story.wanted.media.sessions).toEqual([]);
  });

  it('does not survive a restart, and the lamp knows', () => {
    const story = inCall().restarts();
    expect(story.of('desk').talking).toBe(false);
    expect(story.wanted.lamp.word).not.toBe('talking');
    expect(story.wanted.media.sessions).toEqual([]);
  });

  it('ends with its case; a viewer stays', () => {
    const story = inCall().command(offerOf('s-2', { kind: 'live' }), li);
    const incident = story.of('desk').id;
    story.command({ verb: 'resolve', incident, reason: 'handled', note: null }, li);
    expect(story.wanted.media.sessions.map(({ id }) => id)).toEqual(['s-2']);
    expect(story.notices).toContainEqual(
      expect.objectContaining({ kind: 'session.ended', session: 's-1', reason: 'resolved' }),
    );
  });

  it('shows another stream when its viewer asks; a call has none, and another one’s is not touched', () => {
    const story = inCall().command(offerOf('s-2', { kind: 'live', stream: 'sub' }), li);
    const asks = (session: string, by: { role: '110-city' | '110-district'; user: string } = li) =>
      story.command({ verb: 'session.stream', session, stream: 'auto' }, by).lastAnswer;
    const streams = () => story.wanted.media.sessions.map(({ id, stream }) => `${id} ${stream}`);
    expect(asks('s-2', wang)?.reason).toBe('unknown-session');
    expect(asks('s-1')?.reason).toBe('not-allowed');
    expect(streams()).toEqual(['s-1 auto', 's-2 sub']);
    expect(asks('s-2')?.result).toEqual({ session: 's-2', stream: 'auto' });
    expect(streams()).toEqual(['s-1 auto', 's-2 auto']);
  });

  it('is lost when nobody comes, and ends when it has lasted too long', () => {
    const story = new Story().press('desk').command(offerOf('s-1'), li);
    story.passes(sessionLimits.ringingMs);
    expect(story.notices.at(-1)).toMatchObject({ kind: 'session.lost', session: 's-1' });
    story.command(offerOf('s-2'), li).happens(connected('s-2'));
    story.passes(defaultMediaRules.talkMsMax);
    expect(story.notices.at(-1)).toMatchObject({ kind: 'session.ended', reason: 'too-long' });
  });

  it('leaves its beginning and its end in the chain, and nothing secret', () => {
    const turn = { username: 'u', credential: 'made-by-the-platform' };
    const story = new Story()
      .press('desk')
      .command(offerOf('s-1', { turn, sdp: 'secret-sdp' }), li);
    story.command({ verb: 'session.candidate', session: 's-1', candidates: [null] }, li);
    story.happens(connected('s-1')).passes(5_000).happens(lost('s-1'));
    expect(kinds(story)).toContain('session.opened');
    expect(story.records.at(-1)).toMatchObject({ kind: 'session.ended', lastedMs: 5_000 });
    expect(story.records.at(-1)).toMatchObject({ floorMs: 5_000 });
    expect(JSON.stringify(story.records)).not.toMatch(/secret-sdp|made-by-the-platform/);
    expect(JSON.stringify(story.state.durable)).not.toMatch(/secret-sdp|made-by-the-platform/);
  });
});

describe('an offer', () => {
  it('that comes again gets its answer again, and no second session', () => {
    const story = new Story().press('desk').command(offerOf('s-1'), li);
    story.happens({ kind: 'session.answered', session: 's-1', sdp: 'answer' });
    const before = story.notices.length;
    story.command(offerOf('s-1'), li);
    expect(story.notices.slice(before)).toEqual([
      { kind: 'session.answer', session: 's-1', sdp: 'answer' },
    ]);
    expect(story.wanted.media.sessions).toHaveLength(1);
  });

  it('under the id of somebody else is refused', () => {
    const story = inCall().command(offerOf('s-1'), wang);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    story.command({ verb: 'session.bye', session: 's-1' }, wang);
    expect(story.lastAnswer?.result).toEqual({ already: true });
    expect(story.wanted.media.sessions).toHaveLength(1);
  });

  it('beyond the number is refused, unless it replaces one of its own', () => {
    const story = new Story({ media: { ...defaultMediaRules, viewersMax: 1 } });
    story.command(offerOf('v-1', { kind: 'live' }), li);
    story.command(offerOf('v-2', { kind: 'live' }), li);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    story.command(offerOf('v-2', { kind: 'live', replaces: 'v-1' }), li);
    expect(story.lastAnswer).toMatchObject({ ok: true });
    expect(story.wanted.media.sessions.map(({ id }) => id)).toEqual(['v-2']);
    story.command(offerOf('v-3', { kind: 'live', replaces: 'v-2' }), wang);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    expect(story.lastAnswer?.detail).toContain('by 110-city/li;');
  });

  it('of a higher role ends the picture of the lowest, the newest of them, and no call', () => {
    const story = new Story({ media: { ...defaultMediaRules, viewersMax: 3, talkersMax: 1 } });
    const [one, two] = ['one', 'two'].map((user) => ({ role: 'campus', user }) as const);
    story.command(offerOf('v-1', { kind: 'live' }), one).passes(10);
    story.command(offerOf('v-2', { kind: 'live' }), two).passes(10);
    story.command(offerOf('v-3', { kind: 'live' }), wang).passes(10);
    story.command(offerOf('v-4', { kind: 'live' }), li);
    expect(story.lastAnswer).toMatchObject({ ok: true });
    expect(story.wanted.media.sessions.map(({ id }) => id)).toEqual(['v-1', 'v-3', 'v-4']);
    expect(story.notices).toContainEqual(
      expect.objectContaining({ kind: 'session.ended', session: 'v-2', reason: 'displaced' }),
    );
    story.press('desk').command(offerOf('s-1'), wang).command(offerOf('s-2'), li);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    expect(story.lastAnswer?.detail).toContain('by 110-district/wang;');
  });

  it('for a case that is not open is refused', () => {
    const story = new Story().command(offerOf('s-1', { incident: 'nothing' }), li);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'unknown-incident' });
  });

  it('with too many candidates is cut off', () => {
    const story = inCall();
    const many = Array.from({ length: sessionLimits.candidates + 1 }, () => null);
    story.command({ verb: 'session.candidate', session: 's-1', candidates: many }, li);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'too-many' });
    expect(story.wanted.media.sessions[0]?.candidates).toEqual([]);
  });
});

describe('who may talk', () => {
  it('a voice never betrays a silent alarm; listening is possible', () => {
    const story = new Story().press('quiet');
    expect(isSilent(story.of('quiet'))).toBe(true);
    story.command(offerOf('s-1'), li);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'silent-incident' });
    story.command(offerOf('s-1', { mode: 'listen' }), li);
    expect(story.lastAnswer).toMatchObject({ ok: true });
    expect(story.wanted.media.sessions[0]).toMatchObject({ speaks: false, announced: false });
  });

  it('without a case a call is announced, or refused where it is so configured', () => {
    const story = new Story().command(offerOf('s-1'), li);
    expect(story.wanted.media.sessions[0]).toMatchObject({ announced: true });
    expect(story.wanted.lamp.word).toBe('talking');
    const shut = new Story({ media: { ...defaultMediaRules, idleCalls: 'refuse' } });
    shut.command(offerOf('s-1'), li);
    expect(shut.lastAnswer).toMatchObject({ ok: false, reason: 'no-open-incident' });
  });

  it('nobody listens in unannounced but by right', () => {
    const listen = offerOf('s-1', { mode: 'listen' });
    expect(new Story().command(listen, li).lastAnswer).toMatchObject({ reason: 'not-allowed' });
    const media = { ...defaultMediaRules, listeners: ['110-city'] as const };
    expect(new Story({ media }).command(listen, li).lastAnswer).toMatchObject({ ok: true });
  });

  it('police video and campus see, and do not talk', () => {
    const who = { role: 'police-video', user: 'v' } as const;
    const story = new Story().press('desk').command(offerOf('s-1'), who);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'not-allowed' });
    story.command(offerOf('s-1', { kind: 'live' }), who);
    expect(story.lastAnswer).toMatchObject({ ok: true });
  });
});

describe('what is said in the room', () => {
  const prompt = (story: Story) => story.wanted.media.say?.prompt ?? null;

  it('follows the ladder: sent, not delivered, taken; nothing while somebody talks', () => {
    const story = new Story().press('desk');
    expect(prompt(story)).toBeNull();
    const { id } = story.of('desk');
    story.ack(story.of('desk'));
    expect(prompt(story)).toBe('sent');
    story.passes(10_000);
    expect(prompt(story)).toBe('undelivered');
    story.receipt(story.of('desk')).command({ verb: 'take', incident: id }, li);
    expect(prompt(story)).toBe('taken');
    story.command(offerOf('s-1'), li).happens(connected('s-1'));
    expect(prompt(story)).toBeNull();
  });

  it('is nothing while a silent alarm is open', () => {
    const story = new Story().press('quiet').press('desk');
    story.ack(story.of('quiet'), story.of('desk'));
    expect(prompt(story)).toBeNull();
  });
});
