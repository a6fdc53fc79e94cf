// A hand on the stick, in a process of its own so that it can be killed: says the same velocity twenty times
// a second, and nothing when it ends but, where it has one, its will.

import { connectAsync } from 'mqtt';
import { topicsOf } from '#agent/contract.ts';
import type { HandOrder, HandSetup } from './stick-hand.ts';

const everyMs = 50;

async function hand({ broker, terminal, role, user, will }: HandSetup): Promise<void> {
  const topics = topicsOf(terminal);
  const topic = (verb: string) => topics.command(role, user, verb);
  const stop = { topic: topic('stick.stop'), payload: Buffer.from('{"v":1}'), qos: 0 as const };
  const client = await connectAsync(broker, {
    protocolVersion: 5,
    reconnectPeriod: 100,
    ...(will ? { will: { ...stop, retain: false } } : {}),
  });
  let n = 0;
  let held: HandOrder | null = null;
  setInterval(() => {
    if (held === null || !client.connected) return;
    n += 1;
    client.publish(topic('stick.move'), JSON.stringify({ v: 1, n, ...held }), { qos: 0 });
    process.send?.({ n });
  }, everyMs);
  process.on('message', (order: HandOrder) => {
    if (order.lease !== held?.lease) n = 0;
    held = order;
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ n });
}

await hand(JSON.parse(process.argv[2] ?? '{}'));
