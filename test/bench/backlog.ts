// What a terminal does that has been offline for long: 100,000 events in its outbox, started while
// the broker is down; then the broker comes up. Rows a second: from the first PUBLISH to the last row
// settled. In the middle of it a button is pressed. Every row must have arrived.

import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { cpuMs, rssMb } from './daemon.ts';
import { fill } from './drain.ts';
import { openRig } from './rig.ts';
import { type Figures, rounded } from './stats.ts';

const drainWithinMs = 300_000;
/** The pause before a try grows to 20 s. */
const onlineWithinMs = 60_000;
const clock = systemClock();

export async function measureBacklog(rows: number): Promise<Figures> {
  const alarms: { readonly kind: string; readonly atMs: number }[] = [];
  const rig = await openRig({ alarm: ({ kind }, _, atMs) => alarms.push({ kind, atMs }) });
  const { daemon, platform, broker, box } = rig;
  try {
    // The database, its key and the position of `nextSeq` are the daemon's own work.
    await daemon.start();
    await daemon.settled(30_000);
    await daemon.stop();
    await fill(rig.dataDir, rows);
    await broker.down();
    await daemon.start();
    await until(() => daemon.statusOrNull(), { withinMs: 30_000, what: 'a terminal at work' });
    await broker.up();
    await platform.connect();
    await until(() => platform.events > 0, { withinMs: onlineWithinMs, what: 'the first row' });
    const cpuBefore = cpuMs(daemon.pid);
    await until(() => platform.events >= rows / 2, { withinMs: drainWithinMs, what: 'half of it' });
    const rowsLeft = rows - platform.eventIds.size;
    const began = box.press(1);
    const raised = () => alarms.find(({ kind }) => kind === 'alarm.raised');
    const { atMs } = await until(raised, { withinMs: 30_000, what: 'the alarm' });
    const rss = rssMb(daemon.pid);
    await daemon.settled(drainWithinMs);
    const tookMs = clock.now().monoMs - platform.firstEventMs;
    return {
      backlog_rows: rows,
      backlog_rows_per_s: Math.round(rows / (tookMs / 1000)),
      backlog_cpu_us_a_row: rounded((1000 * (cpuMs(daemon.pid) - cpuBefore)) / rows, 1),
      backlog_lost: rows - Math.min(rows, platform.eventIds.size),
      backlog_sent_again: platform.events - platform.eventIds.size,
      backlog_rows_a_receipt: Math.round(platform.events / platform.receipts),
      backlog_rss_mb: rounded(rss, 1),
      backlog_alarm_rows_waiting: rowsLeft,
      backlog_press_to_platform_ms: rounded(atMs - began),
    };
  } finally {
    await rig.close();
  }
}
