// The daemon as a process, as systemd and an installer meet it: exit codes of its commands, a start
// without a configuration and with a wrong one, and its end.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Companion, gateAgent, runToEnd } from './support/commands.ts';
import { House, launcher } from './support/house.ts';

let house: House;
let spare: Companion | null = null;
const configFile = () => join(house.dir, 'gate-agent.yaml');

beforeAll(async () => {
  house = await House.open({ buttons: 1 });
});
afterEach(async () => {
  await spare?.end('SIGKILL');
  spare = null;
  await house.room.daemon.end('SIGKILL');
});
afterAll(() => house.close());

const status = () => gateAgent('status', '--config', configFile());

/** Ends the daemon as systemd does; the time it took, and the code it left. */
async function terminate(): Promise<{ code: string | undefined; tookMs: number }> {
  const startMs = performance.now();
  await house.room.daemon.end('SIGTERM');
  const tookMs = performance.now() - startMs;
  await house.until('its last line', () => house.room.daemon.lines.at(-1)?.startsWith('exit'));
  return { code: house.room.daemon.lines.at(-1), tookMs };
}

test('status tells by its exit code how the terminal is', async () => {
  const { box, platform, dome } = house.room;
  expect(await status()).toMatchObject({ code: 69 });
  await house.start();
  await house.until('a lamp at rest', () => house.word === 'ready');
  await house.until('no fault', async () => (await house.room.status())?.faults.length === 0);
  expect(await status()).toMatchObject({ code: 0, err: '' });
  await dome.down({ forget: false });
  await house.until('a fault', async () => (await house.room.status())?.faults.length, 20_000);
  expect(await status()).toMatchObject({ code: 1, out: expect.stringContaining('dome.') });
  await dome.up();
  await box.tap(1);
  await house.until('the alarm received', () => house.word === 'received');
  expect(await status()).toMatchObject({ code: 2 });
  const json = await gateAgent('status', '--config', configFile(), '--json');
  expect(JSON.parse(json.out)).toMatchObject({ armed: true, incidents: [{ step: 'received' }] });
  for (const incident of house.open)
    await platform.desk.resolve('rehearsal-1', incident, { reason: 'handled' });
  await house.until('the strobe to be off', () => !dome.actuators.strobe, 5_000);
});

test('check-config: 0, or 78 and every wrong field with a hint', async () => {
  expect(await gateAgent('check-config', '--config', configFile())).toMatchObject({ code: 0 });
  const bad = await gateAgent('check-config', '--config', await badConfig());
  expect(bad).toMatchObject({ code: 78, err: expect.stringContaining('broker.url') });
  expect(bad.err).toContain('identity.gate');
});

test('a first start with a wrong configuration is refused: 78', async () => {
  const file = await badConfig();
  const { code, err } = await gateAgent('run', '--config', file, '--state', house.dir);
  expect({ code, err }).toMatchObject({ code: 78, err: expect.stringContaining('broker.url') });
});

test('a wrong configuration later: the last good one is used, with a fault', async () => {
  const { daemon } = house.room;
  await house.start();
  await daemon.end('SIGTERM');
  const good = await readFile(configFile());
  await writeFile(configFile(), '{ "terminal": ');
  try {
    await house.start();
    const faults = (await house.room.status())?.faults.map(({ fault }) => fault);
    expect(faults).toContain('config.refused');
    await house.room.box.tap(1);
    await house.until('the alarm received', () => house.word === 'received');
  } finally {
    await writeFile(configFile(), good);
  }
  for (const incident of house.open)
    await house.room.platform.desk.resolve('rehearsal-1', incident);
});

test('without a configuration file it starts unarmed and answers on control.sock', async () => {
  const file = join(house.dir, 'none.yaml');
  const socket = join(house.dir, 'unarmed.sock');
  spare = new Companion(launcher, ['run', '--config', file, '--socket', socket]);
  await spare.line(10_000, 'unarmed');
  expect(await gateAgent('status', '--socket', socket)).toMatchObject({ code: 3 });
  await spare.end('SIGTERM', 5_000);
  expect(spare.exitCode).toBe(0);
});

test('SIGTERM ends it within 5 s with 0', async () => {
  await house.start();
  const { code, tookMs } = await terminate();
  expect(code).toBe('exit 0');
  expect(tookMs).toBeLessThan(5_000);
});

test('SIGTERM ends it within 5 s with 0 beside a broker and a dome that hang', async () => {
  const { box, dome, platform } = house.room;
  await house.start();
  await house.until('a lamp at rest', () => ['ready', 'resolved'].includes(house.word));
  house.broker.freeze();
  dome.quirks.latencyMs = 60_000;
  try {
    const from = box.history.length;
    await box.tap(1);
    await house.until('stored', () => house.wordsSince(from).includes('stored'));
    const { code, tookMs } = await terminate();
    expect(code).toBe('exit 0');
    expect(tookMs).toBeLessThan(5_000);
  } finally {
    dome.quirks.latencyMs = 0;
    house.broker.thaw();
  }
  await house.start();
  await house.until('the alarm received', () => house.word === 'received', 15_000);
  for (const incident of house.open) await platform.desk.resolve('rehearsal-1', incident);
});

test('a second daemon on the same control socket is refused, and the first goes on', async () => {
  await house.start();
  const second = await runToEnd(launcher, ['run', '--config', configFile()]);
  expect(second.code, `${second.err}${second.out}`).toBe(78);
  const from = house.room.box.history.length;
  await house.room.box.tap(1);
  await house.until(
    'the alarm received',
    () => house.wordsSince(from).includes('received'),
    15_000,
  );
  expect(house.wordsSince(from)).toContain('stored');
  const { faults } = await house.until('the status', () => house.room.status());
  expect(faults).toEqual([]);
  for (const incident of house.open)
    await house.room.platform.desk.resolve('rehearsal-1', incident);
});

test('a second daemon on another socket, in the same data directory: the same', async () => {
  await house.start();
  const text = await readFile(configFile(), 'utf8');
  const { control } = JSON.parse(text);
  const file = join(house.dir, 'second.yaml');
  const socket = join(house.dir, 'second.sock');
  await writeFile(file, JSON.stringify({ ...JSON.parse(text), control: { ...control, socket } }));
  const second = await runToEnd(launcher, ['run', '--config', file]);
  expect(second, second.out).toMatchObject({
    code: 78,
    err: expect.stringMatching(
      /data\.dir.*\n.*another gate-agent \(process \d+\) is at work in it/,
    ),
  });
  const { faults } = await house.until('the status', () => house.room.status());
  expect(faults).toEqual([]);
  const before = house.raised.length;
  await house.room.box.tap(1);
  await house.until('one alarm', () => house.raised.length === before + 1);
  await house.room.daemon.end('SIGKILL');
  spare = new Companion(launcher, ['run', '--config', file]);
  await spare.line(10_000, '"msg":"armed"');
  for (const incident of house.open)
    await house.room.platform.desk.resolve('rehearsal-1', incident);
});

/** A file of its own, wrong in two places. */
async function badConfig(): Promise<string> {
  const file = join(house.dir, `bad-${performance.now()}.yaml`);
  await writeFile(
    file,
    [
      'terminal: { id: t-1 }',
      'identity: { divisionCode: 330106, jurisdiction: a, school: b, address: c, gateRoomPhone: 110 }',
      'broker: { url: ftp://nowhere }',
      'boxes: [{ id: desk, path: /dev/null, inputs: { 1: { id: b, name: b, kind: emergency } } }]',
      '',
    ].join('\n'),
  );
  return file;
}
