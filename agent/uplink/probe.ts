// Is a broker well? Connects beside the line that is in use, publishes one message and waits for its
// PUBACK, since one that accepts connections may still acknowledge nothing. Under a client id of its
// own: two addresses may be one cluster, where our own id would end our own line.

import { clientOf, loadMqtt, loginOf, type Way } from './client.ts';
import type { Publish } from './connection.ts';
import { errorReason, refusalOf } from './reason.ts';
import type { Level } from './version.ts';

export const probeSuffix = '-probe';
const probeWithinMs = 10_000;

/** Resolves with null when the broker is well, else with the reason. Never rejects. */
export async function probe(
  way: Way,
  { topic, payload }: Publish,
  level: Level,
): Promise<string | null> {
  const { broker, dates, clock } = way;
  const client = clientOf(await loadMqtt(), way, {
    ...loginOf({ ...broker, clientId: `${broker.clientId}${probeSuffix}` }, level),
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: probeWithinMs,
    keepalive: 0,
  });
  return new Promise((done) => {
    const end = (reason: string | null) => {
      cancel();
      client.end(reason !== null);
      done(reason);
    };
    const cancel = clock.after(probeWithinMs, () => end('no answer from the broker within 10 s'));
    let reasonCode = 0;
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') reasonCode = packet.reasonCode ?? 0;
    });
    client.on('error', (error) => end(dates.reason(error, broker)));
    client.on('close', () => end('the broker closed the connection'));
    client.on('connect', () => {
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error) end(errorReason(error));
        else end(reasonCode >= 128 ? refusalOf(reasonCode) : null);
      });
    });
  });
}
