// Makes the code wrong, one way at a time, in a scratch copy of the tree, and runs the suites that must
// notice. A survivor is a missing test: it is named, and the command fails. Arguments choose by name.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { sabotaged } from './list.ts';
import { wrongWindows as sabotages } from './windows.ts';
import type { Wrong } from './wrong.ts';

const root = join(import.meta.dirname, '../..');
const copied = ['agent', 'config', 'scripts', 'test', 'package.json', 'tsconfig.json'];
const testWithinMs = 60_000;
const suiteWithinMs = 180_000;
/** All of them, as the code is. */
const healthyWithinMs = 900_000;

const report = z.object({
  numTotalTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

interface Outcome {
  readonly passed: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
  readonly ms: number;
}

function scratchCopy(): string {
  const dir = mkdtempSync(join(tmpdir(), 'gate-sabotage-'));
  for (const part of copied) cpSync(join(root, part), join(dir, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

/** Runs suites in the scratch copy; what fails is tried twice, so that a slow machine catches nothing. One
 * that comes to no end has failed. Throws where they did not run as tests. */
async function run(
  dir: string,
  suites: readonly string[],
  { workers, timeout } = { workers: 1, timeout: suiteWithinMs },
): Promise<Outcome> {
  const startMs = performance.now();
  const out = join(dir, 'report.json');
  rmSync(out, { force: true });
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const twice = ['--bail', '1', '--retry', '1', '--maxWorkers', `${workers}`];
  const slow = ['--testTimeout', `${testWithinMs}`];
  const told = ['--reporter', 'json', '--outputFile', out];
  const how = ['--configLoader', 'native', ...twice, ...slow, ...told];
  const child = spawn(process.execPath, [...args, ...how, ...suites], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout,
    env: { ...process.env, GATE_AGENT_BUNDLED: 'yes', STORM_SHRINK: 'no', TEST_COUNTS_FILE: '' },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  await once(child, 'close');
  const ms = Math.round(performance.now() - startMs);
  if (child.signalCode !== null) return { passed: 0, failed: [`no end in ${timeout} ms`], ms };
  const { testResults } = report.parse(JSON.parse(readFileSync(out, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string) => tests.filter((test) => test.status === status);
  const failed = named('failed').map(({ fullName }) => fullName);
  if (tests.length === 0 || (failed.length === 0 && child.exitCode !== 0))
    throw new Error(`${suites.join(' ')} did not run:\n${stderr.slice(-2000)}`);
  return { passed: named('passed').length, failed, ms };
}

/** What the suites say of one wrong version; the copy is as before afterwards. */
async function judge(dir: string, one: Wrong): Promise<Outcome> {
  const right = (file: string): string => readFileSync(join(root, file), 'utf8');
  const texts = sabotaged(one, right);
  for (const [file, text] of texts) writeFileSync(join(dir, file), text);
  try {
    return await run(dir, one.suites);
  } finally {
    for (const file of texts.keys()) writeFileSync(join(dir, file), right(file));
  }
}

function line(name: string, verdict: string, ms: number, by: string): void {
  console.log(`${name.padEnd(58)} ${verdict.padEnd(8)} ${String(ms).padStart(6)} ms  ${by}`);
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = sabotages.filter(({ name }) => words.every((word) => name.includes(word)));
  const dir = scratchCopy();
  try {
    const suites = [...new Set(chosen.flatMap((one) => one.suites))];
    const healthy = await run(dir, suites, { workers: 2, timeout: healthyWithinMs });
    if (healthy.failed.length > 0)
      throw new Error(`red without any sabotage: ${healthy.failed.join(', ')}`);
    line('(the code as it is)', 'green', healthy.ms, `${healthy.passed} tests`);
    const survivors: string[] = [];
    for (const one of chosen) {
      const { failed, ms } = await judge(dir, one);
      if (failed.length === 0) survivors.push(one.name);
      line(one.name, failed.length > 0 ? 'caught' : 'SURVIVED', ms, failed[0] ?? '');
    }
    const caught = chosen.length - survivors.length;
    console.log(`${caught} of ${chosen.length} caught`);
    for (const name of survivors) console.log(`survived, so a test is missing: ${name}`);
    return survivors.length === 0 && chosen.length > 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
