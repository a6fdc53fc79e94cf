// Forty seconds of a contact that chatters at 1 kHz; an hour of it in test/long.

import { describe, it } from 'vitest';
import { chatters } from './chatter.ts';

const ms = 40_001;

describe('a contact that chatters a thousand times a second', () => {
  it('of a source that counts it all: folded, nothing lost', () =>
    chatters('counted', { ms, link: 'up' }));

  it('while the link is down: the outbox grows by the minute, not by the edge', () =>
    chatters('counted', { ms, link: 'down' }));

  it('and a SIGKILL in the middle', () => chatters('counted', { ms, link: 'up', killed: true }));

  it('of a bare line: one press', () => chatters('bare', { ms, link: 'up' }));
});
