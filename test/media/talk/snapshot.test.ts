// One picture over HTTP: what is none, or only half of one, is told and never kept.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoSnapshot, SnapshotClient } from '#agent/media/talk/snapshot.ts';
import { systemClock } from '#agent/system/clock.ts';

const [start, end] = [Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from([0xff, 0xd9])];
const thumbnail = Buffer.concat([start, Buffer.alloc(200, 7), end]);
const data = Buffer.alloc(50_000, 0x55);
const whole = Buffer.concat([start, thumbnail, data, end]);

let server: Server;
let body: Buffer;
beforeAll(async () => {
  server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

function get(answer: Buffer): Promise<Buffer> {
  body = answer;
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `http://127.0.0.1:${port}/snap.jpg`;
  const source = { url, username: 'admin', password: '', ca: null };
  return new SnapshotClient(systemClock(), source).get();
}

describe('a snapshot', () => {
  it('is what the dome sends, filled up or not', async () => {
    expect((await get(whole)).equals(whole)).toBe(true);
    const filled = Buffer.concat([whole, Buffer.alloc(1_000)]);
    expect((await get(filled)).equals(filled)).toBe(true);
  });

  it.each([
    ['cut off, though its length is as announced', whole.subarray(0, 30_000), 'cut off'],
    ['a start alone', start, 'cut off'],
    ['a page', Buffer.from('<html>busy</html>'), 'no JPEG'],
    ['nothing', Buffer.alloc(0), 'no JPEG'],
  ])('%s: none', async (_, answer, why) => {
    const failure = await get(answer).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoSnapshot);
    expect(`${failure}`).toContain(why);
  });
});
