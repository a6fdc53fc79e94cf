// Contacts on modem-control lines, where a pseudo terminal can show them: it has none of those lines.
// The lines themselves are looked at on a real UART in test/vm.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Levels } from '#agent/buttons/levels.ts';
import { modemLevelsOf, modemLines, SerialLink } from '#agent/buttons/link.ts';
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
    expect(sink.of('fault.raised')[0]?.detail).toMatch(
      /no modem-control lines: .*CTS, DSR, DCD or RI/,
    );
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

test('a level that is seen first, or after a loss, may be of any age; a change happens now', () => {
  const sink = new RecordingSink();
  const levels = new Levels();
  levels.open(sink);
  const desk = { id: 'desk', contact: 'no' as const };
  for (const isClosed of [false, true]) levels.take(desk, isClosed, 1);
  levels.forget();
  levels.take(desk, true, 2);
  const ages = sink.of('input.changed').map(({ earliestMs }) => earliestMs);
  expect(ages).toEqual([null, undefined, null]);
});

test('the kernel is asked on the descriptor that the library has open', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gate-modem-'));
  const pair = await openPtyPair(dir, 'modem');
  const told: (string | undefined)[] = [];
  const listener = { up() {}, down() {}, data() {}, written() {} };
  const setup = { path: pair.agentPath, baud: 9600, device: 'port', clock: systemClock() };
  const link = new SerialLink(setup, listener);
  try {
    await link.open();
    link.modemLines((error) => void told.push(error?.message));
    await until(() => told.length === 1, 'the answer');
    // What a pseudo terminal says; a descriptor that is none would give EBADF.
    expect(told).toEqual(['ENOTTY']);
    await link.close();
    link.modemLines(() => void told.push('after the end'));
    expect(told).toHaveLength(1);
  } finally {
    await link.close();
    await pair.kill();
    await rm(dir, { recursive: true, force: true });
  }
});

test('the bits of the kernel, one line each', () => {
  const up = (bits: number) => modemLines.filter((line) => modemLevelsOf(bits)[line]);
  // TIOCM_CTS, TIOCM_CAR, TIOCM_RNG, TIOCM_DSR; DTR and RTS are ours.
  expect([0x20, 0x40, 0x80, 0x100, 0x06].map(up)).toEqual([['cts'], ['dcd'], ['ri'], ['dsr'], []]);
  expect(up(0x1e6)).toEqual(['cts', 'dsr', 'dcd', 'ri']);
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
