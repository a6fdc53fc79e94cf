// What is shipped: the bundle's inputs, as esbuild wrote them down. Nothing of the rehearsal room or
// the tests, no package that a terminal would not have been given.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { runToEnd } from './e2e/support/commands.ts';
import { launcher } from './e2e/support/house.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const meta = z
  .object({
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.unknown()) })),
  })
  .parse(read('.build/meta.json'));
const lock = z
  .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
  .parse(read('package-lock.json'));
const inputs = Object.keys(meta.inputs);

test('the daemon and its worker are in it, the rehearsal room and the tests are not', () => {
  expect(inputs).toEqual(expect.arrayContaining(['agent/main.ts', 'agent/store/worker.ts']));
  expect(inputs.filter((file) => /^(agent\/sim|test|scripts)\//.test(file))).toEqual([]);
  const own = inputs.filter((file) => !file.includes('node_modules/'));
  expect(own.filter((file) => file !== 'package.json' && !file.startsWith('agent/'))).toEqual([]);
});

test('no development dependency is in it', () => {
  const packages = new Set(
    inputs.flatMap((file) => /(?:^|\/)(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  expect(packages.size).toBeGreaterThan(0);
  const wrong = [...packages].filter((name) => lock.packages[name]?.dev !== undefined);
  expect(wrong).toEqual([]);
  expect([...packages].filter((name) => !lock.packages[name])).toEqual([]);
});

test('prompts are in the program of provisioning, and nobody else pays for them', () => {
  const holders = Object.entries(meta.outputs).flatMap(([output, { inputs: parts }]) =>
    Object.keys(parts).some((file) => file.includes('node_modules/@inquirer/'))
      ? [output.replace(/^.*\//, '')]
      : [],
  );
  expect(holders).toEqual(['provision.cjs']);
});

test('it is what the launcher runs, and its compiled code is kept where the unit says', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'gate-cache-'));
  try {
    const env = { NODE_COMPILE_CACHE: cache };
    const { code, out } = await runToEnd(launcher, ['--version'], { env });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(existsSync(cache) && readdirSync(cache).length).toBeGreaterThan(0);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
