// The fallback picture of a dome behind https with a certificate of its own making: the simulated dome, its
// driver, and the talk process, all trusting the same file.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OnvifDome } from '#agent/dome/dome.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';
import { dark, Facts, profileOf } from '#test/dome/support.ts';
import { makeCerts } from '#test/support/certs.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { TlsFront } from '#test/support/tls-front.ts';
import { until } from '#test/support/wait.ts';

const login = { username: 'admin', password: 'secret' } as const;
const small = { width: 320, height: 180, kbps: 200 } as const;
const dir = mkdtempSync(join(tmpdir(), 'gate-tls-'));
const closing: (() => unknown)[] = [];
let sim: SimDome;
let port: number;
let own: string;

beforeEach(async () => {
  closing.push(() => rmSync(dir, { recursive: true, force: true }));
  await makeCerts(dir);
  own = readFileSync(join(dir, 'ca.pem'), 'utf8');
  sim = await startDome({ video: { main: small, sub: small } });
  closing.push(() => sim.close());
  // Signed by itself, without a name: as domes come from the factory.
  const key = readFileSync(join(dir, 'ca.key'), 'utf8');
  const front = new TlsFront(sim.port, { key, cert: own });
  port = await front.open();
  closing.push(() => front.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** As the driver is told it. */
async function snapshotUrl(): Promise<string> {
  const facts = new Facts();
  // As the example configuration has it.
  const url = `https://127.0.0.1:${port}`;
  const clock = systemClock();
  const dome = new OnvifDome({
    ...{ ...login, url, ca: own, clock, chance: () => 0.5, profile: profileOf() },
  });
  closing.push(() => dome.close());
  dome.want(dark);
  await dome.open(facts);
  const told = () => facts.of('dome.streams')[0]?.streams.snapshot;
  return until(told, { withinMs: 20_000, what: 'the address of its snapshots' });
}

it('is fetched with the certificate that its control is pinned to, and with no other', async () => {
  const url = await snapshotUrl();
  expect(url).toMatch(new RegExp(`^https://127\\.0\\.0\\.1:${port}/`));
  const rig = new TalkRig({ snapshot: { url, ...login, ca: null } });
  closing.push(() => rig.close());
  await rig.open();
  await rig.call('a');
  await until(() => rig.peers.of('open', 'a')[0], { withinMs: 20_000, what: 'the channel' });
  rig.peers.tell({ t: 'text', id: 'a', text: JSON.stringify({ picture: true }) });
  const told = () => rig.faults.find((one) => one.startsWith('talk.picture'));
  expect(await until(told, { withinMs: 20_000, what: 'the fault' })).toContain('self-signed');
  const asked = () => sim.log.filter(({ what }) => what.includes('/snapshot/')).length;
  expect(asked()).toBe(0);
  rig.want({ snapshot: { url, ...login, ca: own } });
  const part = await until(() => rig.peers.of('part', 'a')[0], {
    withinMs: 20_000,
    what: 'a picture',
  });
  expect(Buffer.from(part.base64, 'base64').readUInt16BE(8)).toBe(0xffd8);
  expect(rig.faults.at(-1)).toBe('talk.picture: null');
});
