// `scripts/demo` without a terminal tells the main job once, on the embedded broker, and exits 0.

import { join } from 'node:path';
import { expect, test } from 'vitest';
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
