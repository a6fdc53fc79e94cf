// Wrong versions of the tracking by the agent.

import { type Wrong, wrong } from './wrong.ts';

const scenes = 'test/scenario/tracking.test.ts';
const wire = 'test/dome/track/wire.test.ts';

export const wrongTracking: readonly Wrong[] = [
  wrong('who comes out behind a tree with another number is a stranger', scenes, [
    'agent/dome/track/choice.ts',
    'return nearest(like, off);',
    'return null;',
  ]),
  wrong('the dome trembles before somebody who stands', scenes, [
    'agent/dome/track/follow.ts',
    'if (Math.hypot(by.x, by.y) < band.turn) return rest;',
    '',
  ]),
  wrong('a document with a hole in it is read', 'test/dome/track/frame.test.ts', [
    'agent/dome/track/metadata.ts',
    '!isNext || this.#bytes',
    'this.#bytes',
  ]),
  wrong('who turns back is run past for a second', 'test/dome/track/follow.test.ts', [
    'agent/dome/track/course.ts',
    'return this.#nimble && walks &&',
    'return !walks && this.#nimble &&',
  ]),
  wrong('who walks where nobody may look is followed there', wire, [
    'agent/dome/track/agent.ts',
    '!isLimited(profile.range) &&',
    'isLimited(profile.range) !== null &&',
  ]),
  wrong('the stick waits for the tracking to end', wire, [
    'agent/dome/dome.ts',
    'if (target.motion || !target.tracking) parts.tracker?.want(false);',
    '',
  ]),
  wrong('a refused password is tried again', wire, [
    'agent/dome/track/metadata.ts',
    'error instanceof RtspRefused ? Number.POSITIVE_INFINITY : this.#pauseMs()',
    'this.#pauseMs()',
  ]),
];
