// Discovery by multicast over two networks at once, in namespaces of the test's own, with what a network may
// hold besides domes. A client that is not ours, Debian's onvif-util, finds and reads the same domes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { seeded } from '#agent/sim/dome/seed.ts';
import { Networks } from '#test/support/networks.ts';

const root = join(import.meta.dirname, '../..');
const node = process.execPath;
const nets = new Networks();
/** Seconds; on a busy machine a minute. */
const slow = { timeout: 180_000 };

/** Seeds whose names can be told apart. */
const domes = { first: 3, second: 7, both: 12, late: 24, linkLocal: 6, alone: 1 } as const;
/** One of each make, each at an address of its own. */
const makes = { hikvision: 8, dahua: 29, uniview: 12, tvt: 6, axis: 7, plain: 3 } as const;
const found = z.object({
  found: z.array(
    z.object({
      url: z.string(),
      make: z.string().nullable(),
      model: z.string().nullable(),
      firmware: z.string().nullable(),
      services: z.array(z.string()),
      auth: z.string().nullable(),
      clockOffsetMs: z.number().nullable(),
      admitted: z.boolean().nullable(),
      interfaces: z.array(z.string()),
      title: z.string().nullable(),
      told: z.array(z.string()),
      trouble: z.unknown(),
    }),
  ),
  skipped: z.array(z.object({ name: z.string(), from: z.array(z.string()) })),
  deaf: z.array(z.object({ interface: z.string(), reason: z.string() })),
});

const sims = join(root, 'test/dome/sim-process.ts');
const at = (host: string, port: number) => ({ hosts: [host], port });
const everyMake = Object.values(makes).map((seed, n) => ({ seed, host: `198.18.4.${11 + n}` }));

const titleOf = (seed: number): string => {
  const { identity } = seeded(seed).options;
  return `${identity?.manufacturer} ${identity?.model}`.trim();
};

/** What the seed says that is to be found out about it. */
function truthOf(seed: number) {
  const { identity, auth, algorithms, offers = [], getServices } = seeded(seed).options;
  const digest = algorithms?.includes('SHA-256') ? 'digest SHA-256' : 'digest MD5';
  const unknown = getServices ? ['deviceio'] : ['deviceio', 'media2'];
  return {
    ...{ make: identity?.manufacturer, model: identity?.model, firmware: identity?.firmware },
    services: offers.filter((name) => !unknown.includes(name)).sort(),
    auth: auth === 'token' ? 'token' : digest,
  };
}

