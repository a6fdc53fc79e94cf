// Inputs that get far: right ones with a few wrong places, and names that every object has.

import fc from 'fast-check';

/** Words that are keys of every object, and other strings that trip programs. */
export const nastyWords = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\0',
  '\ud800',
  '\u2028',
  '../..',
  '+',
  '#',
  '1e999',
  '-0',
  'null',
  'a'.repeat(300),
] as const;
export const nastyWord = fc.constantFrom(...nastyWords);

interface Edit {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const edits = (piece: fc.Arbitrary<string>): fc.Arbitrary<Edit[]> =>
  fc.array(fc.record({ at: fc.nat(), cut: fc.nat({ max: 12 }), put: piece }), { maxLength: 5 });

function edited(text: string, changes: readonly Edit[]): string {
  return changes.reduce((so, { at, cut, put }) => {
    const from = at % (so.length + 1);
    return so.slice(0, from) + put + so.slice(from + cut);
  }, text);
}

/** One of the right texts, with some of it cut and `piece`s or anything else put in. */
export function nearlyRight(
  right: readonly string[],
  piece: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const put = fc.oneof(piece, nastyWord, fc.string({ maxLength: 6 }), fc.constant(''));
  return fc
    .tuple(fc.constantFrom(...right), edits(put))
    .map(([text, changes]) => edited(text, changes));
}

/** Values as JSON holds them, nasty keys and strings among them. */
export const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 3 }), nastyWord);

/** A right object with some values replaced, dropped or added. */
export function nearlyRightObject(
  right: Readonly<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const key = fc.oneof(fc.constantFrom(...Object.keys(right)), nastyWord);
  const value = fc.oneof(anyJson, fc.constant(undefined), fc.integer(), fc.double());
  return fc.array(fc.tuple(key, value), { maxLength: 3 }).map((changes) => ({
    ...right,
    ...Object.fromEntries(changes.filter(([name]) => name !== '__proto__')),
  }));
}
