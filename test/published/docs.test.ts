// The documents of config/docs, command by command: what they say to type works, and prints what they say.

import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf, missingLine, runBlocks } from '#test/support/document.ts';
import { freePort } from '#test/support/mosquitto.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (name: string): string => readFileSync(join(root, 'config/docs', name), 'utf8');

let bin: string;

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'gate-docs-'));
  symlinkSync(join(root, 'scripts/gate-agent'), join(bin, 'gate-agent'));
});

afterAll(() => rm(bin, { recursive: true, force: true }));

/** Runs a document and compares what it prints. */
async function follow(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const blocks = blocksOf(textOf(name));
  const path = `${bin}:${process.env.PATH}`;
  const ran = await runBlocks(blocks, { env: { ...env, PATH: path }, withinMs: 90_000 });
  const last = blocks[ran.printed.length - 1];
  const where = `${name}:${last?.line}: ${ran.printed.at(-1)}\n${ran.err.slice(-2000)}`;
  expect(ran.code, where).toBe(0);
  for (const [n, { line, expected }] of blocks.entries()) {
    const missing = missingLine(expected, ran.printed[n] ?? '');
    expect(missing, `${name}:${line} printed\n${ran.printed[n]}`).toBeNull();
  }
}

it("the integrator's guide: an alarm by mosquitto_pub and mosquitto_sub", async () => {
  expect(blocksOf(textOf('integrator.md')).length).toBeGreaterThan(9);
  const lab = mkdtempSync(join(bin, 'lab-'));
  await follow('integrator.md', { PORT: String(await freePort()), LAB: lab });
}, 120_000);
