// A storm over the floor of a call: dispatchers who ring, connect, take, ask, give, leave and vanish in any
// order, over restarts and the end of cases. Whatever has happened, one of them at most is heard.

import { expect, it } from 'vitest';
import { floorActs, type Role } from '#agent/core/command.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import { offerOf, Story } from '#test/core/story.ts';
import { type Dice, diceOf } from './random.ts';

type Who = readonly [role: Role, user: string];
const people: readonly [Who, ...Who[]] = [
  ['110-city', 'li'],
  ['110-city', 'zhao'],
  ['110-district', 'wang'],
  ['110-district', 'chen'],
  ['installer', 'wu'],
];
const seeds = 300;
const steps = 80;

function happens(story: Story, dice: Dice, n: number): string {
  const [role, user] = dice.pick(people);
  const who = { role, user, replyTo: `gate/v1/t1/reply/${role}/${user}/x` };
  const sessions = Object.keys(story.state.live.sessions);
  const one = sessions[dice.between(0, sessions.length - 1)] ?? 'nobody';
  const own = sessions.filter((id) => id.startsWith(user)).at(-1) ?? one;
  const what = dice.weighted({
    ...{ offer: 6, connected: 8, floor: 14, bye: 3, closed: 2, wait: 3, press: 1, resolve: 1 },
    ...{ restart: 1 },
  });
  switch (what) {
    case 'offer': {
      const mode = dice.onceIn(5) ? 'listen' : 'talk';
      const kind = dice.onceIn(6) ? 'live' : 'talk';
      const replaces = dice.onceIn(3) ? own : null;
      story.command(offerOf(`${user}-${n}`, { mode, kind, replaces }), who);
      return `${user} offers ${kind} to ${mode}`;
    }
    case 'connected':
      story.happens({ kind: 'session.connected', session: one });
      return `${one} is connected`;
    case 'floor': {
      const act = dice.pick(floorActs);
      const to = dice.onceIn(8) ? 'nobody' : one;
      story.command({ verb: 'session.floor', session: own, act, to }, who);
      return `${user}: ${act} of ${own}, to ${to}`;
    }
    case 'bye':
      story.command({ verb: 'session.bye', session: own }, who);
      return `${user} leaves ${own}`;
    case 'closed':
      story.happens({ kind: 'session.closed', session: one, reason: 'lost', detail: 'x' });
      return `${one} is lost`;
    case 'wait':
      story.passes(dice.pick([10, 1_000, 25_000]));
      return 'time passes';
    case 'press':
      story.press('desk');
      return 'a press';
    case 'resolve': {
      const open = story.incidents.find(({ resolved }) => !resolved)?.id ?? 'none';
      story.command({ verb: 'resolve', incident: open, reason: 'x', note: null });
      return `${open} is resolved`;
    }
    case 'restart':
      story.restarts();
      return 'a restart';
  }
}

/** What is wrong with the floor as it stands, in words. */
function* wrongs({ state, wanted, notices }: Story): Generator<string> {
  const { floor, sessions } = state.live;
  const talkers = Object.values(sessions).filter(
    ({ kind, mode, connectedMs }) => kind === 'talk' && mode === 'talk' && connectedMs !== null,
  );
  const heard = wanted.media.sessions.filter(({ speaks }) => speaks).map(({ id }) => id);
  if (heard.length > 1) yield `${heard} are heard at once`;
  if (floor.holder !== null && !talkers.some(({ id }) => id === floor.holder))
    yield `${floor.holder} has the floor and cannot speak`;
  const willing = talkers.filter(({ id }) => !floor.left.includes(id));
  if (floor.holder === null && willing.length > 0)
    yield `nobody has the floor, ${willing.map(({ id }) => id)} could`;
  for (const id of [...floor.asking, ...floor.left])
    if (!Object.hasOwn(sessions, id)) yield `${id} is gone, and still asks or has left`;
  if (floor.holder !== null && floor.asking.includes(floor.holder))
    yield `${floor.holder} asks for what it has`;
  for (const { id } of talkers) {
    const told = notices.findLast((one) => one.kind === 'session.floor' && one.session === id);
    if (told?.kind !== 'session.floor' || told.yours !== (floor.holder === id))
      yield `${id} was told otherwise`;
  }
}

it(`one floor, held by one who can speak, and known to all: ${seeds} storms`, () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const dice = diceOf(seed);
    const story = new Story({ media: { ...defaultMediaRules, talkersMax: 4, viewersMax: 2 } });
    const happened: string[] = [];
    if (dice.onceIn(2)) story.press('desk');
    for (let n = 0; n < steps; n++) {
      happened.push(happens(story, dice, n));
      const wrong = [...wrongs(story)];
      expect(wrong, `seed ${seed}:\n${happened.join('\n')}`).toEqual([]);
    }
  }
});
