// A skipped test is a hole, so each is printed by name, and one that test/skips.json does not list with
// its reason fails the run. Also writes the closing line of scripts/test to $TEST_COUNTS_FILE.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import * as z from 'zod';

const skipList = z.array(z.strictObject({ name: z.string().min(1), why: z.string().min(1) }));

/** `test/store/hang.test.ts > a hung disk > is told`: how skips.json names a test. */
const fullName = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

/** Failures that no test owns: a file that does not load, a hook that throws. */
function strayFailures(module: TestModule): number {
  let count = module.errors().length > 0 ? 1 : 0;
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count += 1;
  return count;
}

export class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    // With -t the tests of other names count as skipped, though nobody skipped them.
    const chosenByName = this.#vitest?.config.testNamePattern !== undefined;
    const skipped = chosenByName ? [] : [...inState('skipped'), ...inState('pending')];
    this.#judge(skipped.map(fullName));

    const stray = modules.reduce((sum, module) => sum + strayFailures(module), 0);
    const failed = inState('failed').length + stray + unhandledErrors.length;
    const line = `${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped\n`;
    const countsFile = process.env.TEST_COUNTS_FILE;
    if (countsFile !== undefined) writeFileSync(countsFile, line);
  }

  #judge(skipped: readonly string[]): void {
    const file = readFileSync(join(import.meta.dirname, 'skips.json'), 'utf8');
    const reasons = new Map(skipList.parse(JSON.parse(file)).map(({ name, why }) => [name, why]));
    for (const name of skipped) {
      const why = reasons.get(name);
      console.log(`skipped: ${name}: ${why ?? 'NOT LISTED in test/skips.json'}`);
      if (why === undefined) process.exitCode = 1;
    }
  }
}
