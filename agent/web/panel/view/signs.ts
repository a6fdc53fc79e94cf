// A shape and a glyph for every word, drawn in a field of 100 by 100: a round sign is well, one with corners
// asks for something, dots count the steps of the lamp's flashes.

import type { Sign } from '../model/stage.ts';

interface Drawn {
  /** Lit in the lamp's colour. */
  readonly shape: string;
  /** Dark, upon it. */
  readonly glyph: string;
}

const round = 'M50 10a40 40 0 1 0 .01 0z';
const square = 'M18 18h64v64H18z';
const triangle = 'M50 8 90 80H10z';
const diamond = 'M50 8 92 50 50 92 8 50z';
const octagon = 'M34 10h32l24 24v32L66 90H34L10 66V34z';

const dot = (x: number, y: number): string => `M${x} ${y}a8 8 0 1 0 16 0a8 8 0 1 0-16 0z`;
const exclamation = 'M45 32h10l-2 26h-6zM45 63h10v10h-10z';
const cross = 'M33 27l17 17 17-17 6 6-17 17 17 17-6 6-17-17-17 17-6-6 17-17-17-17z';
const telephone =
  'M32 30c4-4 7-4 9 0l4 8c1 3 0 5-3 7 3 7 8 11 14 14 2-3 4-4 7-3l8 4c4 2 4 6 0 9' +
  '-4 4-9 5-15 2-12-6-20-14-25-26-2-6-2-11 1-15z';

export const signs: { readonly [S in Sign]: Drawn } = {
  ready: { shape: round, glyph: 'M29 52l8-8 9 9 18-20 8 7-26 29z' },
  unstored: { shape: diamond, glyph: exclamation },
  stored: { shape: square, glyph: dot(42, 50) },
  sent: { shape: square, glyph: dot(28, 50) + dot(56, 50) },
  received: { shape: square, glyph: dot(42, 36) + dot(28, 62) + dot(56, 62) },
  seen: { shape: square, glyph: dot(28, 36) + dot(56, 36) + dot(28, 62) + dot(56, 62) },
  taken: { shape: round, glyph: telephone },
  talking: { shape: round, glyph: 'M26 32h48v30H54L40 76V62H26z' },
  resolved: { shape: round, glyph: 'M28 45h44v10H28z' },
  undelivered: { shape: triangle, glyph: exclamation },
  'link-down': { shape: diamond, glyph: 'M30 45h14v10H30zM56 45h14v10H56zM47 30h6v40h-6z' },
  unknown: {
    shape: octagon,
    glyph: cross,
  },
};
