// What TLS with a client certificate costs: two terminals press by turns, one over plain TCP, one
// over TLS; then lines are lost again and again. Connect: from the broker's end taking the connection
// to the fact `uplink.online`. A broker that leaves Nagle's algorithm on (mosquitto's default) holds
// its CONNACK behind the session tickets until the client's delayed acknowledgement, some 40 ms.

import { setTimeout as pause } from 'node:timers/promises';
import { until } from '#test/support/wait.ts';
import { Ear, inTurns, press, readied } from './presser.ts';
import { inputs, openRig, type Rig } from './rig.ts';
import { besides, bothOf, type Figures } from './stats.ts';
import { Wire } from './wire.ts';

const connects = 20;
/** A lost line is tried again within 5 s, the next try within 10 s, the one after it 20 s. */
const onlineWithinMs = 60_000;

export async function measureTls(presses: number): Promise<Figures> {
  const [plainEar, tlsEar] = [new Ear(), new Ear()];
  const rigs: Rig[] = [];
  const open = async (ear: Ear, tls: boolean) => {
    const rig = await openRig({ ...ear.setup, tls });
    rigs.push(rig);
    await readied(rig, ear);
    return async (n: number) => (await press(rig, ear, 1 + (n % inputs))).puback;
  };
  try {
    const [plain, tls] = [await open(plainEar, false), await open(tlsEar, true)];
    const seen = await inTurns({ plain, tls }, presses);
    return {
      tls_presses: presses,
      ...bothOf('plain_press_to_puback', seen.plain),
      ...besides('tls_press_to_puback', seen.tls, seen.plain),
      ...(await measureConnects()),
    };
  } finally {
    for (const rig of rigs) await rig.close();
  }
}

async function measureConnects(): Promise<Figures> {
  const noDelay = () => ['set_tcp_nodelay true'];
  // All at once: most of the time is the pause before a try.
  const [plain, tls, quick] = await Promise.all([
    connectsMs(false),
    connectsMs(true),
    connectsMs(true, noDelay),
  ]);
  return {
    ...bothOf('plain_connect', plain),
    ...besides('tls_connect', tls, plain),
    ...besides('tls_connect_nodelay', quick, plain),
  };
}

async function connectsMs(
  tls: boolean,
  brokerLines: () => readonly string[] = () => [],
): Promise<number[]> {
  const ear = new Ear();
  const wires: Wire[] = [];
  const via = async (port: number) => {
    const wire = await Wire.open(port);
    wires.push(wire);
    return wire;
  };
  const rig = await openRig({ ...ear.setup, tls, via, brokerLines });
  try {
    const [wire] = wires;
    if (!wire) throw new Error('the rig made no use of the relay');
    await rig.daemon.start();
    await rig.daemon.settled(30_000);
    const seen: number[] = [];
    for (let n = 0; n < connects; n++) {
      // A line that has proved nothing is tried again later and later.
      await pause(300);
      ear.clear();
      wire.cut();
      const online = () => ear.stepped('uplink.online');
      const { monoMs } = await until(online, {
        withinMs: onlineWithinMs,
        what: 'the line to be back',
      });
      seen.push(monoMs - wire.acceptedMs);
    }
    return seen;
  } finally {
    await rig.close();
  }
}
