// Evidence on its way out: read in pieces; put to a real HTTPS server that breaks off, stumbles, refuses and
// sends it elsewhere, and gone on with where the server says it is; never into the terminal's own network.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fetches } from '#agent/media/clip/fetches.ts';
import { Upload, type UploadOptions } from '#agent/media/clip/upload.ts';
import { ownNetworks } from '#agent/media/own-network.ts';
import type { MediaSaid } from '#agent/media/wire.ts';
import { masterOf, sealed } from '#agent/sealed/format.ts';
import { systemClock } from '#agent/system/clock.ts';
import { type Certs, makeCerts } from '#test/support/certs.ts';
import { PutServer } from '#test/support/put-server.ts';
import { sealingKey } from '#test/support/unsealed.ts';
import { until, within } from '#test/support/wait.ts';

const clock = systemClock();
const pauseMs = { first: 20, most: 100 };
const bytes = randomBytes(900_000);
let dir: string;
let certs: Certs;
let server: PutServer;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-fetch-'));
  certs = await makeCerts(dir);
  writeFileSync(join(dir, 'case-1.mp4'), bytes);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  server = await PutServer.open(certs);
});
afterEach(() => server.close());

/** To this machine itself, which is the terminal's own network, unless `own` says otherwise. */
const uploadOf = (change: Partial<UploadOptions> = {}) =>
  new Upload({
    ...{
      clock,
      pauseMs,
      url: server.url,
      ca: certs.ca,
      path: join(dir, 'case-1.mp4'),
      own: () => null,
    },
    ...change,
  });
const run = (path = join(dir, 'case-1.mp4')) => uploadOf({ path }).run();

describe('a file put to an address', () => {
  it('arrives whole, in pieces, with its digest', async () => {
    expect(await run()).toBeNull();
    expect(server.got.equals(bytes)).toBe(true);
    const sha = createHash('sha256').update(bytes).digest('base64');
    expect([...server.digests]).toEqual([`sha-256=:${sha}:`]);
    expect(server.ranges).toEqual([
      ...['bytes */900000', 'bytes 0-262143/900000', 'bytes 262144-524287/900000'],
      ...['bytes 524288-786431/900000', 'bytes 786432-899999/900000'],
    ]);
  });

  it('goes on where the server is, after a broken line and a server that stumbles', async () => {
    let n = 0;
    server.trouble = (request, response) => {
      n++;
      if (n === 3) request.socket.destroy();
      else if (n === 6) response.writeHead(503).end();
      else return false;
      return true;
    };
    expect(await run()).toBeNull();
    expect(server.got.equals(bytes)).toBe(true);
    // Asked anew after each, and no piece twice.
    expect(server.ranges.length - server.pieces.length).toBe(3);
    expect(new Set(server.pieces).size).toBe(server.pieces.length);
  });

  it('another time begins where the first has ended', async () => {
    server.got = bytes.subarray(0, 600_000);
    expect(await run()).toBeNull();
    expect(server.ranges[1]).toBe('bytes 600000-862143/900000');
    expect(server.got.equals(bytes)).toBe(true);
  });

  it('is given up where the server refuses, has more than there is, or the file has gone', async () => {
    server.trouble = (_, response) => response.writeHead(403).end() === response;
    expect(await run()).toBe('the server says HTTP 403');
    server.trouble = () => false;
    server.got = Buffer.alloc(900_001);
    expect(await run()).toBe('the server has 900001 bytes of 900000');
    expect(await run(join(dir, 'gone.mp4'))).toBe('no such file here');
  });

  it('closed on its way is neither there nor given up', async () => {
    let asked = 0;
    const upload = uploadOf();
    server.trouble = () => {
      if (++asked === 2) upload.close();
      return false;
    };
    expect(await upload.run()).toBeUndefined();
    expect(server.got.length).toBeLessThan(bytes.length);
  });

  it('goes to no server whose certificate is not of the authority', async () => {
    const upload = uploadOf({ ca: null });
    let asked = 0;
    server.trouble = () => ++asked > 0;
    const ended = upload.run();
    await new Promise((done) => server.server.once('tlsClientError', done));
    upload.close();
    expect(await ended).toBeUndefined();
    expect(asked).toBe(0);
  });

  it('is sent on by the server, and goes on there', async () => {
    server.trouble = ({ url: path }, response) => {
      if (path !== '/put/1') return false;
      response.writeHead(307, { Location: '/put/2' }).end();
      return true;
    };
    expect(await run()).toBeNull();
    expect(server.got.equals(bytes)).toBe(true);
    expect(server.ranges[0]).toBe('bytes */900000');
  });

  it('that is sent round in circles, or taken and not kept, is no upload', async () => {
    let asked = 0;
    server.trouble = (_, response) => {
      asked++;
      response.writeHead(308, { Location: '/put/1' }).end();
      return true;
    };
    expect(await run()).toBe('the server sends it on and on');
    expect(asked).toBe(4);
    // A server that never has more than before is asked less and less often.
    asked = 0;
    const upload = uploadOf({ pauseMs: { first: 60_000, most: 60_000 } });
    server.trouble = (_, response) => {
      asked++;
      response.writeHead(308).end();
      return true;
    };
    const ended = upload.run();
    await until(() => asked === 2, { withinMs: 10_000, what: 'a piece' });
    upload.close();
    expect(await ended).toBeUndefined();
    expect(asked).toBe(2);
  });
});

