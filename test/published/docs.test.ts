// The documents of config/docs, command by command: what they say to type works, and prints what they say.

import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf, missingLine, runBlocks } from '#test/support/document.ts';
import { faultNames } from '#test/support/fault-names.ts';
import { freePort } from '#test/support/mosquitto.ts';
import { runToEnd } from '../e2e/support/commands.ts';
import { House } from '../e2e/support/house.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (name: string): string => readFileSync(join(root, 'config/docs', name), 'utf8');

let bin: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'gate-docs-'));
  symlinkSync(join(root, 'scripts/gate-agent'), join(bin, 'gate-agent'));
});

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(bin, { recursive: true, force: true });
}, 60_000);

/** Runs a document and compares what it prints. */
async function follow(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const blocks = blocksOf(textOf(name));
  const cwd = join(bin, `${name}.d`);
  await mkdir(cwd);
  const path = `${bin}:${process.env.PATH}`;
  const ran = await runBlocks(blocks, { env: { ...env, PATH: path }, cwd, withinMs: 180_000 });
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
}, 200_000);

/** In place of systemd's: the daemon of the room. */
const systemctl = (dir: string): string => `#!/usr/bin/env bash
set -eu
case "$1 $2" in
  'stop gate-agent')
    pid=$(cat '${dir}/pid')
    kill "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done ;;
  'start gate-agent')
    gate-agent run >> '${dir}/log' 2>&1 & echo $! > '${dir}/pid' ;;
  *) echo "systemctl $*: not in this room" >&2; exit 1 ;;
esac
`;

it('installer’s guides and operations: status, backup, retire, replace, a wrong file', async () => {
  const house = await House.open({ buttons: 1 });
  cleanups.push(() => house.close());
  writeFileSync(join(bin, 'systemctl'), systemctl(house.dir), { mode: 0o755 });
  const env = { GATE_AGENT_CONFIG: join(house.dir, 'gate-agent.yaml') };
  const here = { ...env, PATH: `${bin}:${process.env.PATH}` };
  await runToEnd(join(bin, 'systemctl'), ['start', 'gate-agent'], { env: here });
  cleanups.push(() => runToEnd(join(bin, 'systemctl'), ['stop', 'gate-agent'], { env: here }));
  const ready = async () => {
    const status = await house.room.status();
    return status?.online && status.faults.length === 0 && house.word === 'ready';
  };
  const isReady = () =>
    house.until('a terminal that is ready', ready, 90_000).catch(async (cause: unknown) => {
      const faults = (await house.room.status())?.faults.map(({ fault }) => fault);
      const log = readFileSync(join(house.dir, 'log'), 'utf8').slice(-3000);
      throw new Error(`its faults: ${faults}; its log:\n${log}`, { cause });
    });
  for (const name of ['installer.zh.md', 'installer.en.md', 'operations.md']) {
    await isReady();
    await follow(name, env);
  }
  const told = house.room.platform.log.flatMap(({ message }) =>
    typeof message === 'object' && message !== null && 'kind' in message ? [message.kind] : [],
  );
  expect(told).toEqual(expect.arrayContaining(['terminal.retired', 'terminal.replaced']));
  expect(house.room.platform.violations).toEqual([]);
}, 240_000);

it('operations.md names every fault', () => {
  const cells = textOf('operations.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => (line.split('|')[1] ?? '').match(/`[^`]+`/g) ?? [])
    .map((cell) => cell.slice(1, -1));
  // `.open` behind `input.ID.short` is `input.ID.open`.
  let before = '';
  const named = new Set<string>();
  for (const cell of cells) {
    if (!cell.startsWith('.')) before = cell;
    const parts = before.split('.');
    const stem = parts.slice(0, parts[1] === 'ID' ? 2 : 1).join('.');
    named.add(cell.startsWith('.') ? `${stem}${cell}` : cell);
  }
  expect(faultNames().filter((name) => !named.has(name))).toEqual([]);
});
