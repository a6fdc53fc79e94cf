// What goes over the `gate` channel beside a call: levels both ways, and snapshots from a dome that wants a
// digest login, whole and in order.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

const jpeg = Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  randomBytes(100_000),
  Buffer.from([0xff, 0xd9]),
]);
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const nonce = 'a-nonce';

function isLoggedIn({ headers, method, url }: IncomingMessage): boolean {
  const field = (name: string) =>
    new RegExp(`\\b${name}="?([^",]+)`).exec(headers.authorization ?? '')?.[1] ?? '';
  const ha1 = md5('admin:dome:right');
  const ha2 = md5(`${method}:${url}`);
  const middle = `${nonce}:${field('nc')}:${field('cnonce')}:auth`;
  return field('response') === md5(`${ha1}:${middle}:${ha2}`);
}

let rig: TalkRig;
let server: Server;
let asked: number[] = [];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  answer = (response) => response.end(jpeg);
  server = createServer((request, response) => {
    if (!isLoggedIn(request)) {
      const challenge = `Digest realm="dome", qop="auth", nonce="${nonce}"`;
      return void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    }
    asked.push(performance.now());
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await rig.close();
  server.close();
  server.closeAllConnections();
});

async function rigWith(password: string, room = 'none'): Promise<TalkRig> {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `http://127.0.0.1:${port}/snap.jpg?channel=1`;
  rig = await new TalkRig({
    room,
    snapshot: { url, username: 'admin', password, ca: null },
  }).open();
  return rig;
}

/** Pictures of which all parts came, in their order; throws where the order is another. */
function pictures(): Buffer[] {
  const whole: Buffer[] = [];
  let parts: Buffer[] = [];
  for (const { base64 } of rig.peers.of('part', 'a')) {
    const part = Buffer.from(base64, 'base64');
    expect(part.length).toBeLessThanOrEqual(16_384);
    if (part.readUInt16BE(4) === 0) parts = [];
    expect(part.readUInt32BE(0)).toBe(whole.length + 1);
    expect(part.readUInt16BE(4)).toBe(parts.length);
    parts.push(part.subarray(8));
    if (parts.length === part.readUInt16BE(6)) whole.push(Buffer.concat(parts));
  }
  return whole;
}

const texts = () => rig.peers.of('text', 'a').map(({ text }) => JSON.parse(text));
const ask = (picture: boolean) =>
  rig.peers.tell({ t: 'text', id: 'a', text: JSON.stringify({ picture }) });

describe('beside the voice', { timeout: 60_000 }, () => {
  it('go pictures, two a second, until they are not wanted any more', async () => {
    await rigWith('right');
    await rig.call('a');
    await until(() => rig.peers.of('open', 'a')[0], { withinMs: 10_000, what: 'the channel' });
    expect(asked).toEqual([]);
    ask(true);
    const came = await until(() => pictures().length >= 4 && pictures(), {
      withinMs: 20_000,
      what: 'four pictures',
    });
    for (const one of came) expect(one.equals(jpeg)).toBe(true);
    asked.slice(1).forEach((atMs, n) => {
      expect(atMs - (asked[n] ?? 0)).toBeGreaterThan(400);
    });
    ask(false);
    // Two times of levels later nothing is under way any more.
    const told = texts().length;
    await until(() => texts().length >= told + 3, { withinMs: 10_000, what: 'levels' });
    const [fetched, sent] = [asked.length, rig.peers.of('part', 'a').length];
    await until(() => texts().length >= told + 8, { withinMs: 10_000, what: 'more levels' });
    expect([asked.length, rig.peers.of('part', 'a').length]).toEqual([fetched, sent]);
  });

  it('goes why there is no picture, once, and it comes again by itself', async () => {
    await rigWith('right');
    answer = (response) => void response.writeHead(503).end();
    await rig.call('a');
    await until(() => rig.peers.of('open', 'a')[0], { withinMs: 10_000, what: 'the channel' });
    ask(true);
    const faults = () => texts().flatMap(({ picture }) => (picture ? [picture.fault] : []));
    await until(() => faults().length > 0, { withinMs: 10_000, what: 'the reason' });
    expect(faults()).toEqual(['no snapshot from the dome: HTTP 503']);
    expect(rig.faults).toEqual(['talk.picture: no snapshot from the dome: HTTP 503']);
    answer = (response) => response.end(jpeg);
    await until(() => pictures().length > 0, { withinMs: 10_000, what: 'the picture' });
    expect(faults().at(-1)).toBe(null);
    expect(rig.faults.at(-1)).toBe('talk.picture: null');
  });

  it('is told that the password is wrong', async () => {
    await rigWith('wrong');
    await rig.call('a');
    await until(() => rig.peers.of('open', 'a')[0], { withinMs: 10_000, what: 'the channel' });
    ask(true);
    await until(() => rig.faults.length > 0, { withinMs: 10_000, what: 'the fault' });
    expect(rig.faults[0]).toContain('user or password refused');
    expect(rig.faults[0]).not.toContain('wrong');
  });

  it('go levels of both sides', async () => {
    await rigWith('right', 'tone:600');
    await rig.call('a', { heard: 'none' });
    const levels = () => texts().flatMap((one) => (one.levels ? [one.levels] : []));
    await until(() => levels().some(({ room }) => room > -20), {
      withinMs: 15_000,
      what: 'the level of the room',
    });
    const { room, caller } = levels().at(-1);
    expect(room).toBeCloseTo(-15.3, 0);
    expect(caller).toBeLessThan(-60);
  });
});
