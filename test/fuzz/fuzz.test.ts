// A second for each parser, with everything that once broke it first; a minute each in test/long.

import { describe, it } from 'vitest';
import { fuzzOf, parsers } from './all.ts';

describe('any input is read or refused', () => {
  it.each(parsers)('%s', (parser) => fuzzOf(parser, 1_000));
});
