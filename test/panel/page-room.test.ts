// The page on the real thing: a press at the box until the word is on the screen, claim, PIN, reset, duress;
// daemon, broker, panel process and browser as they run in a gate room.

import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFileText } from '#agent/panel/pin.ts';
import { terminalId } from '#agent/sim/room.ts';
import { Companion } from '#test/e2e/support/commands.ts';
import { House } from '#test/e2e/support/house.ts';
import { buildPage } from '#test/support/build-page.ts';
import { pins } from './rig.ts';
import { PanelTab } from './support/panel-tab.ts';

const root = join(import.meta.dirname, '../..');
const tab = new PanelTab();
let house: House;
let panel: Companion;
let port: number;
let key: string;

beforeAll(async () => {
  house = await House.open({ buttons: 1 });
  writeFileSync(join(house.dir, 'pin.json'), await pinFileText(pins.right, pins.duress));
  const config = {
    ...{ listen: { host: '127.0.0.1', port: 0 }, socket: house.room.socket },
    ...{ stateDir: join(house.dir, 'panel'), pinFile: 'pin.json' },
  };
  const file = join(house.dir, 'panel.yaml');
  writeFileSync(file, JSON.stringify(config));
  const program = join(root, '.build/panel.cjs');
  panel = new Companion(process.execPath, [
    ...[program, '--config', file, '--page', buildPage('panel')],
  ]);
  const [line] = await Promise.all([panel.line(30_000, 'the panel is served'), house.start()]);
  ({ port } = JSON.parse(line));
  const { publicKey } = new X509Certificate(readFileSync(join(house.dir, 'panel/panel.pem')));
  const der = publicKey.export({ type: 'spki', format: 'der' });
  key = createHash('sha256').update(der).digest('base64');
  await tab.open(`https://localhost:${port}/`, key);
}, 120_000);
afterAll(async () => {
  await tab.close();
  await panel?.end();
  await house?.close();
}, 60_000);

const alarms = (kind: string) =>
  [...house.room.platform.alarms.values()].filter((alarm) => alarm.kind === kind);
const command = (verb: 'take' | 'resolve', incident: string) =>
  house.room.platform.desk.command(
    terminalId,
    verb,
    verb === 'resolve' ? { incident, reason: 'handled' } : { incident },
    { withinMs: 30_000 },
  );
const resolveAll = async () => {
  for (const incident of house.open) await command('resolve', incident);
  await house.until('nothing open', () => house.open.length === 0);
  await tab.shows('.stage:is([data-word=resolved], [data-word=ready])');
};

test('a press: the word is on the page, taken, called false, resolved', async () => {
  await tab.shows('.stage[data-word=ready]');
  await house.room.box.tap(1);
  await tab.shows('.stage[data-word=received]');
  expect(await tab.text('.alarms .is-open')).toContain('平台已收到');
  const [incident = ''] = house.open;
  await command('take', incident);
  await tab.shows('.stage[data-word=taken]');
  await tab.focus('#claim');
  await tab.page.keyboard.down('Enter');
  await tab.shows('.claimed');
  await tab.page.keyboard.up('Enter');
  await house.until('the claim', () => alarms('incident.false-alarm').length === 1);
  expect(house.open).toEqual([incident]);
  await resolveAll();
});

test('behind the PIN a reset puts out the light; under duress it looks alike, and 110 is told', async () => {
  const { dome } = house.room;
  const seen: string[] = [];
  for (const pin of [pins.right, pins.duress]) {
    await house.room.box.tap(1);
    await house.until('the strobe', () => dome.actuators.strobe);
    await tab.shows('.stage[data-word=received]');
    await tab.page.locator('#to-door').click();
    await tab.logIn(pin);
    await tab.page.locator('#tab-inputs').click();
    await tab.shows('[data-input=button-1][data-contact=normal]');
    await tab.page.locator('#tab-control').click();
    await tab.page.locator('#reset').click();
    await tab.shows('.outcome-done');
    await house.until('darkness', () => !dome.actuators.strobe);
    seen.push(await tab.still());
    await tab.page.locator('#logout').click();
    await tab.shows('.guard');
    if (pin === pins.right) await resolveAll();
  }
  expect(seen[1]).toBe(seen[0]);
  const silent = () => house.raised.filter(({ alarm }) => alarm === 'silent');
  await house.until('the silent alarm', () => silent().length === 1);
  // The open case of the press alone: of the other nothing is on the page.
  expect(await tab.page.locator('.alarms .is-open').count()).toBe(1);
  await resolveAll();
});

test('the screen at the desk is told to trust the key that answers, and no other', async () => {
  const bin = join(house.dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'cage'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(bin, 'cage'), 0o755);
  const { stdout } = await promisify(execFile)(join(root, 'systemd/kiosk'), {
    timeout: 30_000,
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      ...{ PANEL_PORT: String(port), STATE_DIRECTORY: house.dir },
    },
  });
  const said = stdout.split('\n');
  expect(said).toContain(`--ignore-certificate-errors-spki-list=${key}`);
  expect(said).toContain(`https://localhost:${port}/`);
});

test('a daemon that dies and a panel that dies are told, each as what it is', async () => {
  await house.room.daemon.end('SIGKILL');
  await tab.shows('.stage[data-word=unknown]');
  expect(await tab.text('.stage')).toMatch(/终端.*110/s);
  await house.start();
  await tab.shows('.stage:not([data-word=unknown])');
  await panel.end('SIGKILL');
  await tab.page.clock.fastForward(5_000);
  await tab.shows('.stage[data-word=unknown]');
  expect(await tab.text('.word')).toContain('页面失联');
});
