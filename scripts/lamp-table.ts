// Writes the lamp's language for everybody who reads lamps: the README's table, config/lamp.json (every
// pattern the lamp can show, with what it means) and the guard's cards of config/docs. `--check` writes
// nothing and fails when one of them is stale.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LampTarget, type LampWord, ladder } from '../agent/core/target.ts';
import { lampTable, signalOf } from '../agent/lamp/patterns.ts';
import { guardCard, languages } from './guard-card.ts';

const root = join(import.meta.dirname, '..');
const words: readonly LampWord[] = ['ready', 'unstored', ...ladder, 'undelivered'];
const marks: readonly LampTarget['mark'][] = [null, 'drill', 'service'];
const silents: readonly (LampWord | null)[] = [null, 'stored', 'undelivered'];

/** What each pattern on a lamp means: the guard's card as data. */
function readings(): Record<string, LampTarget> {
  const targets = words.flatMap((word) =>
    [false, true].flatMap((fault) =>
      (word === 'ready' ? [false, true] : [false]).flatMap((linkDown) =>
        (word === 'ready' ? silents : [null]).flatMap((silent) =>
          marks.map((mark) => ({ word, silent, fault, linkDown, mark })),
        ),
      ),
    ),
  );
  // Several targets may look the same to a person; the first, which claims least, names it.
  return Object.fromEntries(
    targets.toReversed().map((target) => [signalOf(target).lamp, target] as const),
  );
}

function markdown(): string {
  const rows = lampTable().map(
    ({ word, zh, en, looksLike, lamp }) =>
      `| ${word} | ${zh} | ${en} | ${looksLike} | \`${lamp}\` |`,
  );
  return [
    '| word | 中文 | English | looks and sounds like | pattern |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const begin = '<!-- lamp table: written by scripts/lamp-table.ts -->';
const end = '<!-- end of lamp table -->';

function withTable(readme: string): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error('README.md has no place for the lamp table');
  return `${before}${begin}\n${markdown()}\n${end}${after}`;
}

const files = [
  { path: join(root, 'README.md'), make: withTable },
  {
    path: join(root, 'config/lamp.json'),
    make: () => `${JSON.stringify({ table: lampTable(), readings: readings() }, null, 2)}\n`,
  },
  ...languages.map((language) => ({
    path: join(root, `config/docs/guard.${language}.html`),
    make: () => guardCard(language),
  })),
];

let stale = false;
for (const { path, make } of files) {
  let old = '';
  try {
    old = readFileSync(path, 'utf8');
  } catch (cause) {
    if (path.endsWith('README.md')) throw new Error(`cannot read ${path}`, { cause });
  }
  const fresh = make(old);
  if (fresh === old) continue;
  stale = true;
  if (!process.argv.includes('--check')) writeFileSync(path, fresh);
}
if (stale && process.argv.includes('--check')) {
  console.error('the lamp table is stale: run node scripts/lamp-table.ts');
  process.exitCode = 1;
}
