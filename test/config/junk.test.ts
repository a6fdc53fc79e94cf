// Whatever stands in the file, loading it gives a configuration or a `Refusal`: nothing else comes
// out, and no password that stands where none belongs.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '#agent/config/yaml.ts';
import { loadConfig } from '#agent/config.ts';
import { Refusal } from '#agent/refusal.ts';
import { makeSite, refusalOf, rightText, type Site } from './support.ts';

/** True when it was refused; anything but a `Refusal` is thrown on. */
function isRefused(site: Site, text: string): boolean {
  site.write('gate-agent.yaml', text);
  try {
    loadConfig(site.request);
    return false;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.fields.length).toBeGreaterThan(0);
    return true;
  }
}

const piece = fc.constantFrom(
  ...[
    'a',
    '- ',
    ': ',
    '\n',
    '  ',
    '\t',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '!!set ',
    '!x ',
  ],
  ...[
    '%YAML 1.1\n',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    '"',
    "'",
    '#',
    '<<: ',
    '\0',
    '\ud800',
    '\u2028',
  ],
  ...[
    'terminal: ',
    'boxes: ',
    'id: ',
    'identity:\n',
    'null',
    '~',
    '1e999',
    '__proto__: ',
    'constructor: ',
  ],
);
const lines = rightText.split('\n');

describe('junk', () => {
  it('pieces of YAML are refused', () => {
    const site = makeSite();
    const junk = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(junk, (text) => isRefused(site, text)),
      { numRuns: 400 },
    );
  });

  it('any text is refused', () => {
    const site = makeSite();
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(text, (junk) => isRefused(site, junk)),
      { numRuns: 200 },
    );
  });

  it('the right text with a line replaced by junk is taken or refused', () => {
    const site = makeSite();
    const edit = fc.tuple(fc.nat({ max: lines.length - 1 }), fc.array(piece, { maxLength: 12 }));
    const oneLine = fc.property(edit, ([at, pieces]) => {
      isRefused(site, lines.with(at, pieces.join('')).join('\n'));
    });
    fc.assert(oneLine, { numRuns: 400 });
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['brackets on lines', '[\n'.repeat(60_000)],
    ['braces', 'a: {a:\n'.repeat(30_000)],
    ['dashes', `${'- '.repeat(100_000)}a`],
    ['a staircase', Array.from({ length: 400 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    [
      'laughs',
      ['a: &a [x, x]', ...Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*a, *a]`)].join(
        '\n',
      ),
    ],
    ['one long key', `${'k'.repeat(200_000)}: 1`],
    ['many keys', Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n')],
  ])('%s are refused in bounded time', (_, text) => {
    const startMs = performance.now();
    expect(isRefused(makeSite(), text)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('however much is wrong, no more than 200 fields are told', () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n');
    expect(refusalOf(() => loadAll(text)).fields.length).toBeLessThanOrEqual(200);
  });
});

function loadAll(text: string): void {
  const site = makeSite();
  site.write('gate-agent.yaml', text);
  loadConfig(site.request);
}

describe('a password in the wrong place', () => {
  const secret = 'hunter2hunter2';
  it.each([
    ['beside passwordFile', `broker:\n  password: ${secret}`],
    ['in passwordFile', `dome: { passwordFile: ${secret} }`],
    ['in the address', `broker: { url: "mqtts://u:${secret}@h" }`],
    ['as a tag', `broker: { passwordFile: !${secret} }`],
    ['as an alias', `broker: { passwordFile: *${secret} }`],
    ['as an anchor', `broker: { passwordFile: &${secret} x }`],
    ['behind an unclosed quote', `broker:\n  passwordFile: "${secret}`],
    ['behind a stray colon', `broker: a: ${secret}`],
    ['as stray text', `broker: [a]\n ${secret}\n`],
    ['with a stray bracket', `broker: ${secret} ]`],
    ['as a directive', `%${secret}\n---\n`],
    ['as a long escape', `broker: { passwordFile: "\\U${secret}" }`],
    ['as a bad escape', `broker: { passwordFile: "\\q${secret}" }`],
  ])('%s is not shown', (_, text) => {
    const refusal = refusalOf(() => loadAll(text));
    expect(`${JSON.stringify(refusal.fields)} ${refusal.stack}`).not.toContain(secret);
  });

  it('is kept as it was written, quotes, # and all, until it is shown', () => {
    expect(readYaml('a: "x # y"\nb: 007\nc: "null"\nd: null').root).toEqual({
      a: 'x # y',
      b: '007',
      c: 'null',
      d: undefined,
    });
  });
});
