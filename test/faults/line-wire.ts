// The wire between terminal and broker, and the names on it.

import { Mosquitto } from '#test/support/mosquitto.ts';
import { ThinLine } from '#test/uplink/thin-line.ts';
import type { Fault } from './fault.ts';
import { Door } from './line-door.ts';
import { Netns } from './line-netns.ts';
import { calm, configure, over, says, startOffline } from './line-setup.ts';
import { Tls } from './line-tls.ts';
import type { Scene } from './scene.ts';

const thin = { bytesPerS: 20_000, delayMs: 50, loss: 0, stallMs: 200, seed: 20_261_121 };
const brokerName = 'broker.city.test';
/** What a guard sees whose alarm does not get out for a while, and then does. */
const held = ['stored', 'undelivered', 'received'];

/** The network of the daemon's own, with broker and dome on the other end of its wire. */
async function netnsOf(scene: Scene, host?: string): Promise<Netns> {
  const netns = new Netns();
  scene.atEnd(() => netns.close());
  await netns.open();
  await Tls.open(
    scene,
    {},
    {
      host: host ?? netns.host,
      names: host ? `DNS:${host}` : `IP:${netns.host}`,
      via: (port) => netns.forward(port),
    },
  );
  await netns.mirror(Number(new URL(scene.room.dome.url).port));
  return netns;
}

const inNetns = { room: async () => ({ command: Netns.command }) };

function namesGone(how: 'silent' | 'unknown', why: string): Omit<Fault, 'name' | 'what'> {
  return {
    house: inNetns,
    expect: { tells: ['uplink.down'], lamp: held, afterWithinMs: 45_000 },
    withinMs: 180_000,
    story: async (scene) => {
      const netns = await netnsOf(scene, brokerName);
      netns.names = how;
      await startOffline(scene);
      await scene.press();
      await says(scene, 'uplink.down', why);
      await scene.lampSaid('undelivered', 20_000);
      netns.names = 'answers';
      scene.mended();
      await scene.arrived(undefined, 60_000);
    },
  };
}

export const wireFaults: readonly Fault[] = [
  {
    name: 'line/half-open',
    what: 'half-open: nothing passes either way, TCP stays, and so with every new connection',
    expect: { tells: ['uplink.down'], lamp: held, afterWithinMs: 45_000 },
    withinMs: 180_000,
    story: async (scene) => {
      await scene.start();
      scene.relay.hold('up');
      scene.relay.hold('down');
      await scene.press();
      await says(scene, 'uplink.down', 'no answer from the broker within 15 s');
      scene.relay.release();
      scene.mended();
      await scene.arrived(undefined, 60_000);
    },
  },
  {
    name: 'line/dead-connection',
    what: 'a router forgets the connection: it is dead without a word, new ones work',
    expect: { alarmWithinMs: 6_000, lamp: ['stored', 'received'], lampNever: ['undelivered'] },
    story: async (scene) => {
      const door = new Door(scene.house.broker.port);
      scene.atEnd(() => door.close());
      await configure(scene, { broker: { url: await door.listen() } });
      await scene.start();
      await scene.settled();
      door.deaden();
      await scene.press();
    },
  },
  {
    name: 'line/thin',
    what: 'a line of 50 ms and 20 kB/s, ten buttons at once',
    expect: { alarmWithinMs: 2_000, lamp: ['stored', 'received'], lampNever: ['undelivered'] },
    story: async (scene) => {
      const line = new ThinLine(scene.house.broker.port, thin);
      scene.atEnd(() => line.close());
      await configure(scene, { broker: { url: await line.listen() } });
      await scene.start();
      await Promise.all(Array.from({ length: 10 }, () => scene.press()));
      await calm(scene);
    },
  },
  {
    name: 'line/loss',
    what: 'every tenth packet lost at random (nftables), each way; ten presses',
    house: inNetns,
    expect: { alarmWithinMs: 10_000, lamp: ['received'], lampNever: ['undelivered'] },
    withinMs: 120_000,
    story: async (scene) => {
      const netns = await netnsOf(scene);
      await scene.start();
      await netns.lose(10);
      for (let n = 0; n < 10; n++) await scene.arrived(await scene.press());
      await calm(scene);
      const lost = await netns.lost();
      if (lost < 5) throw new Error(`only ${lost} packets were lost`);
    },
  },
  {
    name: 'line/dns-silent',
    what: 'the DNS server is silent, later answers',
    ...namesGone('silent', 'the name cannot be resolved (DNS server silent)'),
  },
  {
    name: 'line/dns-unknown',
    what: 'the DNS server does not know the broker, later does',
    ...namesGone('unknown', 'the name cannot be resolved (DNS); check the address'),
  },
  {
    name: 'line/second-broker',
    what: 'the first broker is gone, the second takes over, the first comes back; a press every 5 s',
    expect: { alarmWithinMs: 5_000, tells: ['uplink.on-second'], lampNever: ['undelivered'] },
    withinMs: 240_000,
    story: secondBroker,
  },
];

async function secondBroker(scene: Scene): Promise<void> {
  const { broker } = scene.house;
  const second = await Mosquitto.start();
  scene.atEnd(() => second.remove());
  await scene.platformAt(second.url);
  await configure(scene, { broker: { url: broker.url, second: { url: second.url } } });
  const isOver = async (url: string) => {
    const status = await scene.room.status();
    return status?.online === true && status.broker === url;
  };
  await scene.start();
  await scene.arrived(await scene.press());
  await broker.down('SIGKILL');
  await scene.house.until('the loss', async () => (await scene.room.status())?.online === false);
  await scene.arrived(await scene.press());
  if (!(await isOver(second.url))) throw new Error('the status does not name the second broker');
  await scene.told('uplink.on-second');
  await broker.up();
  // Three tests of the first that go well, 20 to 30 s apart.
  await pressUntil(scene, () => isOver(broker.url));
  await over(scene, 'uplink.on-second');
  await scene.press();
  await calm(scene);
}

/** A press every five seconds, the buttons in turn, until it is so. */
async function pressUntil(scene: Scene, isSo: () => Promise<boolean>): Promise<void> {
  for (let n = 0; !(await isSo()); n++) {
    if (n > 30) throw new Error('the first broker is not used again');
    await scene.arrived(await scene.press(1 + (n % 10)));
    const nextMs = performance.now() + 5_000;
    await scene.house.until('the next press', () => performance.now() >= nextMs);
  }
}
