import { describe, expect, it } from 'vitest';
import { movesASecond, stickTimes } from '#agent/core/stick.ts';
import { chen, does, ended, keeps, li, motion, platform, turning, wang } from './stick-people.ts';
import { Story } from './story.ts';

describe('a move', () => {
  it('is wanted for half a second, unless the next comes', () => {
    const { story, lease } = turning();
    const untilMs = story.monoMs + 500;
    expect(motion(story)).toEqual({ pan: 0.5, tilt: 0, zoom: 0, untilMs });
    story.passes(499).moves({ lease, n: 2, pan: 0.5, tilt: -1 });
    expect(motion(story)).toMatchObject({ tilt: -1, untilMs: untilMs + 499 });
    story.passes(499);
    expect(motion(story)).not.toBeNull();
    story.passes(1);
    expect(motion(story)).toBeNull();
  });

  it('ends as soon as it says; where the next was too late, it lasts as long as it may', () => {
    const { story, lease } = turning();
    const moves = (n: number) => story.moves({ lease, n, forMs: 250, pan: 1 });
    const lasts = () => (motion(story)?.untilMs ?? 0) - story.monoMs;
    moves(2).passes(249);
    moves(3).passes(249).moves({ lease, n: 4 }).passes(2_000);
    moves(5);
    expect(lasts(), 'it was let go meanwhile').toBe(250);
    expect(motion(story.passes(250))).toBeNull();
    moves(6);
    expect(lasts()).toBe(500);
    moves(7).moves({ lease, n: 8 });
    moves(9);
    expect(lasts(), 'the line is what it was').toBe(500);
    const next = story.takes(li);
    expect(motion(story.moves({ lease: next, n: 1, forMs: 250, pan: 1 }))).toMatchObject({
      untilMs: story.monoMs + 250,
    });
  });

  it('ends when the stick is let go, and a late move does not begin it again', () => {
    const { story, lease } = turning();
    story.moves({ lease, n: 3 });
    expect(motion(story)).toBeNull();
    story.moves({ lease, n: 2, pan: 1 });
    expect(motion(story)).toBeNull();
  });

  it('ends with its hand’s connection, whose will knows neither lease nor number', () => {
    const { story } = turning();
    const will = { lease: null, n: null };
    story.moves({ ...will, ...wang }).moves({ ...will, pan: 1 });
    expect(motion(story)).toMatchObject({ pan: 0.5 });
    story.moves(will);
    expect(motion(story)).toBeNull();
  });

  it.each([
    ['a number that came before', { n: 1 }],
    ['one that the broker had kept', { n: 2, retained: true }],
    ['another lease', { n: 2, lease: 'another' }],
    ['another user', { n: 2, user: 'wang' }],
    ['another role', { n: 2, role: 'platform' }],
  ] as const)('%s changes nothing', (_, change) => {
    const { story, lease } = turning();
    const before = story.state.live.stick;
    story.moves({ lease, pan: -1, ...change });
    expect(story.state.live.stick).toBe(before);
  });

  it('leaves no row, no record and no message, and is no command of the minute', () => {
    const { story, lease } = turning();
    const { durable } = story.state;
    const [records, told, answers] = [story.records, story.told, story.answers].map(
      (a) => a.length,
    );
    const { commands } = story.state.live;
    for (let n = 2; n < 500; n++) story.passes(50).moves({ lease, n, pan: Math.sin(n) });
    expect(story.state.durable).toBe(durable);
    expect([story.records, story.told, story.answers].map((a) => a.length)).toEqual([
      records,
      told,
      answers,
    ]);
    expect(story.state.live.commands).toBe(commands);
  });

  it('is dropped beyond thirty a second; letting go never is', () => {
    const { story, lease } = turning();
    story.passes(2000);
    for (let n = 2; n <= 2 + movesASecond; n++) story.moves({ lease, n, pan: n / 1000 });
    expect(motion(story)?.pan).toBe((1 + movesASecond) / 1000);
    story.passes(100).moves({ lease, n: 900, pan: 0.9 });
    expect(motion(story)?.pan).toBe(0.9);
    for (let n = 901; n < 950; n++) story.moves({ lease, n, pan: 0.1 });
    story.moves({ lease, n: 950 });
    expect(motion(story)).toBeNull();
  });

  it('ends with the line', () => {
    const { story, lease } = turning();
    story.happens({ kind: 'uplink.offline', reason: 'the broker is gone' });
    expect(motion(story)).toBeNull();
    story.happens({ kind: 'uplink.online', broker: 'b' }).moves({ lease, n: 2, pan: 1 });
    expect(motion(story), 'the lease is still there').not.toBeNull();
  });
});

