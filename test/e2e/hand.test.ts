// config/button-box.md and gate-agent.minimal.yaml followed by hand: a pair of pseudo terminals, the
// printf lines as they stand in the document, and mosquitto_sub beside them.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Platform } from '#agent/sim/platform.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { Companion, gateAgent, shell } from './support/commands.ts';
import { Ears } from './support/ears.ts';
import { launcher } from './support/house.ts';

const config = join(import.meta.dirname, '../../config');
const document = readFileSync(join(config, 'button-box.md'), 'utf8').split('\n');
const terminal = 'hz-xihu-0012-east';
const ears = new Ears(terminal);
const topic = (what: string): string => `gate/v1/${terminal}/${what} `;

let dir: string;
let broker: Mosquitto;
let platform: Platform;
let cable: Companion;
let eyes: Companion;
let daemon: Companion;

/** The lines of the document that begin like this. */
const typed = (begins: string): string[] =>
  document.map((line) => line.trim()).filter((line) => line.startsWith(begins));

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-by-hand-'));
  broker = await Mosquitto.start();
  const file = join(dir, 'platform.jsonl');
  platform = new Platform({ broker: broker.url, file, tap: ears.tap });
  await platform.open();
  const [socat = ''] = typed('socat -d -d');
  const line = socat.replaceAll('/tmp/', `${dir}/`).replace(/ &$/, '');
  cable = new Companion('bash', ['-c', `exec ${line}`]);
  await cable.line(5_000, 'starting data transfer loop');
  const port = `${broker.port}`;
  eyes = new Companion('mosquitto_sub', ['-V', '5', '-p', port, '-t', '#', '-v']);
  await writeFile(join(dir, 'gate-agent.yaml'), minimal());
});

afterAll(async () => {
  await daemon?.end('SIGKILL');
  await eyes.end();
  await cable.end();
  await platform.close();
  await broker.remove();
  await rm(dir, { recursive: true, force: true });
  ears.close();
});

/** The minimal configuration, with this broker, this line and this directory. */
function minimal(): string {
  const text = readFileSync(join(config, 'gate-agent.minimal.yaml'), 'utf8')
    .replace('mqtt://localhost:1883', broker.url)
    .replace(/path: .*/, `path: ${dir}/box-agent`);
  return `${text}data: { dir: ${dir}/data }\ncontrol: { socket: ${dir}/control.sock }\n`;
}

test('a press by printf, seen with mosquitto_sub', { timeout: 60_000 }, async () => {
  const file = join(dir, 'gate-agent.yaml');
  expect(await gateAgent('check-config', '--config', file)).toMatchObject({ code: 0 });
  daemon = new Companion(launcher, ['run', '--config', file]);
  await daemon.line(10_000, '"msg":"armed"');
  await eyes.line(10_000, topic('state'), '"online":true');

  const box = { BOX: join(dir, 'box-hand') };
  const [rest = '', press = '', release = '', ...more] = typed("printf '%s");
  expect(more).toEqual([]);
  await shell(rest, box);
  await shell(press, box);
  const alarm = await eyes.line(5_000, topic('alarm'), '"kind":"alarm.raised"');
  expect(JSON.parse(alarm.slice(topic('alarm').length))).toMatchObject({
    input: 'desk-button',
    alarm: 'emergency',
    edge: 'live',
    identity: { school: '文新小学', gate: '东门' },
  });
  const { id } = JSON.parse(alarm.slice(topic('alarm').length));
  await eyes.line(5_000, topic('receipt'), id);
  await eyes.line(5_000, topic('state'), `"id":"${id}"`, '"step":"received"');
  await shell(release, box);

  // The shell functions of the document: the next press of the same button.
  const again = [typed('crc()'), typed('frame()'), typed("frame 'S,1")].flat().join('\n');
  await shell(again, box);
  await eyes.line(5_000, topic('alarm'), '"kind":"press.repeated"', id);
  const socket = join(dir, 'control.sock');
  const asked = await gateAgent('status', '--socket', socket);
  expect(asked).toMatchObject({ code: 2, out: expect.stringContaining('received 平台已收到') });
  expect(platform.violations).toEqual([]);
});

test('what the terminal wants of the lamp is read with cat', async () => {
  const cat = new Companion('cat', [join(dir, 'box-hand')]);
  try {
    // Repeated every 2 s.
    await cat.line(5_000, '$O,1,', 'W250.-250.W250.-250.W250.-1500');
  } finally {
    await cat.end();
  }
});

test('after a SIGKILL the broker tells that it is gone', { timeout: 40_000 }, async () => {
  const said = eyes.lines.length;
  await daemon.end('SIGKILL');
  // The broker waits 15 s for a terminal that may come back.
  await until(
    () =>
      eyes.lines
        .slice(said)
        .some((line) => line.startsWith(topic('state')) && line.includes('"online":false')),
    { withinMs: 30_000, what: 'the will' },
  );
  expect((await stat(join(dir, 'data/gate.db'))).size).toBeGreaterThan(0);
});
