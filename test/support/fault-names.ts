// The names of all faults that the sources can raise, as far as they can be read from the text: whole names,
// and a part's prefix with the last words it raises under it. `ID` and `N` stand for what a site chooses.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Files whose faults have a prefix. */
const parts: readonly (readonly [files: string, prefix: string, call: RegExp])[] = [
  ['agent/buttons/box.ts', 'box.ID', /faults\.raise\('([a-z-]+)'/g],
  ['agent/buttons/modem.ts', 'modem.ID', /faults\.raise\('([a-z-]+)'/g],
  ['agent/buttons/modbus.ts', 'modbus.ID', /faults\.raise\('([a-z-]+)'/g],
  ['agent/gpio/gpio.ts', 'gpio', /faults\.raise\('([a-z-]+)'/g],
  ['agent/gpio/output.ts', 'output.ID', /faults\.raise\('([a-z-]+)'/g],
  ['agent/dome/troubles.ts', 'dome', /^ {2}\| '([a-z-]+)'$/gm],
];

const heads = 'uplink|clock|storage|config|control|notify|disk|machine|sound|talk|live|clip';
const whole = new RegExp(`'((?:${heads})(?:\\.[a-z0-9-]+)+)'`, 'g');
/** Facts, fields, files and verbs that look like one. */
const others =
  /^(uplink\.(online|offline|acked|received)|storage\.recovered|control\.socket|(talk|live)\.cjs)$/;

/** Sorted, each once. */
export function faultNames(): string[] {
  const found = new Set<string>();
  for (const [file, prefix, call] of parts)
    for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(call))
      found.add(`${prefix}.${name}`);
  for (const file of globSync('agent/{store,uplink,system,media,config,core}/**/*.ts', {
    cwd: root,
  }))
    for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(whole))
      if (!others.test(name) && !file.startsWith('agent/sim')) found.add(name);
  return [...found].sort();
}
