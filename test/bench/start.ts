// From the spawn of the launcher to the log line `armed`: the first start, which makes the
// database, and the median of ten on a database that is there. The floor is a bare node that prints
// a line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Armed } from './daemon.ts';
import { openRig } from './rig.ts';
import { type Figures, median, percentile, rounded } from './stats.ts';

const starts = 10;
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export async function measureStart(): Promise<Figures> {
  const rig = await openRig();
  try {
    const first = await startOnce();
    const [warm, bare]: [Armed[], number[]] = [[], []];
    // One more, which fills the compile cache of a fresh bundle.
    for (let n = 0; n <= starts; n++) {
      const armed = await startOnce();
      const floorMs = await bareNode();
      if (n > 0) warm.push(armed);
      if (n > 0) bare.push(floorMs);
    }
    const warmMs = warm.map(({ ms }) => ms);
    return {
      first_start_to_armed_ms: Math.round(first.ms),
      start_to_armed_ms: Math.round(median(warmMs)),
      start_to_armed_max_ms: Math.round(percentile(warmMs, 100)),
      start_to_armed_own_ms: Math.round(median(warm.map(({ ownMs }) => ownMs))),
      floor_start_ms: Math.round(median(bare)),
      start_to_armed_ratio: rounded(median(warmMs) / median(bare), 2),
    };
  } finally {
    await rig.close();
  }

  async function startOnce(): Promise<Armed> {
    const armed = await rig.daemon.start();
    await rig.daemon.settled(30_000);
    await rig.daemon.stop();
    return armed;
  }
}

async function bareNode(): Promise<number> {
  const began = nowMs();
  const child = spawn(process.execPath, ['-e', "console.log('armed')"], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ms = nowMs() - began;
  await once(child, 'exit');
  return ms;
}
