// The terminal wants the strobe while a commit is under way and the loop stands (rule 1): the request is
// made, and not a byte of it is out before the loop goes on. Seen from another thread.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until, within } from '#test/support/wait.ts';
import { alarm, bench, dark } from './support.ts';

/** Milliseconds for which a commit stands here; a byte that leaves takes well below one. */
const commitMs = 300;
const soon = { withinMs: 10_000 };

async function relayTo({ url }: SimDome) {
  const bytes = new Int32Array(new SharedArrayBuffer(4));
  const { port } = new URL(url);
  const thread = new Worker(new URL('./relay-thread.ts', import.meta.url), {
    workerData: { port: Number(port), bytes },
  });
  const [address] = await within(once(thread, 'message'), { ...soon, what: 'the relay' });
  const relayed = z.object({ port: z.number() }).parse(address).port;
  return { url: url.replace(port, `${relayed}`), bytes, close: () => thread.terminate() };
}

/** True where nothing has come for a while; the loop stands meanwhile, and begins nothing new. */
const isQuiet = (bytes: Int32Array, ms: number): boolean =>
  Atomics.wait(bytes, 0, Atomics.load(bytes, 0), ms) === 'timed-out';

test('nothing reaches the dome while the loop stands, and all of it when it goes on', async () => {
  const sim = await startDome();
  const relay = await relayTo(sim);
  const profile = { siren: [], preset: { alarm: null, guard: null } };
  const clock = systemClock();
  const one = await bench({ clock, dome: { url: relay.url }, profile });
  try {
    one.dome.want(dark);
    await one.open();
    // A kept connection, as before most alarms: on one that is still being made nothing could leave.
    one.dome.want(alarm);
    await until(() => sim.actuators.strobe, { ...soon, what: 'the strobe' });
    one.dome.want(dark);
    await until(() => !sim.actuators.strobe, { ...soon, what: 'the dark' });
    let quietTurns = 0;
    const isIdle = () => {
      quietTurns = isQuiet(relay.bytes, 5) ? quietTurns + 1 : 0;
      return quietTurns >= 5;
    };
    await until(isIdle, { ...soon, what: 'an idle line' });
    one.dome.want(alarm);
    expect(isQuiet(relay.bytes, commitMs)).toBe(true);
    await until(() => sim.actuators.strobe, { ...soon, what: 'the strobe' });
  } finally {
    await one.close();
    await relay.close();
    await sim.close();
  }
});
