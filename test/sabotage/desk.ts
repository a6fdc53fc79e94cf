// Wrong versions of the dispatchers' side: the floor, tokens, voices.

import { type Wrong, wrong } from './wrong.ts';

const floor = 'agent/core/floor.ts';
const tokens = 'agent/sim/login/tokens.ts';
const broker = 'agent/sim/broker.ts';
const stories = ['test/core/floor.test.ts', 'test/storm/floor.test.ts'];
const logins = 'test/web/login.test.ts';
const voices = 'test/media/talk/floor.test.ts';

export const wrongDesk: readonly Wrong[] = [
  wrong('the floor is taken by a lower role', stories, [
    floor,
    'holder !== session && ranks[session.role] >= ranks[holder.role]',
    'holder !== session && ranks[session.role] < ranks[holder.role]',
  ]),
  wrong(
    'the floor is given to one who is not there',
    stories,
    [floor, 'if (!next || !canSpeak(next))', 'if (to === null)'],
    [floor, "pass(draft, next.id, 'given');", "pass(draft, to, 'given');"],
  ),
  wrong('the floor is held by a call that only rings', stories, [
    floor,
    'isTalker(session) && session.connectedMs !== null',
    'isTalker(session)',
  ]),
  wrong('whoever leaves the floor gets it back at once', stories, [
    floor,
    'canSpeak(session) && !live.floor.left.includes(session.id)',
    'canSpeak(session)',
  ]),
  wrong('a token is not checked for its end', logins, [
    tokens,
    'maxTokenAge: loginLimits.tokenS,',
    'clockTolerance: 1e9,',
  ]),
  wrong('a connection outlives its token', logins, [broker, '        client.close();\n', '']),
  wrong('a token is good for another user', logins, [
    broker,
    'claims?.sub !== username',
    'claims === null',
  ]),
  wrong('the next line is made when the last one has gone', logins, [
    'agent/web/client/link.ts',
    'const renewAfter = 0.6;',
    'const renewAfter = 6;',
  ]),
  wrong('an event heard on two lines is told twice', logins, [
    'agent/web/client/terminals.ts',
    'if (this.#heard.has(id)) return false;',
    '',
  ]),
  wrong('voices are as loud as they come', voices, [
    'agent/media/talk/call.ts',
    'this.#level.take(frame, this.#isSpeaking)',
    'frame',
  ]),
  wrong('the floor changes without a sound', voices, [
    'agent/media/talk/desk.ts',
    'if (known.speaks !== wanted.speaks) known.cue',
    'if (wanted.announced) known.cue',
  ]),
];
