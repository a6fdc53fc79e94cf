// Contacts on the modem-control lines of a 16550, moved through its loop-back by the guest's helper. The
// terminal of the room has this port, and gives it away meanwhile.

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ModemContacts } from '#agent/buttons/modem.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from '#test/buttons/support.ts';

const path = '/dev/ttyS1';
/** What each output of the UART is read as. */
const outputs = { cts: 'rts', dsr: 'dtr', ri: 'out1', dcd: 'out2' } as const;
const modem = (...up: string[]): unknown => execFileSync('modem', [path, ...up]);

beforeAll(() => void execFileSync('systemctl', ['stop', 'gate-agent']));
afterAll(() => void execFileSync('systemctl', ['start', 'gate-agent']));

test('each line is its own contact: closed, open', async () => {
  const lines = Object.keys(outputs);
  const inputs = Object.fromEntries(lines.map((id) => [id, { id, contact: 'no' as const }]));
  const contacts = new ModemContacts({ id: 'com', path, inputs, clock: systemClock() });
  const sink = new RecordingSink();
  onTestFinished(async () => {
    modem('off');
    await contacts.close();
  });
  await contacts.open(sink);
  await until(() => contacts.contacts().size === lines.length, 'levels at start', 30_000);
  const pressed = () => lines.filter((id) => contacts.contacts().get(id) === 'pressed').join();
  for (const [line, output] of Object.entries(outputs)) {
    modem(output);
    await until(() => pressed() === line, `${line} alone`, 30_000);
    modem('none');
    await until(() => pressed() === '', 'none', 30_000);
  }
  expect(sink.of('fault.raised')).toEqual([]);
});
