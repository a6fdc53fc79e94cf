// An alarm is made ready while its commit is under way; not a byte of it leaves before its offer. Plain
// and over TLS, since it is the stream that holds it.

import { expect, it } from 'vitest';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { rowsOf, terminal } from './rows.ts';

it.each([false, true])(
  'what is made ready waits for its offer, stored or not, and goes out once (TLS: %s)',
  async (tls) => {
    const broker = await Mosquitto.start({ tls });
    atEnd(() => broker.remove());
    const login = broker.certs
      ? { ca: broker.certs.ca, ...(await broker.certs.client(terminal)) }
      : {};
    const { uplink, told } = await openUplink(broker.url, { broker: login });
    const { client, on, wired } = await observe(broker.url, login);
    await told.fact('uplink.online');
    const aside = `${topics.health}/aside`;
    const alarms = rowsOf('alarm', 1, 2);
    for (const [n, alarm] of alarms.entries()) {
      uplink.prepare([alarm]);
      // Whatever left meanwhile would be here by then.
      for (let turn = 1; turn <= 5; turn++) {
        await client.publishAsync(aside, `${turn}`, { qos: 1 });
        await wired(aside, 5 * n + turn);
      }
      expect(on(topics.alarm)).toHaveLength(n);
      uplink.offer([alarm], n === 0);
      await wired(topics.alarm, n + 1);
    }
    await until(() => told.ids('uplink.acked').length === 2, { withinMs: 8_000, what: 'PUBACKs' });
    expect(on(topics.alarm)).toEqual(alarms.map(({ payload }) => payload));
  },
);
