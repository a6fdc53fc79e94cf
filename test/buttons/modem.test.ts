// Contacts on modem-control lines, where a pseudo terminal can show them: it has none of those lines.
// The lines themselves are looked at on a real UART in test/vm.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Levels } from '#agent/buttons/levels.ts';
import { ModemContacts } from '#agent/buttons/modem.ts';
import { openPtyPair } from '#agent/sim/pty.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from './support.ts';

test('a port without such lines is one fault that says so; a port that is gone another', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gate-modem-'));
  const pair = await openPtyPair(dir, 'modem');
  const sink = new RecordingSink();
  const inputs = { cts: { id: 'desk', contact: 'no' as const } };
  const clock = systemClock();
  const contacts = new ModemContacts({ id: 'com', path: pair.agentPath, inputs, clock });
  try {
    await contacts.open(sink);
    await until(() => sink.story('modem.com.lines').length === 1, 'the fault');
    expect(sink.of('fault.raised')[0]?.detail).toMatch(/no modem-control lines: .*CTS, DSR or DCD/);
    await pair.kill();
    await until(() => sink.story('modem.com.absent').length === 1, 'absent');
    expect(sink.story('modem.com.lines')).toEqual(['raised', 'cleared']);
    expect(sink.of('input.changed')).toEqual([]);
  } finally {
    await contacts.close();
    await pair.kill();
    await rm(dir, { recursive: true, force: true });
  }
});

test('levels: told at first sight and at each change, again after the source was lost', () => {
  const sink = new RecordingSink();
  const levels = new Levels();
  levels.open(sink);
  const desk = { id: 'desk', contact: 'no' as const };
  for (const isClosed of [false, false, true, true, false]) levels.take(desk, isClosed, 1);
  levels.forget();
  levels.take(desk, false, 2);
  levels.take({ id: 'gate', contact: 'nc' }, false, 2);
  levels.close();
  levels.take(desk, true, 3);
  expect(sink.contacts('desk')).toEqual(['normal', 'pressed', 'normal', 'normal']);
  expect(sink.contacts('gate')).toEqual(['pressed']);
});
