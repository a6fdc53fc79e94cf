// An hour of a contact that chatters at 1 kHz, in virtual time: 3.6 million edges.

import { describe, it } from 'vitest';
import { chatters } from '#test/scenario/chatter.ts';

const ms = 3_600_000;

describe('an hour of it', () => {
  it('counted, link up', () => chatters('counted', { ms, link: 'up' }));
  it('counted, link down, killed in the middle', () =>
    chatters('counted', { ms, link: 'down', killed: true }));
  it('on a bare line', () => chatters('bare', { ms, link: 'up' }));
});
