// The panel's process beside a real daemon, a real broker and the simulated dome: what the guard sees, what
// an installer does behind the PIN, a duress PIN, secrets that are nowhere, presses that never wait for it.

import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { Companion } from '#test/e2e/support/commands.ts';
import { House, inputId, launcher } from '#test/e2e/support/house.ts';
import { Browser } from './browser.ts';
import { pins } from './rig.ts';

const bundle = join(import.meta.dirname, '../../.build/panel.cjs');
const domePassword = 'dome-of-the-room';
const brokerPassword = 'broker-of-the-room';

let house: House;
let panel: Companion;
let browser: Browser;
let certFile: string;

const configFile = () => join(house.dir, 'panel.yaml');
/** As an installer types it. */
const gateAgent = (words: readonly string[], input = ''): string =>
  execFileSync(launcher, [...words, '--panel', configFile()], { input, encoding: 'utf8' });

async function startPanel(): Promise<void> {
  panel = new Companion(process.execPath, [bundle, '--config', configFile()]);
  const line = await panel.line(30_000, 'the panel is served');
  const { port, fingerprint } = JSON.parse(line);
  expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(gateAgent(['panel', 'fingerprint']).trim()).toBe(fingerprint);
  browser = new Browser(port, readFileSync(certFile, 'utf8'));
}

beforeAll(async () => {
  house = await House.open({
    buttons: 2,
    room: async (_, dir) => {
      const passwordFile = join(dir, 'broker-password');
      writeFileSync(passwordFile, brokerPassword, { mode: 0o600 });
      return { daemonBroker: { username: 'terminal', passwordFile } };
    },
  });
  certFile = join(house.dir, 'panel/panel.pem');
  const config = {
    ...{ listen: { host: '127.0.0.1', port: 0 }, socket: house.room.socket },
    ...{ stateDir: join(house.dir, 'panel'), pinFile: 'pin.json' },
  };
  writeFileSync(configFile(), JSON.stringify(config));
  gateAgent(['panel', 'set-pin'], `${pins.right}\n${pins.duress}\n`);
  await Promise.all([house.start(), startPanel()]);
}, 90_000);
afterAll(async () => {
  browser?.close();
  await panel?.end();
  await house?.close();
}, 30_000);

const view = async () => (await browser.get('/api/view')).body;
const word = async () => (await view()).lamp as { word: string; text: { zh: string } };
const signIn = (pin: string) => browser.post('/api/sign-in', { pin, name: '王师傅' });
const alarms = (kind: string) =>
  [...house.room.platform.alarms.values()].filter((alarm) => alarm.kind === kind);
const resolveAll = async () => {
  for (const incident of house.open)
    await house.room.platform.desk.command(
      terminalId,
      'resolve',
      { incident, reason: 'handled' },
      { withinMs: 30_000 },
    );
  await house.until('nothing open', () => house.open.length === 0);
};

test('the guard reads how far the alarm is, and claims it false; a reset stops the light', async () => {
  await house.until('ready', async () => (await word()).word === 'ready');
  const reader = await browser.events();
  await house.room.box.tap(1);
  await house.until('received', () => JSON.stringify(reader.last('view')).includes('平台已收到'));
  reader.close();
  const { dome } = house.room;
  await house.until('the strobe', () => dome.actuators.strobe);
  expect((await browser.post('/api/false-alarm')).body).toEqual({ alarms: 1 });
  await house.until('the claim', () => alarms('incident.false-alarm').length === 1);
  expect(alarms('incident.false-alarm')).toMatchObject([{ role: 'local', user: 'panel' }]);
  expect((await browser.post('/api/reset')).status).toBe(401);
  expect((await signIn(pins.right)).status).toBe(200);
  expect((await browser.post('/api/mute')).status).toBe(200);
  expect((await browser.post('/api/reset')).status).toBe(200);
  await house.until('darkness', () => !dome.actuators.strobe && !dome.actuators.siren);
  await house.until('the reset', () => alarms('incident.local-reset').length === 1);
  expect(await view()).toMatchObject({ muted: true, alarms: [{ falseAlarm: true }] });
  expect((await browser.post('/api/window/open', { mark: 'drill', minutes: 5 })).status).toBe(409);
  expect((await browser.post('/api/restart')).status).toBe(409);
  await resolveAll();
}, 60_000);

