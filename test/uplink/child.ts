// An uplink in a process of its own, so that a test can kill it.

import { systemClock, systemIds } from '#agent/system/clock.ts';
import { MqttUplink } from '#agent/uplink/uplink.ts';
import { evidence, identity, status, terminal } from './rows.ts';

const [, , url = '', willDelayS = '1'] = process.argv;
const uplink = new MqttUplink({
  ...{ terminal, identity, evidence, clock: systemClock(), ids: systemIds },
  broker: { url, clientId: terminal },
  receipts: 'platform',
  health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
  willDelayS: Number(willDelayS),
});
uplink.want(status);
await uplink.open({ emit: (_, stepped) => stepped?.() }, { page: () => Promise.resolve([]) });
