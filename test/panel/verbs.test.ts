// What the daemon tells the panel's process: nothing of a silent case, wherever one could look for it, and no
// more than so much a minute.

import { expect, test } from 'vitest';
import { type LocalDesk, localVerbs } from '#agent/local/verbs.ts';
import { type LocalView, localLimits, localView } from '#agent/local/words.ts';
import { offerOf, Story } from '../core/story.ts';
import { countingIds, VirtualClock } from '../fakes/clock.ts';

/** The verbs before a story; `lines` is the log. */
function desk(story: Story, lines: readonly string[] = []) {
  const clock = new VirtualClock(story.monoMs, story.wallMs);
  const config = { terminal: { id: 't1' }, identity: { school: 'S', gate: 'G' }, dome: null };
  const figures = { outboxRows: 0, transactions: 0, chainSeq: 1, chainHash: '', behind: 0 };
  const parts = {
    config,
    terminal: {
      get state() {
        return story.state;
      },
      get wanted() {
        return story.wanted;
      },
      emit: (fact: Parameters<Story['happens']>[0], stepped?: () => void) => {
        story.happens(fact);
        stepped?.();
      },
    },
    ...{ store: { figures: () => figures }, uplink: { figures: () => ({ broker: 'b' }) } },
    ...{ gpio: null, ids: countingIds() },
  };
  const log = { recent: () => ({ lines: [...lines], next: null }) };
  // As much of a configuration as the view reads.
  const verbs = localVerbs({ version: '1', clock, log, desk: parts as unknown as LocalDesk });
  return { verbs, view: (): LocalView => localView.parse(verbs['local.view']()) };
}
const unlike = ({ nowWallMs: _, uptimeS: __, rssMb: ___, ...view }: LocalView) => view;

test('with a silent button pressed, stuck, and somebody listening, it is as if nothing were', () => {
  const calm = new Story();
  const story = new Story();
  story.contact('quiet', 'pressed', 1);
  story.command({ ...offerOf('s1'), mode: 'listen' });
  story.happens({ kind: 'session.connected', session: 's1' });
  story.passes(40_000);
  calm.passes(40_000);
  expect(Object.keys(story.state.live.faults)).toEqual(['input.quiet.stuck']);
  expect(story.incidents).toMatchObject([{ kind: 'silent' }]);
  expect(Object.keys(story.state.live.sessions)).toEqual(['s1']);
  expect(unlike(desk(story).view())).toEqual(unlike(desk(calm).view()));
});

test('in service an installer sees the silent button that he presses', () => {
  const story = new Story();
  const window = { mark: 'service', minutes: 5, siren: false } as const;
  const act = { do: 'window.open', window } as const;
  story.happens({ kind: 'local.asked', id: 'a', user: 'wang', duress: false, act });
  story.contact('quiet', 'pressed', 1);
  const { armed } = desk(story).view();
  expect(armed?.inputs.find(({ id }) => id === 'quiet')).toMatchObject({ contact: 'pressed' });
  expect(armed?.alarms).toEqual([]);
});

test('lines of the log that speak of a silent case, or of duress, stay here', () => {
  const story = new Story().press('quiet').press('desk');
  const silent = story.of('quiet').id;
  const told = [
    ...[`{"told":[{"alarm":"silent"}]}`, `{"incident":"${silent}"}`, `{"input":"quiet"}`],
    ...['{"fact":{"duress":true}}', '{"input":"@panel"}'],
  ];
  const plain = [`{"incident":"${story.of('desk').id}"}`, '{"input":"desk"}'];
  const { verbs } = desk(story, [...told, ...plain]);
  expect(verbs['local.log']({ from: 0 })).toEqual({ lines: plain, next: null });
});

test('no more is taken than so much a minute, and an alarm always', async () => {
  const story = new Story();
  const { verbs } = desk(story);
  const mute = { user: 'x', duress: false, act: { do: 'mute' } };
  for (let n = 0; n < localLimits.actsAMinute; n += 1)
    expect(await verbs['local.do'](mute)).toMatchObject({ ok: true });
  expect(await verbs['local.do'](mute)).toMatchObject({ ok: false, reason: 'too-many' });
  const signIn = { user: 'x', duress: true, act: { do: 'sign-in', from: '' } };
  expect(await verbs['local.do'](signIn)).toMatchObject({ ok: true });
  expect(story.incidents).toMatchObject([{ cause: 'duress' }]);
});

test('an unarmed terminal says so, and is started anew if asked', async () => {
  const clock = new VirtualClock();
  const log = { recent: () => ({ lines: [], next: null }) };
  let restarts = 0;
  const restart = () => {
    restarts += 1;
  };
  const verbs = localVerbs({ version: '1', clock, log, desk: null, restart });
  expect(localView.parse(verbs['local.view']()).armed).toBeNull();
  const ask = (what: string) => verbs['local.do']({ user: '', duress: false, act: { do: what } });
  expect(await ask('reset')).toMatchObject({ ok: false });
  // A process that has just begun is left alone.
  expect(await ask('restart')).toMatchObject({ ok: process.uptime() >= 60 });
  clock.advance(1_000);
  expect(restarts).toBe(process.uptime() >= 60 ? 1 : 0);
});
