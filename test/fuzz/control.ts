// Lines on control.sock: each gets one answer that the wire allows, whatever it holds, and the server
// goes on.

import fc from 'fast-check';
import { expect } from 'vitest';
import { answer, controlLimits } from '#agent/control/wire.ts';
import { openServer, RawClient } from '#test/control/support.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

const asking = ['{"id":"7","verb":"status"}', '{"id":"8","verb":"echo","args":{"word":"a"}}'];
const pieces = fc.constantFrom(
  '{',
  '}',
  '"',
  ':',
  ',',
  '[',
  ']',
  '\\',
  '\\u0000',
  'null',
  '"args":{}',
);
const line = fc
  .oneof(nearlyRight(asking, pieces), fc.json(), fc.string({ unit: 'binary', maxLength: 60 }))
  .map((text) => text.replaceAll('\n', ' '));

/** One server for all of it, and one connection a try. */
export async function controlLines(): Promise<Fuzz> {
  const { path, errors } = await openServer({
    status: () => ({ ready: true }),
    echo: (args) => args,
  });
  return fuzz('control socket lines', fc.array(line, { maxLength: 5 }), async (lines) => {
    const client = await new RawClient(path).connected();
    client.send(lines.map((one) => `${one}\n`).join(''));
    for (const one of lines) {
      if (one === '') continue;
      expect(one.length).toBeLessThan(controlLimits.lineBytesMax);
      const said = answer.parse(await client.answer());
      if (said.ok) expect(['7', '8']).toContain(said.id?.slice(0, 1) === '7' ? '7' : '8');
    }
    client.socket.destroy();
    expect(errors).toEqual([]);
  });
}
