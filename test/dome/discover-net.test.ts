// Discovery by multicast over two networks at once, in namespaces of the test's own, with what a network may
// hold besides domes. A client that is not ours, Debian's onvif-util, finds and reads the same domes.

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
const domes = { first: 3, second: 7, both: 12, alone: 1 } as const;
const found = z.object({
  found: z.array(
    z.object({
      url: z.string(),
      make: z.string().nullable(),
      model: z.string().nullable(),
      interfaces: z.array(z.string()),
      title: z.string().nullable(),
      trouble: z.unknown(),
    }),
  ),
  skipped: z.array(z.object({ name: z.string(), from: z.array(z.string()) })),
  deaf: z.array(z.unknown()),
});

describe.skipIf(process.getuid?.() !== 0)('two networks', () => {
  beforeAll(async () => {
    await nets.open();
    const [one, two, three] = [await nets.wire(1), await nets.wire(2), await nets.wire(3)];
    const sims = join(root, 'test/dome/sim-process.ts');
    const at = (host: string, port: number) => ({ hosts: [host], port });
    // The same dome on both wires: one device, told once.
    const both = (host: string) => ({ seed: domes.both, ...at(host, 8899), says: 'twice' });
    const here = [
      { seed: domes.first, ...at(one.host, 80), type: 'NetworkVideoTransmitter' },
      both(one.host),
      { seed: 31, ...at(one.host, 8081), says: 'nowhere' },
      { seed: 32, ...at(one.host, 8082), says: 'noise' },
      { seed: 33, ...at(one.host, 8083), says: 'entity' },
    ];
    const there = [
      { seed: domes.second, ...at(two.host, 8000), type: 'Device' },
      both(two.host),
      { seed: 34, ...at(two.host, 8081), says: 'dense' },
      { seed: 35, ...at(two.host, 8082), says: 'wrong' },
      { seed: 36, ...at(two.host, 8083), says: 'address' },
    ];
    await nets.keep(one.namespace, [node, sims, JSON.stringify(here)]);
    await nets.keep(two.namespace, [node, sims, JSON.stringify(there)]);
    // Nobody disturbs it: the client that is not ours takes noise for a dome.
    const quiet = [{ seed: domes.alone, ...at(three.host, 80), type: 'NetworkVideoTransmitter' }];
    await nets.keep(three.namespace, [node, sims, JSON.stringify(quiet)]);
  }, 120_000);

  afterAll(() => nets.close(), 60_000);

  test('every dome is told once, whatever else answers', slow, async () => {
    const cli = [node, join(root, 'agent/main.ts'), 'dome', 'discover', '--json'];
    const { stdout, stderr } = await nets.run(cli, 100_000);
    const told = found.parse(JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`));
    const titleOf = (seed: number) => {
      const { identity } = seeded(seed).options;
      return `${identity?.manufacturer} ${identity?.model}`.trim();
    };
    expect(told.found.map(({ title }) => title).sort()).toEqual(
      Object.values(domes).map(titleOf).sort(),
    );
    const by = (seed: number) => told.found.find(({ title }) => title === titleOf(seed));
    expect(by(domes.first)).toMatchObject({ interfaces: ['gate1'], trouble: null });
    expect(by(domes.second)).toMatchObject({ interfaces: ['gate2'], trouble: null });
    expect(by(domes.both)?.interfaces.sort()).toEqual(['gate1', 'gate2']);
    expect(by(domes.alone)).toMatchObject({ interfaces: ['gate3'], trouble: null });
    // The printer, and the one whose addresses are none.
    expect(told.skipped.map(({ from }) => from.join()).sort()).toEqual([
      '198.18.1.2',
      '198.18.2.2',
    ]);
    expect(told.deaf).toEqual([]);
  });

  test('in a range, on the usual ports', slow, async () => {
    const cli = [node, join(root, 'agent/main.ts'), 'dome', 'discover', '--json'];
    const { stdout } = await nets.run([...cli, '--range', '198.18.2.0/29'], 100_000);
    const urls = found.parse(JSON.parse(stdout)).found.map(({ url }) => url);
    expect(urls.map((url) => new URL(url).host).sort()).toEqual([
      '198.18.2.2:8000',
      '198.18.2.2:8899',
    ]);
  });

  test("Debian's onvif-util finds a dome by multicast, and reads it", slow, async () => {
    // It asks on one interface only: where the way out is.
    const route = await nets.run(['ip', 'route', 'add', 'default', 'via', '198.18.3.2'], 10_000);
    expect(route).toMatchObject({ ok: true });
    const { tokens, identity, clockOffsetMs = 0 } = seeded(domes.alone).options;
    const all = await nets.run(['onvif-util', '-a'], 60_000);
    expect(all.stdout).toContain(`198.18.3.2 (${identity?.manufacturer} ${identity?.model})`);
    const asks = 'get time\\nget profiles\\nget imaging\\nget rtsp\\nquit\\n';
    const session = `printf '${asks}' | onvif-util -u admin -p secret 198.18.3.2`;
    const { stdout } = await nets.run(['bash', '-c', session], 60_000);
    expect(stdout).toContain('successfully connected to host');
    const [, offset] = /Time Offset: (-?\d+) seconds/.exec(stdout) ?? [];
    expect(Math.abs(Number(offset) - clockOffsetMs / 1000)).toBeLessThan(20);
    for (const token of [tokens?.main, tokens?.sub, tokens?.still]) expect(stdout).toContain(token);
    expect(stdout).toMatch(/rtsp:\/\/198\.18\.3\.2:\d+\/live\/main/);
    expect(stdout).not.toContain('ERROR');
  });
});
