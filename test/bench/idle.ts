// A terminal at rest, connected, box and dome well: memory after 30 s, then processor time and
// transactions over a whole window. Ten minutes are measured only where ten minutes were asked for.
// The floor is a bare node with a timer and the same heap flags.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMs, rssMb } from './daemon.ts';
import { openRig } from './rig.ts';
import { type Figures, rounded } from './stats.ts';

const restMs = 30_000;
const heapFlags = ['--max-semi-space-size=1', '--max-old-space-size=64'];

export async function measureIdle(full: boolean): Promise<Figures> {
  const windowMs = full ? 600_000 : 60_000;
  const rig = await openRig();
  try {
    await rig.daemon.start();
    await rig.daemon.settled(30_000);
    await rig.daemon.stop();
    // Measured on a database that is there: making one leaves its memory behind.
    await rig.daemon.start();
    await rig.daemon.settled(30_000);
    await pause(restMs);
    const { pid } = rig.daemon;
    const idleMb = rssMb(pid);
    const before = await look();
    await pause(windowMs);
    const after = await look();
    const floorMb = await bareNode();
    const transactions = after.transactions - before.transactions;
    return {
      idle_rss_mb: rounded(idleMb, 1),
      floor_idle_rss_mb: rounded(floorMb, 1),
      idle_rss_ratio: rounded(idleMb / floorMb, 2),
      idle_cpu_pct: rounded((100 * (after.cpu - before.cpu)) / windowMs),
      ...(full
        ? {
            idle_transactions_per_10min: transactions,
            idle_rss_after_10min_mb: rounded(rssMb(pid), 1),
          }
        : { idle_transactions_per_60s: transactions }),
    };
  } finally {
    await rig.close();
  }

  async function look() {
    const { store } = await rig.daemon.status();
    return { transactions: store?.transactions ?? Number.NaN, cpu: cpuMs(rig.daemon.pid) };
  }
}

async function bareNode(): Promise<number> {
  const script = 'setInterval(() => undefined, 1000)';
  const child = spawn(process.execPath, [...heapFlags, '-e', script], { stdio: 'ignore' });
  await pause(3000);
  const mb = rssMb(child.pid ?? 0);
  const exit = once(child, 'exit');
  child.kill();
  await exit;
  return mb;
}
