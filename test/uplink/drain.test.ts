// 20,000 rows with platform receipts, everything real but the disk: every row once, in order, in
// bounded time. The figure itself is the benchmark's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { OutboxRow } from '#agent/ports.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { atEnd, openUplink } from './rig.ts';
import { rowsOf } from './rows.ts';

it('drains 20,000 rows, and nothing is lost at a broker with default queues', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gate-drain-'));
  atEnd(() => rm(dir, { recursive: true }));
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  const main = `${import.meta.dirname}/../../agent/sim/platform-main.ts`;
  const args = ['--broker', broker.url, '--file', join(dir, 'ledger'), '--terminal', 'none'];
  const platform = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(platform, 'exit');
  atEnd(async () => {
    platform.kill('SIGTERM');
    await exit;
  });
  await once(platform.stdout, 'data');
  const rows = rowsOf('event', 1, 20_000);
  const received = new Set<string>();
  const outbox = {
    rows: [...rows],
    ...{ pages: 0, hanging: false, broken: null },
    page: (lane: string, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> =>
      Promise.resolve(lane === 'event' ? rows.slice(Math.max(0, afterSeq)).slice(0, limit) : []),
    settle: () => undefined,
  };
  const { uplink, told } = await openUplink(broker.url, {}, outbox);
  let acked = 0;
  told.emit = (fact, stepped) => {
    if (fact.kind === 'uplink.acked') acked += fact.ids.length;
    if (fact.kind === 'uplink.received') {
      for (const id of fact.ids) received.add(id);
      uplink.settled(fact.ids);
    }
    queueMicrotask(() => stepped?.());
  };
  await until(() => received.size === rows.length, { withinMs: 18_000, what: 'all receipts' });
  expect(acked).toBeGreaterThanOrEqual(rows.length);
  expect(uplink.figures().heldRows).toBe(0);
});
