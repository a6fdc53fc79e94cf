// A child place steps back behind a daemon that systemd has put ahead of everybody: all of its threads, and
// what it starts.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const behind = join(import.meta.dirname, '../../agent/system/place/behind.ts');
const asked = `
  import { execFileSync } from 'node:child_process';
  import { readdirSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { comeBehind } from ${JSON.stringify(behind)};
  const all = () => readdirSync('/proc/self/task').map((one) => getPriority(Number(one)));
  const before = all();
  comeBehind();
  const started = Number(execFileSync('nice', { encoding: 'utf8' }));
  console.log(JSON.stringify({ before, after: all(), started }));
`;
const mayLead = spawnSync('nice', ['-n', '-5', 'true']).stderr.length === 0;

function told(nice: number) {
  const node = [process.execPath, '--input-type=module', '-e', asked];
  return JSON.parse(execFileSync('nice', ['-n', `${nice}`, ...node], { encoding: 'utf8' }));
}

it.skipIf(!mayLead)('from ahead to where everybody is', () => {
  const { before, after, started } = told(-5);
  expect(new Set(before)).toEqual(new Set([-5]));
  expect(new Set(after)).toEqual(new Set([0]));
  expect(started).toBe(0);
});

it('stays where it is when somebody has put it behind already', () => {
  expect(new Set(told(5).after)).toEqual(new Set([5]));
});
