// Writes config/contract, or the directory given: schema/ and example/ with one file a message kind, and
// asyncapi.yaml, which holds all of it once more in one piece. `--check` writes nothing and fails when
// a file is stale, missing or left over.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { asyncapi } from './contract-asyncapi.ts';
import { examples } from './contract-examples.ts';
import { kinds, schemaOf } from './contract-kinds.ts';

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [place = join(import.meta.dirname, '../config/contract')] = positionals;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What must be there, by path inside the place. */
function wanted(): Map<string, string> {
  const style = { lineWidth: 100, aliasDuplicateObjects: false, blockQuote: 'literal' } as const;
  // A reader of YAML 1.1 takes a bare `on` for a boolean.
  const text = stringify(asyncapi(), { ...style, compat: 'yaml-1.1' });
  const head = '# Written by scripts/contract from agent/contract.ts; edit that.\n';
  const files = new Map([['asyncapi.yaml', head + text]]);
  for (const kind of kinds) {
    files.set(`schema/${kind.name}.json`, json(schemaOf(kind)));
    files.set(`example/${kind.name}.json`, json(examples.get(kind.name)));
  }
  return files;
}

function present(): string[] {
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)));
}

const files = wanted();
const there = present();
const changed = [...files].filter(
  ([path, text]) => !there.includes(path) || readFileSync(join(place, path), 'utf8') !== text,
);
const leftOver = there.filter((path) => !files.has(path));

if (values.check) {
  for (const path of [...changed.map(([name]) => name), ...leftOver])
    console.error(`stale: ${path}`);
  if (changed.length + leftOver.length > 0) {
    console.error('config/contract is not what agent/contract.ts says: run scripts/contract');
    process.exitCode = 1;
  }
} else {
  for (const what of ['schema', 'example']) mkdirSync(join(place, what), { recursive: true });
  for (const [path, text] of changed) writeFileSync(join(place, path), text);
  for (const path of leftOver) rmSync(join(place, path));
  console.log(`${files.size} files, ${changed.length + leftOver.length} of them changed`);
}
