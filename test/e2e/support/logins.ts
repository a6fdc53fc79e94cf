// Logins at a broker with TLS and an ACL: certificates for the terminal, the platform and dispatchers,
// whose common name is the user that the ACL ties to a role.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { Platform } from '#agent/sim/platform.ts';
import type { RoomSetup } from '#agent/sim/room.ts';
import type { Mosquitto } from '#test/support/mosquitto.ts';
import type { House } from './house.ts';

export interface Person {
  readonly role: string;
  readonly user: string;
}

/** What the room needs to log the daemon and the platform in. */
export async function roomLogins(broker: Mosquitto, dir: string): Promise<Partial<RoomSetup>> {
  const { cert, key } = await certsOf(broker).client('terminal');
  await mkdir(join(dir, 'tls'), { recursive: true });
  await writeFile(join(dir, 'tls/ca.pem'), certsOf(broker).ca);
  await writeFile(join(dir, 'tls/terminal.pem'), cert);
  await writeFile(join(dir, 'tls/terminal.key'), key, { mode: 0o600 });
  return {
    daemonBroker: { ca: 'tls/ca.pem', cert: 'tls/terminal.pem', key: 'tls/terminal.key' },
    login: { ca: certsOf(broker).ca, ...(await certsOf(broker).client('platform')) },
  };
}

/** A dispatcher at a desk of their own. */
export async function deskOf({ broker, ears }: House, as: Person): Promise<Platform> {
  const { ca } = certsOf(broker);
  const login = await certsOf(broker).client(as.user);
  const person = new Platform({ broker: broker.url, as, ca, ...login, tap: ears.tap });
  await person.open();
  return person;
}

/** A bare client under a person's certificate, for what no honest desk does. */
export async function bareClient(broker: Mosquitto, user: string): Promise<MqttClient> {
  const { ca } = certsOf(broker);
  const login = await certsOf(broker).client(user);
  return connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0, ca, ...login });
}

function certsOf(broker: Mosquitto) {
  if (!broker.certs) throw new Error('this broker has no certificates');
  return broker.certs;
}
