// The canceller takes the priority that its surroundings grant (LimitNICE= of the unit), and works without.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';

const program = join(import.meta.dirname, '../../.build/canceller');
const isRoot = process.getuid?.() === 0;
/** Needs CAP_SYS_RESOURCE. */
const mayGrant = spawnSync('prlimit', ['--nice=30:30', 'true']).status === 0;
/** Root may all; without this one right it has what the limit grants, as everybody. */
const plain = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice'];

/** Its nice value once it says that it is alive. */
async function niceOf(before: readonly string[]): Promise<number> {
  const [file = program, ...args] = [...before, program, 'no-speaker', 'no-microphone'];
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const exit = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    await until(() => said.includes('"alive"'), { withinMs: 10_000, what: 'a sign of life' });
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}

test.skipIf(!isRoot)('all is granted: it takes ten steps', async () => {
  expect(await niceOf([])).toBe(-10);
});

test.skipIf(!isRoot || !mayGrant).each([-10, -4])('%i is granted: that far', async (nice) => {
  const limit = 20 - nice;
  expect(await niceOf(['prlimit', `--nice=${limit}:${limit}`, ...plain])).toBe(nice);
});

test('nothing is granted: it works all the same', async () => {
  const nothing = isRoot ? ['prlimit', '--nice=0:0', ...plain] : [];
  expect(await niceOf(nothing)).toBe(getPriority());
});
