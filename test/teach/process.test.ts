// The bundle: an unarmed daemon, the command line beside it, a button box on a pseudo terminal between
// them; and a command line that dies leaves nothing open.

import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimBox } from '#agent/sim/box.ts';
import { Daemon } from '#agent/sim/daemon.ts';
import { Companion, gateAgent } from '#test/e2e/support/commands.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { until } from '#test/support/wait.ts';

const withinMs = 20_000;
let dir: string;
let box: SimBox;
let daemon: Daemon;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-teach-'));
  box = new SimBox({ dir, inputs: 2 });
  await box.open();
  daemon = new Daemon({
    command: [launcher],
    configFile: join(dir, 'none.yaml'),
    env: { RUNTIME_DIRECTORY: dir, STATE_DIRECTORY: dir },
  });
  daemon.start();
  const isUp = async () => (await gateAgent('status', '--socket', socket())).code === 3;
  await until(isUp, { withinMs, what: 'the unarmed daemon' });
});
afterAll(async () => {
  await daemon.end('SIGKILL');
  await box.close();
  await rm(dir, { recursive: true, force: true });
});

const socket = (): string => join(dir, 'control.sock');
const teaching = (...args: string[]) =>
  new Companion(launcher, ['button', 'teach', '--socket', socket(), ...args]);
/** Whether the daemon has the box's port open. */
const hasPort = (): boolean => {
  const device = realpathSync(box.path);
  const fds = `/proc/${daemon.pid}/fd`;
  return readdirSync(fds).some((fd) => linkAt(join(fds, fd)) === device);
};
function linkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

test('finds the box and the press; Ctrl-C ends it with 0', { timeout: 60_000 }, async () => {
  const teach = teaching('--json', '--port', box.path);
  try {
    await teach.line(withinMs, '"kind":"found"', '"what":"box"', 'boxes:');
    await box.tap(2);
    const line = await teach.line(withinMs, '"kind":"found"', '"what":"contact"');
    const [found] = JSON.parse(line).found;
    expect(found).toMatchObject({
      where: `${box.path} 2`,
      config: { boxes: [{ path: box.path, inputs: { 1: {}, 2: { kind: 'emergency' } } }] },
    });
  } finally {
    await teach.end('SIGINT');
  }
  expect(teach.exitCode).toBe(0);
});

test('killed: the port is given back a moment later', { timeout: 60_000 }, async () => {
  const teach = teaching('--port', box.path);
  try {
    await teach.line(withinMs, 'button box 按钮盒 115200');
    expect(hasPort()).toBe(true);
  } finally {
    await teach.end('SIGKILL');
  }
  await until(() => !hasPort(), { withinMs: 10_000, what: 'the port given back' });
  expect(daemon.running).toBe(true);
});

test('a port that is none: refused, 64; no daemon: 69; an option of another make: 64', async () => {
  const refused = await gateAgent('button', 'teach', '--socket', socket(), '--port', '/dev/null');
  expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('a serial port') });
  const nobody = await gateAgent('button', 'teach', '--socket', join(dir, 'none.sock'));
  expect(nobody).toMatchObject({ code: 69, err: expect.stringContaining('nobody answers') });
  expect((await gateAgent('button', 'press')).err).toContain('unknown command: button press');
});