describe("the terminal's own network", () => {
  const endOf = (change: Partial<UploadOptions>) =>
    within(uploadOf(change).run(), { withinMs: 8_000, what: 'its end' });
  const own = () => ownNetworks({});
  const refusal = "the address leads into the terminal's own network; see media.ownNetwork";

  it.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '0.0.0.0'])(
    'gets no upload: %s',
    async (host) => {
      const url = `https://${host}:${server.port}/put/1`;
      expect(await endOf({ url, own })).toBe(refusal);
      expect(server.connections).toBe(0);
    },
  );

  it.each([
    ['https://127.0.0.2:1/put', refusal],
    ['http://localhost:1/put', 'the address is not https'],
    ['https://me:secret@localhost:1/put', 'the address has a user in it'],
    ['https://[', 'the address is none'],
  ])('nor by way of a server outside it: %s', async (location, why) => {
    const elsewhere = new BlockList();
    elsewhere.addAddress('127.0.0.2');
    server.trouble = (_, response) =>
      response.writeHead(307, { Location: location }).end() === response;
    expect(await endOf({ own: () => elsewhere })).toBe(why);
    expect(server.connections).toBe(1);
  });
});

describe('pieces and files, as they are wanted', () => {
  it('a piece is read once; what is not there is said', async () => {
    const said: MediaSaid[] = [];
    const fetches = new Fetches({ clock, dir, say: (one) => void said.push(one) });
    const none = { uploads: [], ca: null, ownNetwork: 'refuse' as const };
    const piece = { id: 'p1', file: 'case-1.mp4', from: 899_990, bytes: 32_768 };
    fetches.want({ ...none, piece });
    fetches.want({ ...none, piece });
    await until(() => said.length > 0, { withinMs: 10_000, what: 'the piece' });
    const data = bytes.subarray(899_990).toString('base64');
    expect(said).toEqual([{ t: 'evidence.read', id: 'p1', data, total: 900_000, detail: '' }]);
    fetches.want({ ...none, piece: { ...piece, id: 'p2', file: 'gone.mp4' } });
    await until(() => said.length > 1, { withinMs: 10_000, what: 'the word' });
    expect(said[1]).toMatchObject({
      id: 'p2',
      data: null,
      detail: expect.stringContaining('no such file'),
    });
    fetches.close();
  });

  it('of a sealed file what is inside goes out; one that was changed is named', async () => {
    const said: MediaSaid[] = [];
    const master = masterOf(sealingKey);
    if (!master) throw new Error('a key');
    const fetches = new Fetches({ clock, dir, master, say: (one) => void said.push(one) });
    const good = sealed(master, bytes);
    const bent = Buffer.from(good);
    bent.writeUInt8(bent.readUInt8(600_000) ^ 1, 600_000);
    writeFileSync(join(dir, 'sealed-1.mp4'), good);
    writeFileSync(join(dir, 'bent-1.mp4'), bent);
    const read = (file: string) =>
      fetches.want({
        ...{ uploads: [], ca: null, ownNetwork: 'refuse' },
        piece: { id: file, file, from: 599_990, bytes: 20 },
      });
    read('sealed-1.mp4');
    await until(() => said.length === 1, { withinMs: 10_000, what: 'the piece' });
    const data = bytes.subarray(599_990, 600_010).toString('base64');
    expect(said[0]).toMatchObject({ data, total: bytes.length });
    read('bent-1.mp4');
    await until(() => said.length === 2, { withinMs: 10_000, what: 'the word' });
    expect(said[1]).toMatchObject({ data: null, detail: 'record 3 has been changed' });
    const upload = { id: 'u0', file: 'sealed-1.mp4', url: server.url };
    fetches.want({ piece: null, ca: certs.ca, ownNetwork: 'allow', uploads: [upload] });
    await until(() => said.length === 3, { withinMs: 20_000, what: 'the file' });
    expect(said[2]).toEqual({ t: 'evidence.sent', id: 'u0', detail: null });
    expect(server.got.equals(bytes)).toBe(true);
    fetches.close();
  });

  it('files go one after the other, each told once', async () => {
    const said: MediaSaid[] = [];
    const fetches = new Fetches({ clock, dir, say: (one) => void said.push(one) });
    const uploads = ['case-1.mp4', 'gone.mp4'].map((file, n) => ({
      id: `u${n}`,
      file,
      url: server.url,
    }));
    const to = { piece: null, ca: certs.ca, ownNetwork: 'allow' } as const;
    fetches.want({ ...to, uploads });
    await until(() => said.length === 1, { withinMs: 20_000, what: 'the first' });
    fetches.want({ ...to, uploads: uploads.slice(1) });
    await until(() => said.length === 2, { withinMs: 20_000, what: 'the second' });
    expect(said).toEqual([
      { t: 'evidence.sent', id: 'u0', detail: null },
      { t: 'evidence.sent', id: 'u1', detail: 'no such file here' },
    ]);
    fetches.close();
  });
});
