// An uplink in a process of its own, so that a test can kill it or take its surroundings away. Prints each
// fact as a line of JSON. `haste`: its clock runs so many times faster.

import { systemClock, systemIds } from '#agent/system/clock.ts';
import { defaults, MqttUplink } from '#agent/uplink/uplink.ts';
import { hasty } from './hasty.ts';
import { evidence, identity, status, terminal } from './rows.ts';

const [, , url = '', willDelayS = '1', haste = '1'] = process.argv;
const { firstMs, maxMs } = defaults.retry;
const uplink = new MqttUplink({
  ...{ terminal, identity, evidence, ids: systemIds },
  clock: hasty(systemClock(), Number(haste)),
  broker: { url, clientId: terminal },
  receipts: 'platform',
  health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
  willDelayS: Number(willDelayS),
  // The client's own timer, which does not ask our clock.
  retry: { firstMs: firstMs / Number(haste), maxMs: maxMs / Number(haste) },
});
uplink.want(status);
await uplink.open(
  {
    emit: (fact, stepped) => {
      process.stdout.write(`${JSON.stringify(fact)}\n`);
      stepped?.();
    },
  },
  { page: () => Promise.resolve([]) },
);
