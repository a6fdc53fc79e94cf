// How fast a backlog leaves: 100,000 events in the outbox of a stopped terminal, then a start,
// until the last row is settled by the platform's receipts. The floor publishes the same bytes on a
// bare socket, 16 in flight, until the last PUBACK: it stores, reads and settles nothing.

import { topicsOf, wireOf } from '#agent/contract.ts';
import type { Message } from '#agent/core/message.ts';
import { momentOf } from '#agent/core/state.ts';
import { SqliteStore } from '#agent/store/store.ts';
import { systemClock, systemIds } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { answerOf, endChild, type FloorOrder, forkHere } from './floor-child.ts';
import { capMb, identity, openRig, type Rig, terminal } from './rig.ts';
import { type Figures, rounded } from './stats.ts';

const rowsATurn = 1000;
const windowOfAgent = 16;
const drainWithinMs = 300_000;
const clock = systemClock();

export async function measureDrain(rows: number): Promise<Figures> {
  const rig = await openRig();
  try {
    // The database, its key and the position of `nextSeq` are the daemon's own work.
    await rig.daemon.start();
    await rig.daemon.settled(30_000);
    await rig.daemon.stop();
    const payload = await fill(rig.dataDir, rows);
    const before = await bare(rig, rows, payload);
    const own = await agent(rig, rows);
    const after = await bare(rig, rows, payload);
    const floor = (before + after) / 2;
    return {
      drain_rows: rows,
      drain_row_bytes: payload.length,
      drain_rows_per_s: Math.round(own),
      floor_drain_rows_per_s: Math.round(floor),
      drain_rows_ratio: rounded(floor / own, 2),
    };
  } finally {
    await rig.close();
  }
}

/** Puts events into the outbox as the terminal would; returns the bytes of one. */
export async function fill(dir: string, rows: number): Promise<Buffer> {
  let payload = '';
  const store = new SqliteStore({
    ...{ dir, pageCapMb: capMb, terminal, clock },
    wire: (message, head) => {
      payload = JSON.stringify(wireOf(message, terminal, identity, head));
      return payload;
    },
  });
  const { site } = store.open({ emit: () => undefined }).site;
  if (!site) throw new Error('the terminal has not been started yet');
  const first = site.nextSeq;
  for (let done = 0; done < rows; done += rowsATurn) {
    const count = Math.min(rowsATurn, rows - done);
    const enqueue = Array.from({ length: count }, (_, n) => eventOf(first + done + n));
    const nextSeq = first + done + count;
    const entities = [{ table: 'site', id: site.id, body: { ...site, nextSeq } } as const];
    const { durable, reason } = store.commit({ entities, audit: [], enqueue, settle: [] });
    const written = () => store.figures().behind === 0;
    if (!durable) await until(written, { withinMs: 30_000, what: `the disk (${reason})` });
  }
  await store.close();
  return Buffer.from(payload);
}

function eventOf(seq: number): Message {
  const fault = 'dome.lost';
  const detail = 'the dome does not answer: no connection within 2000 ms';
  const body = { kind: 'fault.raised', fault, detail } as const;
  const id = systemIds.next();
  return { id, seq, lane: 'event', at: momentOf({ id, ...clock.now() }), body };
}

/** Rows a second, from the first PUBLISH to the last row settled. */
async function agent({ daemon, platform }: Rig, rows: number): Promise<number> {
  platform.events = 0;
  await daemon.start();
  await until(() => platform.events > 0, { withinMs: 30_000, what: 'the first row' });
  await daemon.settled(drainWithinMs);
  const endMs = clock.now().monoMs;
  if (platform.events < rows) throw new Error(`${platform.events} of ${rows} rows arrived`);
  return rows / ((endMs - platform.firstEventMs) / 1000);
}

async function bare(rig: Rig, rows: number, payload: Buffer): Promise<number> {
  const child = forkHere('floor.ts');
  const order: FloorOrder = {
    kind: 'drain',
    mqttPort: rig.broker.port,
    topic: topicsOf('floor').event,
    payload: payload.toString('latin1'),
    rows,
    window: windowOfAgent,
  };
  const drained = answerOf(child, 'drained', drainWithinMs);
  child.send(order);
  const { ms } = await drained;
  await endChild(child);
  return rows / (ms / 1000);
}
