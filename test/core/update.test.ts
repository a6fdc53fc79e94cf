// A release: who may offer it, when the program may be exchanged, and that its end is told once.

import { describe, expect, it } from 'vitest';
import type { Role } from '#agent/core/command.ts';
import { updateLimits, whyNoUpdate } from '#agent/core/update.ts';
import { compareVersions, isVersion } from '#agent/core/version.ts';
import { offerOf, Story } from './story.ts';

const sha256 = 'ab'.repeat(32);
const verb = 'update.offer' as const;
const offered = {
  ...{ verb, version: '0.1.0', url: 'https://files.example/1?secret' },
  ...{ bytes: 1000, sha256 },
};
const offer = (story: Story, change: Partial<typeof offered> = {}, role: Role = 'platform') =>
  story.command({ ...offered, ...change }, { role });
const why = (story: Story) => whyNoUpdate(story.state, story.now);
const end = { id: 'r-1', verdict: 'applied', version: '0.1.0', from: '0.0.0', detail: '' } as const;

describe('an offer', () => {
  it('is taken from the platform alone, recorded without its address, and told when it fails', () => {
    const story = new Story();
    expect(offer(story, {}, '110-city').lastAnswer?.reason).toBe('not-allowed');
    const update = offer(story).lastAnswer?.result?.update;
    const { fetch } = story.wanted.update;
    expect(fetch).toEqual({ ...offered, verb: undefined, id: update });
    expect(story.records.filter(({ kind }) => kind !== 'terminal.started')).toEqual([
      {
        kind: 'update.offered',
        update,
        version: '0.1.0',
        bytes: 1000,
        sha256,
        role: 'platform',
        user: 'li',
      },
    ]);
    expect(JSON.stringify(story.records)).not.toContain('secret');
    story.happens({ kind: 'update.fetched', id: String(update), detail: 'no such host' });
    expect(story.wanted.update.fetch).toBeNull();
    expect(story.told.at(-1)?.body).toEqual({
      ...{ kind: 'update.failed', update, version: '0.1.0', detail: 'no such host' },
    });
  });

  it('tells nothing when the file is here: that is for the updater', () => {
    const story = offer(new Story());
    const id = String(story.lastAnswer?.result?.update);
    story.happens({ kind: 'update.fetched', id, detail: null });
    expect(story.wanted.update.fetch).toBeNull();
    expect(story.told).toEqual([]);
    expect(story.records.at(-1)).toMatchObject({ kind: 'update.fetched', id });
  });

  it('not newer, or beside another one, is refused; the same takes a new address', () => {
    const story = new Story();
    for (const version of ['0.0.0', '0.0.0~rc1'])
      expect(offer(story, { version }).lastAnswer?.reason).toBe('failed');
    const first = offer(story).lastAnswer?.result;
    expect(offer(story, { sha256: 'cd'.repeat(32) }).lastAnswer?.reason).toBe('busy');
    expect(offer(story, { url: 'https://files.example/2' }).lastAnswer?.result).toEqual(first);
    expect(story.wanted.update.fetch?.url).toBe('https://files.example/2');
  });

  it('stands still while a case is open, ends after a day, and dies with the process', () => {
    const story = offer(new Story());
    expect(story.wanted.update.isPaused).toBe(false);
    expect(story.press('desk').wanted.update.isPaused).toBe(true);
    expect(story.restarts().wanted.update.fetch).toBeNull();
    offer(story).passes(updateLimits.fetchMs);
    expect(story.wanted.update.fetch).toBeNull();
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'update.failed', version: '0.1.0' });
  });
});

describe('leave', () => {
  it('is withheld while a case is open, a silent one, too, and names none', () => {
    const story = new Story();
    expect(why(story)).toBeNull();
    expect(why(story.press('quiet'))).toBe('a case is open');
    story.command({ verb: 'resolve', incident: story.of('quiet').id, reason: 'x', note: null });
    expect(why(story)).toBeNull();
  });

  it('is withheld in a window, during a call and a test, and while the disk takes nothing', () => {
    const story = new Story();
    const window = { verb: 'window.open', mark: 'drill', minutes: 5, siren: false } as const;
    expect(why(story.command(window))).toBe('a window is open: drill');
    expect(why(story.passes(5 * 60_000))).toBeNull();
    expect(why(story.command(offerOf('s-1', { kind: 'live' })))).toBeNull();
    expect(why(story.command(offerOf('s-2')))).toBe('a call is under way');
    story.command({ verb: 'session.bye', session: 's-2' });
    expect(why(story)).toBeNull();
    story.command({ verb: 'test', part: 'lamp' }, { role: 'installer' });
    expect(why(story)).toBe('a test is under way');
    story.passes(20_000).happens({ kind: 'storage.failed', reason: 'full', unstored: [] });
    expect(why(story)).toBe('records are waiting for the disk');
  });
});

describe("the updater's result", () => {
  it('is told once, in whichever life it is read', () => {
    const story = new Story();
    story.happens({ kind: 'update.ended', ...end }).happens({ kind: 'update.ended', ...end });
    story.restarts().happens({ kind: 'update.ended', ...end });
    const told = () =>
      story.told.map(({ body }) => body).filter(({ kind }) => /^update/.test(kind));
    expect(told()).toEqual([{ kind: 'update.applied', version: '0.1.0', from: '0.0.0' }]);
    const records = () => story.records.filter(({ kind }) => kind === 'update.ended');
    expect(records()).toHaveLength(1);
    const detail = 'new dome.lost';
    story.happens({ kind: 'update.ended', ...end, id: 'r-2', verdict: 'failed', detail });
    expect(told()[1]).toEqual({ kind: 'update.failed', update: null, version: '0.1.0', detail });
  });
});

describe('versions', () => {
  it("are in Debian's order", () => {
    const order = [
      '0.9.0',
      '0.10.0~rc1',
      '0.10.0~rc2',
      '0.10.0',
      '0.10.0+fix1',
      '0.10.0.1',
      '1.0',
      '1.0a',
    ];
    expect(order.toSorted(compareVersions)).toEqual(order);
    expect([...order].reverse().toSorted(compareVersions)).toEqual(order);
    expect(compareVersions('1.2.0', '1.2.00')).toBe(0);
  });

  it('are names of folders', () => {
    for (const bad of ['', '..', '../1', '1/2', '.1', 'v1', '1 2', '1\n', '1'.repeat(65)])
      expect(isVersion(bad), bad).toBe(false);
    for (const good of ['0.1.0', '1.2.0~rc1', '1.0+changed']) expect(isVersion(good)).toBe(true);
  });
});
