// The platform and the people at it misbehave.

import mqtt from 'mqtt';
import { topicsOf } from '#agent/contract.ts';
import { terminalId } from '#agent/sim/room.ts';
import type { Fault } from './fault.ts';
import { calm } from './line-setup.ts';
import type { Scene } from './scene.ts';

async function noReceipts(scene: Scene): Promise<void> {
  const { platform } = scene.room;
  await scene.start();
  await scene.settled();
  platform.holdReceipts = true;
  await scene.press();
  await scene.lampSaid('undelivered', 20_000);
  platform.releaseReceipts();
  await scene.lampSaid('received', 20_000);
}

const perSecond = 2_000;
const floodMs = 5_000;

/** Commands that ask for the status, well formed, from one desk that has lost its mind. */
async function flood(scene: Scene): Promise<void> {
  await scene.start();
  await scene.settled();
  const { bootId } = scene.room.platform.states.get(terminalId) ?? {};
  if (!bootId) throw new Error('no birth was heard');
  const client = await mqtt.connectAsync(scene.house.broker.url, {
    ...{ protocolVersion: 5, reconnectPeriod: 0 },
  });
  scene.atEnd(() => client.endAsync(true));
  const topic = topicsOf(terminalId).command('110-city', 'desk-1', 'status');
  const startMs = performance.now();
  let sent = 0;
  const goOn = () => {
    const atMs = performance.now() - startMs;
    for (; sent < (Math.min(atMs, floodMs) / 1_000) * perSecond; sent++) {
      const command = {
        v: 1,
        id: `flood-${sent}`,
        bootId,
        issuedMs: Date.now(),
        lifetimeMs: 10_000,
      };
      client.publish(topic, JSON.stringify(command), { qos: 0 });
    }
    return atMs >= floodMs;
  };
  for (let n = 0; n < 10; n++) {
    const dueMs = performance.now() + floodMs / 12;
    await scene.house.until('the next press', () => goOn() || performance.now() >= dueMs);
    await scene.press();
  }
  await scene.house.until('the end of the flood', goOn);
  await calm(scene);
}

export const platformFaults: readonly Fault[] = [
  {
    name: 'line/no-receipts',
    what: 'the platform stores, and stops sending receipts; later sends them',
    expect: { alarmWithinMs: 2_000, lamp: ['stored', 'sent', 'undelivered', 'received'] },
    story: noReceipts,
  },
  {
    name: 'line/command-flood',
    what: '2,000 commands a second for 5 s, ten presses meanwhile',
    expect: { alarmWithinMs: 500, lamp: ['received'], lampNever: ['undelivered'] },
    story: flood,
  },
];
