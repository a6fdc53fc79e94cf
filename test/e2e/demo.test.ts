// `scripts/demo` without a terminal tells the main job once, on the embedded broker, and exits 0; with
// `--page` it serves the room's page until it is asked to end.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until, within } from '#test/support/wait.ts';
import { runToEnd } from './support/commands.ts';

const demo = join(import.meta.dirname, '../../agent/sim/demo.ts');

test('the story is told in less than a minute', { timeout: 70_000 }, async () => {
  const { code, out, err, tookMs } = await runToEnd(process.execPath, [demo], { withinMs: 60_000 });
  expect(code, `${out}\n${err}`).toBe(0);
  expect(out).not.toContain('FAIL');
  for (const step of ['lamp says stored', 'strobe on at the dome', 'lamp says taken', 'strobe off'])
    expect(out).toContain(` ok    ${step}`);
  console.log(`demo: ${tookMs} ms`);
});

test('the page is served until SIGTERM', { timeout: 40_000 }, async () => {
  const child = spawn(process.execPath, [demo, '--page'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  try {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await until(() => said.includes('\n'), { withinMs: 30_000, what: 'the address of the page' });
    const answer = await fetch(said.split('\n')[0] ?? '');
    expect(await answer.text()).toContain('演练室');
  } finally {
    child.kill('SIGTERM');
    const [code] = await within(exit, { withinMs: 10_000, what: 'the end of the demo' });
    expect(code).toBe(0);
  }
});