describe('the lease', () => {
  it('tells whose it is, how long it lasts, and shows it to all', () => {
    const story = new Story();
    const lease = story.takes(li);
    expect(story.lastAnswer?.result).toEqual({
      ...{ lease, idleMs: 30_000, untilWallMs: story.wallMs + 30_000, before: null },
    });
    expect(story.wanted.uplink.stick).toMatchObject(li);
    expect(story.command({ verb: 'status' }, wang).lastAnswer?.result).toMatchObject({ stick: li });
  });

  it('expires thirty seconds after the last operation, and its holder is told', () => {
    const { story, lease } = turning();
    story
      .passes(29_000)
      .moves({ lease, n: 2, pan: 1 })
      .passes(stickTimes.idleMs - 1);
    expect(story.wanted.uplink.stick).not.toBeNull();
    story.passes(1);
    expect(story.wanted.uplink.stick).toBeNull();
    expect(story.notices).toEqual([{ kind: 'stick.expired', lease }]);
    story.moves({ lease, n: 3, pan: 1 });
    expect(motion(story)).toBeNull();
  });

  it('lasts longer when it is taken again; a new one begins to count anew', () => {
    const { story, lease } = turning();
    for (let n = 0; n < 5; n++) keeps(story.passes(20_000), li, lease);
    expect(story.lastAnswer?.result?.lease).toBe(lease);
    const next = story.takes(li);
    expect(next).not.toBe(lease);
    expect(story.notices).toEqual([{ kind: 'stick.lost', lease, reason: 'taken', ...li }]);
    expect(motion(story.moves({ lease: next, n: 1, pan: 1 }))).not.toBeNull();
  });

  it('is the same when the same command comes again', () => {
    const story = new Story();
    const lease = story.takes(li, { id: 'same' });
    expect(story.takes(li, { id: 'same' })).toBe(lease);
    expect(ended(story)).toEqual([]);
  });

  it('goes at once to a higher role, and the dome stands', () => {
    const { story, lease } = turning(chen);
    const next = story.takes(wang);
    expect(story.lastAnswer?.result).toMatchObject({ before: chen });
    expect(story.notices).toEqual([{ kind: 'stick.lost', lease, reason: 'taken', ...wang }]);
    expect(motion(story)).toBeNull();
    story.moves({ ...chen, lease, n: 2, pan: 1 });
    expect(motion(story)).toBeNull();
    story.moves({ ...wang, lease: next, n: 1, pan: -1 });
    expect(motion(story)).toMatchObject({ pan: -1 });
  });

  it('is refused to a lower role, and to an equal one while it is in use', () => {
    const { story, lease } = turning();
    expect(story.takes(wang)).toBe('busy');
    expect(story.lastAnswer?.detail).toContain('110-city/li');
    keeps(story.passes(20_000), li, lease);
    expect(story.takes(platform)).toBe('busy');
    keeps(story.passes(9_999), li, lease);
    expect(story.takes(platform)).toBe('busy');
    expect(story.passes(1).takes(platform), 'nothing was done with it').not.toBe('busy');
    expect(story.takes(wang)).toBe('busy');
  });

  it('is given back once; after that it is nobody’s', () => {
    const { story, lease } = turning();
    story.command({ verb: 'stick.release', lease }, wang);
    expect(story.wanted.uplink.stick, 'by its holder alone').not.toBeNull();
    story.command({ verb: 'stick.release', lease }, li);
    expect(story.lastAnswer?.result).toEqual({ already: false });
    expect(motion(story)).toBeNull();
    story.command({ verb: 'stick.release', lease }, li);
    expect(story.lastAnswer?.result).toEqual({ already: true });
    expect(story.notices).toEqual([]);
  });

  it('does not survive the process', () => {
    const { story } = turning();
    story.happens({ kind: 'terminal.stopping', reason: 'SIGTERM' });
    expect(ended(story)).toMatchObject([{ reason: 'stopping' }]);
    expect(story.restarts().wanted.uplink.stick).toBeNull();
  });

  it('is one record at its end: who, when, how many moves, which presets, why', () => {
    const { story, lease } = turning();
    const { since } = story.state.live.stick.lease ?? {};
    story.moves({ lease, n: 2, pan: 1 }).moves({ lease, n: 3 }).passes(100);
    story.moves({ lease, n: 4, tilt: 1 }).passes(600).moves({ lease, n: 5, tilt: 1 });
    for (const act of [
      { op: 'preset', preset: 'gate' },
      { op: 'relative', pan: 0.1, tilt: 0, zoom: 0 },
      { op: 'wiper', on: true },
    ] as const) {
      does(story, li, lease, act);
      story.happens({ kind: 'job.done', id: story.wanted.jobs[0]?.id ?? '', result: {} });
    }
    const next = story.takes(platform, { role: 'platform' });
    expect(next).toBe('busy');
    story.command({ verb: 'stick.release', lease }, li);
    expect(story.records.filter(({ kind }) => kind === 'command.received')).toEqual([]);
    expect(ended(story)).toEqual([
      {
        ...{ kind: 'stick.ended', lease, ...li, reason: 'released', by: null, since },
        ...{ moves: 4, presets: ['gate'] },
      },
    ]);
  });
});
