// The broker misbehaves. What it does not take is published again, and never called sent.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { terminalId } from '#agent/sim/room.ts';
import { OldBroker } from '#test/uplink/old-broker.ts';
import type { Fault } from './fault.ts';
import { Door } from './line-door.ts';
import { calm, configure, listening, over, reconfigure, says } from './line-setup.ts';
import type { Scene } from './scene.ts';

const held = ['stored', 'undelivered', 'received'];
const deliverWithinMs = 60_000;

/** The daemon online behind a door of ours. */
async function behindDoor(scene: Scene): Promise<Door> {
  const door = new Door(scene.house.broker.port);
  scene.atEnd(() => door.close());
  await configure(scene, { broker: { url: await door.listen() } });
  await scene.start();
  await scene.settled();
  return door;
}

async function neverAcknowledges(scene: Scene): Promise<void> {
  const door = await behindDoor(scene);
  door.verdict = () => 'silent';
  await scene.press();
  await says(scene, 'uplink.down', 'the broker does not acknowledge');
  door.verdict = () => null;
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
}

async function quotaExceeded(scene: Scene): Promise<void> {
  const door = await behindDoor(scene);
  door.verdict = (topic) => (topic.endsWith('/alarm') ? 0x97 : null);
  await scene.press();
  await says(scene, 'uplink.refused', 'quota exceeded (151)');
  await scene.lampSaid('undelivered', 20_000);
  door.verdict = () => null;
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
  await over(scene, 'uplink.refused');
}

const open = 'topic readwrite #\n';

/** The broker has read its ACL again: alarms of a stranger are refused, too. */
async function denied(scene: Scene): Promise<void> {
  const stranger = await mqtt.connectAsync(scene.house.broker.url, { protocolVersion: 5 });
  // Empty: to the platform it is no message.
  const isDenied = () =>
    stranger.publishAsync('gate/v1/stranger/alarm', '', { qos: 1 }).then(
      () => false,
      () => true,
    );
  await scene.house.until('alarms to be refused', isDenied);
  await stranger.endAsync();
}

async function notAuthorised(scene: Scene): Promise<void> {
  const { broker } = scene.house;
  const acl = (lines: string) => writeFile(join(broker.dir, 'acl'), lines);
  await scene.start();
  await acl(`${open}topic deny gate/v1/+/alarm\n`);
  broker.reload();
  await denied(scene);
  await scene.press();
  await says(scene, 'uplink.refused', 'not authorised (135); check the ACL of the broker');
  await scene.lampSaid('undelivered', 20_000);
  await acl(open);
  broker.reload();
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
  await over(scene, 'uplink.refused');
}

async function nobodySubscribed(scene: Scene): Promise<void> {
  const { broker, room } = scene.house;
  // Its session goes with the broker's memory.
  await room.platform.close();
  await broker.down();
  await broker.up();
  await scene.start();
  await scene.press();
  await says(scene, 'uplink.nobody', 'nobody is subscribed to it');
  await scene.lampSaid('undelivered', 20_000);
  await room.platform.open();
  await listening(scene);
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
  await over(scene, 'uplink.nobody');
}

/** mosquitto lets nobody in who names no user. Restarted, since 2.0.11 dies of it now and then when it
 * is told so while it runs. */
async function loginRefused(scene: Scene): Promise<void> {
  const allow = (yes: boolean) =>
    reconfigure(scene.house.broker, (lines) =>
      lines.replace(/^allow_anonymous .*/m, `allow_anonymous ${yes}`),
    );
  await scene.start();
  await allow(false);
  await scene.press();
  await says(scene, 'uplink.down', 'not authorised; check user, certificate and the ACL');
  await allow(true);
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
}

/** The replaced terminal still runs: whoever logs in throws the other out. */
async function takenOver(scene: Scene): Promise<void> {
  await scene.start();
  await scene.settled();
  const twin = mqtt.connect(scene.house.broker.url, {
    ...{ clientId: terminalId, protocolVersion: 5, clean: false, reconnectPeriod: 300 },
  });
  scene.atEnd(() => twin.endAsync(true));
  await says(scene, 'uplink.taken-over', 'another client under our client id');
  await scene.press();
  await scene.arrived(undefined, deliverWithinMs);
  await twin.endAsync(true);
  await scene.press();
  await scene.told('uplink.taken-over', deliverWithinMs);
  await calm(scene);
}

async function onlyOld(scene: Scene): Promise<void> {
  const old = new OldBroker(scene.house.broker.port, 'code of 5');
  scene.atEnd(() => old.close());
  await configure(scene, { broker: { url: await old.listen() } });
  await scene.start();
  await scene.press();
  await says(scene, 'uplink.mqtt-3-1-1', 'speaks only MQTT 3.1.1');
  await scene.told('uplink.mqtt-3-1-1');
}

async function restarted(scene: Scene): Promise<void> {
  const { broker } = scene.house;
  await scene.start();
  await broker.down('SIGKILL');
  await scene.press();
  await scene.lampSaid('undelivered', 20_000);
  await broker.up();
  scene.mended();
  await scene.arrived(undefined, deliverWithinMs);
}

export const brokerFaults: readonly Fault[] = [
  {
    name: 'line/broker-killed',
    what: 'the broker is killed, and comes back without its memory',
    expect: { lamp: held, afterWithinMs: 25_000 },
    story: restarted,
  },
  {
    name: 'line/no-puback',
    what: 'the broker takes every message and acknowledges none',
    expect: { tells: ['uplink.down'], lamp: held, lampNever: ['sent'], afterWithinMs: 45_000 },
    withinMs: 180_000,
    story: neverAcknowledges,
  },
  {
    name: 'line/puback-16',
    what: 'PUBACK 16: nobody is subscribed, the platform comes later',
    expect: { tells: ['uplink.nobody'], lamp: held, afterWithinMs: 45_000 },
    withinMs: 120_000,
    story: nobodySubscribed,
  },
  {
    name: 'line/puback-quota',
    what: 'PUBACK 0x97: quota exceeded, for alarms',
    expect: { tells: ['uplink.refused'], lamp: held, lampNever: ['sent'], afterWithinMs: 45_000 },
    withinMs: 120_000,
    story: quotaExceeded,
  },
  {
    name: 'line/puback-denied',
    what: 'PUBACK 0x87: the ACL forbids alarms',
    house: { mosquitto: { acl: open } },
    expect: { tells: ['uplink.refused'], lamp: held, lampNever: ['sent'], afterWithinMs: 45_000 },
    withinMs: 120_000,
    story: notAuthorised,
  },
  {
    name: 'line/connack-refused',
    what: 'CONNACK 0x87: the login is refused, later allowed',
    expect: { tells: ['uplink.down'], lamp: held, lampNever: ['sent'], afterWithinMs: 45_000 },
    withinMs: 180_000,
    story: loginRefused,
  },
  {
    name: 'line/taken-over',
    what: 'a second terminal under the same client id, again and again',
    expect: { tells: ['uplink.taken-over'], lamp: ['received'] },
    withinMs: 180_000,
    story: takenOver,
  },
  {
    name: 'line/mqtt-3-1-1',
    what: 'a broker that speaks only MQTT 3.1.1',
    expect: { alarmWithinMs: 2_000, tells: ['uplink.mqtt-3-1-1'], lamp: ['received'] },
    story: onlyOld,
  },
];
