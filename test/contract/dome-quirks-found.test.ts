// Domes that are looked for: by multicast on the machine's own loop, and at an address. Over interfaces in
// networks of their own: test/dome/discover-net.test.ts.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { typedAddress } from '#agent/dome/discover/addresses.ts';
import { discover } from '#agent/dome/discover/discover.ts';
import { type Multicast, multicast } from '#agent/dome/discover/multicast.ts';
import { openXml } from '#agent/dome/xml.ts';
import { type Announced, Responder } from '#agent/sim/dome/discovery.ts';
import { systemClock } from '#agent/system/clock.ts';
import { quickClock } from '#test/dome/support.ts';
import { quirk } from './dome-quirks.ts';
import { patient } from './dome-quirks-bench.ts';

const address = '127.0.0.1';
const transmitter = ['NetworkVideoTransmitter'] as const;
const scopes = ['onvif://www.onvif.org/name/dome'];
const device = (name: string, more: Partial<Announced> = {}): Announced => ({
  ...{ urn: `urn:uuid:quirk-${name}`, scopes, types: transmitter },
  ...{ addresses: [`http://127.0.0.1/${name}`], ...more },
});

const announced = [
  device('device', { types: ['Device'] }),
  device('prefix', { prefix: 'dn' }),
  device('printer', { addresses: [] }),
  device('thrice', { says: 'twice' }),
  device('lost', { misses: 3 }),
];

describe('by multicast', patient, () => {
  const responder = new Responder(address, announced);
  let heard: Multicast;
  const named = (name: string) =>
    heard.devices.filter((one) => one.name === `urn:uuid:quirk-${name}`);

  beforeAll(async () => {
    await responder.open();
    // Two cards that lead to the same wire.
    const interfaces = [
      { name: 'gate1', address },
      { name: 'gate2', address: '127.0.0.2' },
    ];
    heard = await multicast(interfaces, await openXml(), quickClock(3));
  });
  afterAll(() => responder.close());

  quirk('only tds:Device', async () => {
    expect(named('device')).toMatchObject([{ addresses: ['http://127.0.0.1/device'] }]);
  });

  quirk('exact Types prefix', async () => {
    expect(responder.heard).toContain('dn:NetworkVideoTransmitter');
    expect(named('prefix')).toHaveLength(1);
  });

  quirk('no XAddrs', async () => {
    expect(named('printer')).toMatchObject([{ addresses: [], title: 'dome' }]);
  });

  quirk('duplicates', async () => {
    expect(named('thrice')).toHaveLength(1);
  });

  quirk('several network cards', async () => {
    const [one] = named('thrice');
    expect([...(one?.interfaces ?? [])].sort()).toEqual(['gate1', 'gate2']);
    expect(heard.deaf).toEqual([]);
  });

  quirk('lost packets', async () => {
    expect(named('lost')).toHaveLength(1);
  });
});

describe('at an address', patient, () => {
  quirk('ports 80, 8000, 2020, 8899', async () => {
    const ports = typedAddress('dome.local').map((url) => Number(new URL(url).port) || 80);
    expect(ports.sort((a, b) => a - b)).toEqual([80, 2020, 8000, 8899]);
  });

  quirk('ONVIF off', async (context) => {
    const web = createServer((_, response) => void response.writeHead(404).end('<html/>'));
    web.listen(0, address);
    await once(web, 'listening');
    context.onTestFinished(() => new Promise<void>((done) => web.close(() => done())));
    const at = web.address();
    const port = typeof at === 'object' && at ? at.port : 0;
    const clock = systemClock();
    const typed = [[`http://${address}:${port}/onvif/device_service`]];
    const options = { clock, typed, ca: null, interfaces: null };
    const { found } = await discover({ ...options, credentials: null });
    expect(found).toMatchObject([{ trouble: { what: 'no-onvif' } }]);
    expect(found[0]?.trouble?.en).toContain("switch it on in the dome's web page");
    web.closeAllConnections();
  });
});