test('picture, test, window, system and bundle behind the PIN', async () => {
  await house.until('a picture', async () => (await browser.get('/api/picture')).status === 200);
  const { bytes } = await browser.get('/api/picture');
  expect([bytes[0], bytes[1], bytes.at(-2), bytes.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  expect((await browser.post('/api/test', { part: 'strobe' })).body).toEqual({ ok: true });
  const opened = await browser.post('/api/window/open', { mark: 'service', minutes: 30 });
  expect(opened.body).toMatchObject({ mark: 'service' });
  await house.until('the window', () =>
    JSON.stringify(house.room.platform.states.get(terminalId)).includes('"role":"local"'),
  );
  await house.room.box.tap(2);
  await house.until('a marked press', () => house.raised.some(({ mark }) => mark === 'service'));
  expect((await browser.post('/api/window/close')).status).toBe(200);
  await resolveAll();
  const { inputs } = (await browser.get('/api/inputs')).body as { inputs: { id: string }[] };
  expect(inputs.map(({ id }) => id)).toEqual([inputId(1), inputId(2)]);
  const system = (await browser.get('/api/system')).body;
  expect(system).toMatchObject({ network: { online: true }, certificate: { selfSigned: true } });
  const bundle = await browser.get('/api/support');
  expect(bundle.headers['content-type']).toBe('application/zip');
  expect(bundle.bytes.subarray(0, 2).toString()).toBe('PK');
}, 60_000);

test('a duress PIN: the alarm is at the platform, and the panel shows a reset like any other', async () => {
  await house.room.box.tap(1);
  await house.until('received', async () => (await word()).word === 'received');
  // The same with the right PIN, for comparison.
  const honest = [
    await signIn(pins.right),
    await browser.post('/api/reset'),
    await browser.get('/api/view'),
  ];
  await house.until('the light to be off', () => !house.room.dome.actuators.strobe);
  await house.room.box.tap(1);
  await house.until('the light again', () => house.room.dome.actuators.strobe);
  const forced = [
    await signIn(pins.duress),
    await browser.post('/api/reset'),
    await browser.get('/api/view'),
  ];
  await house.until('the light to be off again', () => !house.room.dome.actuators.strobe);
  const silent = () => house.raised.filter(({ alarm }) => alarm === 'silent');
  await house.until('the silent alarm', () => silent().length === 1);
  expect(silent()).toMatchObject([{ cause: 'duress', mark: null }]);

  const shape = ({ status, headers, body }: (typeof honest)[number]) => ({
    ...{ status, headers: Object.keys(headers).sort() },
    body: JSON.parse(JSON.stringify(body).replace(/"(presses|\w*WallMs)":\d+/g, '"$1":0')),
  });
  expect(forced.map(shape)).toEqual(honest.map(shape));
  // A window that dispatches nobody is opened in vain.
  const window = await browser.post('/api/window/open', { mark: 'service', minutes: 30 });
  expect(window.status).toBe(409);
  const loud = house.raised.filter(({ alarm }) => alarm !== 'silent').at(-1)?.incident;
  await house.room.platform.desk.command(
    terminalId,
    'resolve',
    { incident: loud, reason: 'x' },
    { withinMs: 30_000 },
  );
  await house.until('the loud one to be over', async () => (await word()).word !== 'received');
  expect((await browser.post('/api/window/open', { mark: 'service', minutes: 30 })).status).toBe(
    200,
  );
  await house.until('the window on the panel', async () => (await view()).window !== null);
  await house.room.box.tap(2);
  await house.until('a press', () => house.raised.at(-1)?.input === inputId(2));
  expect(house.raised.at(-1)?.mark).toBeNull();

  const seen = JSON.stringify([await view(), (await browser.get('/api/system')).body]);
  expect(seen).not.toMatch(/silent|duress|静默|胁迫|@panel/);
  const zip = (await browser.get('/api/support')).bytes;
  const told = await unzipped(zip);
  const [{ incident } = { incident: '' }] = silent();
  for (const word of ['duress', '"alarm":"silent"', '@panel', incident])
    expect(told.includes(word), word).toBe(false);
  expect(told).toContain('"fact":"input.changed"');
  await resolveAll();
}, 90_000);

test('a hundred wrong PINs, and a panel that hangs and dies: no press notices', async () => {
  await browser.post('/api/sign-out');
  const { box } = house.room;
  const timed = async () => {
    const before = house.raised.length;
    const fromMs = performance.now();
    box.press(1);
    await house.until('the alarm', () => house.raised.length === before + 1);
    const tookMs = performance.now() - fromMs;
    box.release(1);
    await resolveAll();
    return tookMs;
  };
  const alone = await timed();
  const fromMs = performance.now();
  const wrong: Promise<{ status: number }>[] = [];
  for (let n = 0; n < 100; n += 1)
    wrong.push(browser.post('/api/sign-in', { pin: String(300_000 + n) }));
  const besideGuesses = await timed();
  const statuses = (await Promise.all(wrong)).map(({ status }) => status);
  // Four at once, then pauses of 2 s, 4 s, 8 s ..: a slow machine has more of them.
  const tookS = (performance.now() - fromMs) / 1_000;
  const looked = statuses.filter((status) => status === 401).length;
  expect(looked).toBeLessThanOrEqual(4 + Math.ceil(Math.log2(tookS / 2 + 1)));
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  // The guard who knows it has to wait for himself, too: this address has guessed.
  expect((await signIn(pins.right)).status).toBe(429);
  process.kill(panel.pid, 'SIGSTOP');
  const besideHung = await timed();
  process.kill(panel.pid, 'SIGCONT');
  await panel.end('SIGKILL');
  const besideDead = await timed();
  for (const tookMs of [besideGuesses, besideHung, besideDead])
    expect(tookMs).toBeLessThan(alone + 5_000);
}, 90_000);

test('no secret is in a log, a bundle, a process list or an answer', async () => {
  browser.close();
  await startPanel();
  await signIn(pins.right);
  const answers = [];
  for (const path of ['/api/view', '/api/session', '/api/inputs', '/api/system'])
    answers.push((await browser.get(path)).bytes.toString());
  const key = readFileSync(join(house.dir, 'panel/panel.key'), 'utf8').split('\n')[1] ?? '';
  const [, cookie = ''] = /=(.+)/.exec(browser.cookie ?? '') ?? [];
  const secrets = [domePassword, brokerPassword, pins.right, pins.duress, key, cookie];
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => `${readOr(`/proc/${name}/cmdline`)} ${readOr(`/proc/${name}/environ`)}`);
  const places = {
    ...{ panel: panel.lines.join('\n'), daemon: house.room.daemon.lines.join('\n') },
    ...{ answers: answers.join('\n'), processes: processes.join('\n') },
    bundle: await unzipped((await browser.get('/api/support')).bytes),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(100);
    for (const secret of secrets) expect(text.includes(secret), `${place}: ${secret}`).toBe(false);
  }
}, 60_000);

const readOr = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // It has ended meanwhile, or is another's.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
};

/** All texts of an archive. */
async function unzipped(zip: Buffer): Promise<string> {
  const file = join(house.dir, 'support.zip');
  writeFileSync(file, zip);
  const script = [
    'import sys, zipfile',
    'archive = zipfile.ZipFile(sys.argv[1])',
    'for name in archive.namelist(): sys.stdout.buffer.write(archive.read(name))',
  ].join('\n');
  const run = promisify(execFile);
  const { stdout } = await run('python3', ['-c', script, file], { maxBuffer: 8 * 1024 * 1024 });
  return stdout;
}
