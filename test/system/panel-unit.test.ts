// The panel's unit as shipped: it may do less than the daemon, reads nothing of the daemon's, steps back
// behind it, and comes back. Judged offline by systemd's own tool where it is installed.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const file = join(import.meta.dirname, '../../systemd/gate-agent-panel.service');
const unit = readFileSync(file, 'utf8').split('\n');
const setting = (name: string): string[] =>
  unit.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasAnalyze)('exposure is 2.0 or less', () => {
  const args = ['security', '--offline=true', '--threshold=20', '--no-pager', file];
  const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  expect(status, stdout.split('\n').slice(-4).join('\n')).toBe(0);
});

test('a user of its own, who sees neither configuration nor records of the daemon', () => {
  expect(setting('User')).toEqual(['gate-panel']);
  const [hidden = ''] = setting('InaccessiblePaths');
  for (const dir of ['/etc/gate-agent', '/var/lib/gate-agent']) expect(hidden).toContain(dir);
  expect(setting('PrivateDevices')).toEqual(['yes']);
  expect(setting('CapabilityBoundingSet')).toEqual(['']);
});

test('behind the daemon, bounded, and back for ever', () => {
  expect(Number(setting('Nice')[0])).toBeGreaterThan(0);
  expect(Number(setting('OOMScoreAdjust')[0])).toBeGreaterThan(0);
  expect(setting('MemoryMax')).toEqual(['256M']);
  expect(setting('Restart')).toEqual(['always']);
  expect(setting('StartLimitIntervalSec')).toEqual(['0']);
  expect(setting('PartOf')).toEqual(['gate-agent.service']);
});
