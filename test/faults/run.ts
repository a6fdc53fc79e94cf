// `npm run faults [-- pattern ..]`: plays the rows whose name holds one of the patterns (all of them
// without one), one after another, prints them as a table, and exits 1 where one is not as it should be.
// Writes what it saw to test/bench/faults.json and, from that, the README. `--dry` writes nothing.

import { parseArgs } from 'node:util';
import { type Fault, judged, type Outcome, timeless } from './fault.ts';
import { faults } from './list.ts';
import { play } from './play.ts';
import { keep } from './results.ts';
import { printed } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dry: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});

const chosen = faults.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  console.error(`faults: no row is called ${positionals.join(' or ')}; --list names them`);
  process.exit(64);
}
if (values.list) {
  for (const { name, what } of chosen) console.log(`${name}: ${what}`);
  process.exit(0);
}

const mayPlay = ({ needsRoot }: Fault) => !needsRoot || process.getuid?.() === 0;
for (const { name } of chosen.filter((fault) => !mayPlay(fault)))
  console.error(`faults: ${name}: left out, needs root`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(70));

/** One that was late and else as it should be is played once more: the machine may have been busy. */
async function playedInTime(fault: Fault): Promise<Outcome> {
  const outcome = await play(fault);
  const { expect = {} } = fault;
  const isLate = judged(expect, outcome).length === outcome.wrong.length;
  if (outcome.wrong.length === 0 || !isLate || judged(timeless(expect), outcome).length > 0)
    return outcome;
  console.error(`faults: ${fault.name}: ${outcome.wrong.join('; ')}; played once more`);
  return play(fault);
}

const beganMs = performance.now();
const outcomes = [];
for (const [n, fault] of chosen.filter(mayPlay).entries()) {
  const startMs = performance.now();
  const outcome = await playedInTime(fault);
  outcomes.push(outcome);
  const tookS = ((performance.now() - startMs) / 1000).toFixed(1);
  const verdict = outcome.wrong.length === 0 ? 'as it should be' : 'WRONG';
  console.error(`faults: ${n + 1}/${chosen.length} ${fault.name}: ${verdict}, ${tookS} s`);
  for (const reason of outcome.wrong) console.error(reason.replaceAll(/^/gm, '    '));
}
console.log(printed(outcomes));
const wrong = outcomes.filter((one) => one.wrong.length > 0);
const tookS = Math.round((performance.now() - beganMs) / 1000);
console.log(`${outcomes.length} rows in ${tookS} s, ${wrong.length} not as they should be`);
if (!values.dry) keep(outcomes, faults);
process.exit(wrong.length === 0 ? 0 : 1);
