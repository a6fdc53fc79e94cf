// The wizard by keys in a terminal of 80 x 25, in short: Chinese, a scanned code, a platform that is dead,
// a PIN typed wrongly, stopped and gone on with. The whole of it in both languages is in
// test/long/wizard.test.ts.

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keep, keptDays, keptFile, nothingKept, readKept } from '#agent/install/kept.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { Person } from './person.ts';
import { siteOf } from './sites.ts';
import { readText, terminal } from './support.ts';
import { Tmux } from './tmux.ts';

function bench() {
  const dir = mkdtempSync(join(tmpdir(), 'gate-wizard-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, file: join(dir, 'gate-agent.yaml'), socket: join(dir, 'control.sock') };
}

it('scanned, a dead platform, stopped by Ctrl-C, gone on with', { timeout: 60_000 }, async () => {
  const { dir, file, socket } = bench();
  const tmux = new Tmux();
  onTestFinished(() => tmux.close());
  const person = new Person(tmux, 'zh');
  const command = [launcher, 'provision', '--config', file, '--socket', socket, '--no-restart'];
  await tmux.start({ command, env: { RUNTIME_DIRECTORY: dir, STATE_DIRECTORY: dir } });
  await person.choosesLanguage();
  await person.scans();
  await person.says('url', 'mqtt://127.0.0.1:1');
  await person.says('user', '');
  await tmux.sees('平台拒绝连接');
  await tmux.keys('C-c');
  await tmux.sees('[exit 75]');
  expect(statSync(keptFile(file)).mode & 0o777).toBe(0o600);
  expect(existsSync(file)).toBe(false);
  await tmux.close();

  const again = new Tmux();
  onTestFinished(() => again.close());
  await again.start({ command, env: { RUNTIME_DIRECTORY: dir, STATE_DIRECTORY: dir } });
  await again.sees('从上次中断处继续');
  await again.sees('mqtt://127.0.0.1:1');
  const { site } = readKept(file, Date.now()) ?? {};
  expect(site?.tree).toMatchObject({
    terminal: { id: terminal },
    identity: { school: '文新小学' },
  });
  expect(await again.screen()).toContain('[3/10]');
});

it('answers are void after two weeks, and where they are none of ours', () => {
  const { dir, file } = bench();
  mkdirSync(dir, { recursive: true });
  const saved = { ...nothingKept('en', 'dome'), site: siteOf('x') };
  keep(file, saved, 1000);
  const dayMs = 86_400_000;
  expect(readKept(file, 1000 + keptDays * dayMs)).toMatchObject({ step: 'dome', savedMs: 1000 });
  expect(readKept(file, 1001 + keptDays * dayMs)).toBeNull();
  const text = readText(keptFile(file));
  expect(text).not.toContain('undefined');
});
