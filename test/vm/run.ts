// `npm run test:vm [-- --only PART,.. --cuts N --control-cuts N --fast-cuts N --gpio-presses N
// --update-cuts N --deb FILE --other FILE --seed N --keep --record]`: the parts (parts.ts) in order, each
// timed; ends at the first that fails. `--record` puts the figures into test/bench/results.json.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rendered, tableOf } from '#test/bench/render.ts';
import { merge, readResults, tookPlace, writeResults } from '#test/bench/results.ts';
import { type Context, parts } from './parts.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    cuts: { type: 'string', default: '30' },
    'control-cuts': { type: 'string', default: '10' },
    'fast-cuts': { type: 'string', default: '300' },
    'gpio-presses': { type: 'string', default: '1000' },
    'update-cuts': { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    deb: { type: 'string' },
    other: { type: 'string' },
    keep: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

const names = Object.keys(parts);
const only = values.only?.split(',') ?? names;
const unknown = only.find((name) => !names.includes(name));
if (unknown !== undefined) stop(`--only ${unknown}: must be of ${names.join(', ')}`);

function stop(why: string): never {
  console.error(`test-vm: ${why}`);
  process.exit(64);
}

type Count = 'cuts' | 'control-cuts' | 'fast-cuts' | 'update-cuts' | 'gpio-presses' | 'seed';

function count(name: Count): number {
  const given = values[name];
  if (!/^\d{1,9}$/.test(given)) stop(`--${name} ${given}: must be a number`);
  return Number(given);
}

const told = (line: string): void => console.log(`test-vm:   ${line}`);

/** Everything a part needs comes before it, whatever was asked for. */
async function run(context: Context): Promise<void> {
  const place = tookPlace('vm');
  let figures: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    if (!only.includes(name) && !only.some((asked) => parts[asked]?.needs.includes(name))) continue;
    const beganMs = performance.now();
    console.log(`test-vm: ${name} ..`);
    const said = await part.run(context);
    const s = Math.round((performance.now() - beganMs) / 100) / 10;
    figures = { ...figures, ...said, [`vm_part_${name}_s`]: s };
    console.log(`test-vm: ${name} ok, ${s} s ${JSON.stringify(said)}`);
  }
  if (!values.record) return;
  const results = merge(readResults(), { ...figures, ...sums(figures), ...place });
  writeResults(results, rendered(results), { figures: tableOf(results), peers: '' });
}

/** Of both kinds of cut; none of a run that left one of them out. */
function sums(figures: Record<string, number>): Record<string, number> {
  const sum = (what: string) =>
    (figures[`power_cuts_fast_${what}`] ?? Number.NaN) +
    (figures[`power_cuts_vm_${what}`] ?? Number.NaN);
  const [lost, control] = [sum('lost_presses'), sum('control_lost')];
  if (Number.isNaN(lost + control)) return {};
  return { power_cuts_lost_presses: lost, power_cuts_control_lost: control };
}

const dir = mkdtempSync(join(tmpdir(), 'gate-vm-'));
mkdirSync(join(dir, 'cut'));
const context: Context = {
  ...{ dir, told, deb: values.deb ?? null, other: values.other ?? null },
  ...{ cuts: count('cuts'), controlCuts: count('control-cuts') },
  ...{ fastCuts: count('fast-cuts'), gpioPresses: count('gpio-presses'), seed: count('seed') },
  updateCuts: count('update-cuts'),
  made: {},
};
const beganMs = performance.now();
try {
  await run(context);
  console.log(`test-vm: passed, ${Math.round((performance.now() - beganMs) / 1000)} s`);
} catch (error) {
  console.error(error);
  console.log('test-vm: FAILED');
  process.exitCode = 1;
} finally {
  await context.made.room?.close();
  if (values.keep) console.log(`test-vm: kept ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
}
// What a failed case has left open shall not keep this waiting.
process.exit();