describe.skipIf(process.getuid?.() !== 0)('two networks', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gate-net-'));
  const cli = [node, join(root, 'agent/main.ts'), 'dome', 'discover'];
  const login = ['--user', 'admin', '--password-file', join(dir, 'password')];

  beforeAll(async () => {
    writeFileSync(join(dir, 'password'), 'secret\n');
    await nets.open();
    const [one, two, three] = [await nets.wire(1), await nets.wire(2), await nets.wire(3)];
    await nets.bare('gate9');
    // The same dome on both wires: one device, told once.
    const both = (host: string) => ({ seed: domes.both, ...at(host, 8899), says: 'twice' });
    const here = [
      { seed: domes.first, ...at(one.host, 80), type: 'NetworkVideoTransmitter' },
      both(one.host),
      // Heard at the third question only.
      { seed: domes.late, ...at(one.host, 8085), type: 'Device', misses: 2 },
      { seed: 31, ...at(one.host, 8081), says: 'nowhere' },
      { seed: 32, ...at(one.host, 8082), says: 'noise' },
      { seed: 33, ...at(one.host, 8083), says: 'entity' },
    ];
    const there = [
      { seed: domes.second, ...at(two.host, 8000), type: 'Device' },
      both(two.host),
      {
        ...{ seed: domes.linkLocal, ...at(two.host, 8086), type: 'Device' },
        tells: ['http://[fe80::a%25eth0]:PORT/onvif/device_service'],
      },
      { seed: 34, ...at(two.host, 8081), says: 'dense' },
      { seed: 35, ...at(two.host, 8082), says: 'wrong' },
      { seed: 36, ...at(two.host, 8083), says: 'address' },
    ];
    await nets.keep(one.namespace, [node, sims, JSON.stringify(here)]);
    await nets.keep(two.namespace, [node, sims, JSON.stringify(there)]);
    const quiet = [{ seed: domes.alone, ...at(three.host, 80), type: 'NetworkVideoTransmitter' }];
    await nets.keep(three.namespace, [node, sims, JSON.stringify(quiet)]);
  }, 120_000);

  afterAll(async () => {
    rmSync(dir, { recursive: true });
    await nets.close();
  }, 60_000);

  test('every dome is told once, whatever else answers', slow, async () => {
    const { stdout, stderr } = await nets.run([...cli, ...login, '--json'], 100_000);
    const told = found.parse(JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`));
    expect(told.found.map(({ title }) => title).sort()).toEqual(
      Object.values(domes).map(titleOf).sort(),
    );
    const by = (seed: number) => told.found.find(({ title }) => title === titleOf(seed));
    expect(by(domes.first)).toMatchObject({ interfaces: ['gate1'], trouble: null });
    expect(by(domes.second)).toMatchObject({ interfaces: ['gate2'], trouble: null });
    expect(by(domes.both)?.interfaces.sort()).toEqual(['gate1', 'gate2']);
    expect(by(domes.alone)).toMatchObject({ interfaces: ['gate3'], trouble: null });
    expect(by(domes.late)).toMatchObject({ interfaces: ['gate1'], trouble: null });
    // Its own address leads nowhere from here; where it answered from does.
    expect(by(domes.linkLocal)).toMatchObject({
      ...{ url: 'http://198.18.2.2:8086/onvif/device_service', trouble: null },
      told: ['http://[fe80::a]:8086/onvif/device_service'],
    });
    for (const seed of Object.values(domes)) {
      const it = by(seed);
      expect({ ...it, services: it?.services.toSorted() }).toMatchObject(truthOf(seed));
      expect(it?.admitted).toBe(true);
      const { clockOffsetMs = 0 } = seeded(seed).options;
      expect(Math.abs((it?.clockOffsetMs ?? Number.NaN) - clockOffsetMs)).toBeLessThan(60_000);
    }
    // The printer, and the one whose addresses are none.
    expect(told.skipped.map(({ from }) => from.join()).sort()).toEqual([
      '198.18.1.2',
      '198.18.2.2',
    ]);
    expect(told.deaf).toMatchObject([
      { interface: 'gate9', reason: expect.stringContaining('IPv4') },
    ]);
  });

  test('the table says the same', slow, async () => {
    const { stdout } = await nets.run([...cli, ...login], 100_000);
    for (const seed of Object.values(domes)) {
      const { make, model, firmware, services, auth } = truthOf(seed);
      const row = stdout.split('\n').find((line) => line.includes(firmware ?? '?'));
      for (const word of [make, model, firmware, auth]) expect(row).toContain(word);
      expect(row).toMatch(/^http:\/\/198\.18\.\d\.2[:/].* [+-]?\d+ s$/);
      for (const service of services) expect(stdout).toMatch(new RegExp(`services .*${service}`));
    }
    expect(stdout).toContain('calls itself 自报地址 http://[fe80::a]:8086/');
    expect(stdout).toMatch(/tells no address, and was skipped/);
    expect(stdout).toMatch(/On gate9 nobody could be asked \(it has no IPv4 address/);
    expect(stdout).toMatch(/^Next 下一步: gate-agent dome probe --address http:/m);
  });

  test('in a range, on the usual ports', slow, async () => {
    const range = ['--json', '--range', '198.18.2.0/29'];
    const { stdout } = await nets.run([...cli, ...range], 100_000);
    const urls = found.parse(JSON.parse(stdout)).found.map(({ url }) => url);
    expect(urls.map((url) => new URL(url).host).sort()).toEqual([
      '198.18.2.2:8000',
      '198.18.2.2:8899',
    ]);
  });

  test("Debian's onvif-util finds a dome by multicast, and reads it", slow, async () => {
    // It asks on one interface only: where the way out is. Nobody disturbs it there.
    const { namespace, host: gateway } = await nets.wire(4);
    const each = await Promise.all(
      everyMake.map(async ({ seed }, n) => ({
        ...{ seed, ...at(await nets.address(4, 11 + n), 80), token: true },
        type: 'NetworkVideoTransmitter',
      })),
    );
    await nets.keep(namespace, [node, sims, JSON.stringify(each)]);
    const route = await nets.run(['ip', 'route', 'add', 'default', 'via', gateway], 10_000);
    expect(route).toMatchObject({ ok: true });
    const all = await nets.run(['onvif-util', '-a'], 60_000);
    for (const { seed, host } of everyMake)
      expect(all.stdout).toContain(`${host} (${titleOf(seed)})`);
    for (const { seed, host } of everyMake) await reads(host, seed);
  });
});

/** Debian's onvif-util, with a session of questions. */
async function reads(host: string, seed: number): Promise<void> {
  const { tokens, clockOffsetMs = 0 } = seeded(seed).options;
  const asks = 'get time\\nget profiles\\nget imaging\\nget rtsp\\nquit\\n';
  const session = `printf '${asks}' | onvif-util -u admin -p secret ${host}`;
  const { stdout } = await nets.run(['bash', '-c', session], 60_000);
  expect(stdout, `seed ${seed}`).toContain('successfully connected to host');
  const [, offset] = /Time Offset: (-?\d+) seconds/.exec(stdout) ?? [];
  expect(Math.abs(Number(offset) - clockOffsetMs / 1000)).toBeLessThan(60);
  for (const token of [tokens?.main, tokens?.sub, tokens?.still]) expect(stdout).toContain(token);
  expect(stdout).toMatch(new RegExp(`rtsp://${host.replaceAll('.', '\\.')}:\\d+/live/main`));
  expect(stdout).not.toContain('ERROR');
}
