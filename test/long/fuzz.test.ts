// A minute for each parser.

import { describe, it } from 'vitest';
import { fuzzOf, parsers } from '#test/fuzz/all.ts';

const minute = 60_000;

describe('any input is read or refused', () => {
  it.each(parsers)('%s', (parser) => fuzzOf(parser, minute), 3 * minute);
});
