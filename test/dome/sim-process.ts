// Simulated domes in a process, and so in a network, of their own: `node sim-process.ts JSON`, with a
// list of `{ seed, hosts, port, says? }`. Prints `ready`, and ends when its standard input does.

import * as z from 'zod';
import { datagrams, Responder } from '#agent/sim/dome/discovery.ts';
import { announced, seeded, startSeeded } from '#agent/sim/dome/seed.ts';

const wanted = z.array(
  z.object({
    seed: z.number(),
    /** Addresses of interfaces; the dome is behind each of them. */
    hosts: z.array(z.string()).min(1),
    port: z.number(),
    says: z.enum(Object.keys(datagrams) as [keyof typeof datagrams]).optional(),
    type: z.enum(['NetworkVideoTransmitter', 'Device']).optional(),
    misses: z.number().optional(),
    /** Login by token, for a client that knows no other. */
    token: z.boolean().optional(),
    /** Addresses to tell; `PORT` stands for its own. */
    tells: z.array(z.string()).optional(),
  }),
);

const ends: (() => unknown)[] = [];
for (const { seed, hosts, port, says, type, misses, tells, token } of wanted.parse(
  JSON.parse(process.argv[2] ?? ''),
)) {
  const one = seeded(seed);
  for (const host of hosts) {
    // Debian's onvif-util says the same nonce again within a second.
    // It takes the first profile it sees.
    const login = token ? ({ auth: 'token', timeNeedsPassword: false } as const) : {};
    const more = { nonceOnce: false, stillFirst: false, ...login };
    const sim = await startSeeded(one, { host, port, advertisedHost: host, ...more });
    ends.push(() => sim.close());
    const addresses = tells?.map((told) => told.replace('PORT', String(port))) ?? [sim.url];
    const told = announced(one, addresses);
    const manner = { ...(type && { types: [type] }), ...(misses && { misses }) };
    const responder = new Responder(host, [{ ...told, says: says ?? 'honest', ...manner }]);
    await responder.open();
    ends.push(() => responder.close());
  }
}
console.log('ready');
process.stdin.resume();
process.stdin.on('end', () => {
  for (const end of ends) end();
});
