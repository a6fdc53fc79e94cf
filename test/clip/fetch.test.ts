// Evidence on its way out: read in pieces; put to a real HTTPS server that breaks off, stumbles and
// refuses, and gone on with where the server says it is.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fetches } from '#agent/media/clip/fetches.ts';
import { Upload } from '#agent/media/clip/upload.ts';
import type { MediaSaid } from '#agent/media/wire.ts';
import { systemClock } from '#agent/system/clock.ts';
import { type Certs, makeCerts } from '#test/support/certs.ts';
import { until } from '#test/support/wait.ts';

const clock = systemClock();
const pauseMs = { first: 20, most: 100 };
const bytes = randomBytes(900_000);
let dir: string;
let certs: Certs;
let server: Server;
let url: string;
/** What the server has so far. */
let got: Buffer;
let digests: Set<unknown>;
let ranges: string[];
/** Takes the next request away from the server; true: it did. */
let trouble: (request: IncomingMessage, response: ServerResponse) => boolean;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-fetch-'));
  certs = await makeCerts(dir);
  writeFileSync(join(dir, 'case-1.mp4'), bytes);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  got = Buffer.alloc(0);
  digests = new Set();
  ranges = [];
  trouble = () => false;
  const [cert, key] = [certs.server.certFile, certs.server.keyFile].map((file) =>
    readFileSync(file),
  );
  server = createServer({ cert, key }, (request, response) => {
    if (trouble(request, response)) return;
    const range = String(request.headers['content-range']);
    ranges.push(range);
    digests.add(request.headers['repr-digest']);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(range) ?? [];
      if (from !== undefined && Number(from) === got.length) got = Buffer.concat([got, ...chunks]);
      if (got.length === Number(total)) return void response.writeHead(201).end();
      const range308 = got.length === 0 ? {} : { Range: `bytes=0-${got.length - 1}` };
      response.writeHead(308, range308).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  url = `https://localhost:${typeof address === 'object' ? address?.port : ''}/put/1`;
});
afterEach(() => new Promise((done) => server.closeAllConnections() ?? server.close(done)));

const run = (path = join(dir, 'case-1.mp4'), ca: string | null = certs.ca) =>
  new Upload({ ...{ clock, pauseMs, url, ca, path } }).run();

describe('a file put to an address', () => {
  it('arrives whole, in pieces, with its digest', async () => {
    expect(await run()).toBeNull();
    expect(got.equals(bytes)).toBe(true);
    const sha = createHash('sha256').update(bytes).digest('base64');
    expect([...digests]).toEqual([`sha-256=:${sha}:`]);
    expect(ranges).toEqual([
      ...['bytes */900000', 'bytes 0-262143/900000', 'bytes 262144-524287/900000'],
      ...['bytes 524288-786431/900000', 'bytes 786432-899999/900000'],
    ]);
  });

  it('goes on where the server is, after a broken line and a server that stumbles', async () => {
    let n = 0;
    trouble = (request, response) => {
      n++;
      if (n === 3) request.socket.destroy();
      else if (n === 6) response.writeHead(503).end();
      else return false;
      return true;
    };
    expect(await run()).toBeNull();
    expect(got.equals(bytes)).toBe(true);
    // Asked anew after each, and no piece twice.
    expect(ranges.filter((range) => range.startsWith('bytes *'))).toHaveLength(3);
    const pieces = ranges.filter((range) => !range.startsWith('bytes *'));
    expect(new Set(pieces).size).toBe(pieces.length);
  });

  it('another time begins where the first has ended', async () => {
    got = bytes.subarray(0, 600_000);
    expect(await run()).toBeNull();
    expect(ranges[1]).toBe('bytes 600000-862143/900000');
    expect(got.equals(bytes)).toBe(true);
  });

  it('is given up where the server refuses, has more than there is, or the file has gone', async () => {
    trouble = (_, response) => response.writeHead(403).end() === response;
    expect(await run()).toBe('the server says HTTP 403');
    trouble = () => false;
    got = Buffer.alloc(900_001);
    expect(await run()).toBe('the server has 900001 bytes of 900000');
    expect(await run(join(dir, 'gone.mp4'))).toBe('no such file here');
  });

  it('closed on its way is neither there nor given up', async () => {
    let asked = 0;
    const path = join(dir, 'case-1.mp4');
    const upload = new Upload({ ...{ clock, pauseMs, url, path }, ca: certs.ca });
    trouble = () => {
      if (++asked === 2) upload.close();
      return false;
    };
    expect(await upload.run()).toBeUndefined();
    expect(got.length).toBeLessThan(bytes.length);
  });

  it('goes to no server whose certificate is not of the authority', async () => {
    const upload = new Upload({
      ...{ clock, pauseMs, url, ca: null, path: join(dir, 'case-1.mp4') },
    });
    let asked = 0;
    trouble = () => ++asked > 0;
    const ended = upload.run();
    await new Promise((done) => server.once('tlsClientError', done));
    upload.close();
    expect(await ended).toBeUndefined();
    expect(asked).toBe(0);
  });
});

describe('pieces and files, as they are wanted', () => {
  it('a piece is read once; what is not there is said', async () => {
    const said: MediaSaid[] = [];
    const fetches = new Fetches({ clock, dir, say: (one) => void said.push(one) });
    const none = { uploads: [], ca: null };
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

  it('files go one after the other, each told once', async () => {
    const said: MediaSaid[] = [];
    const fetches = new Fetches({ clock, dir, say: (one) => void said.push(one) });
    const uploads = ['case-1.mp4', 'gone.mp4'].map((file, n) => ({ id: `u${n}`, file, url }));
    fetches.want({ piece: null, uploads, ca: certs.ca });
    await until(() => said.length === 1, { withinMs: 20_000, what: 'the first' });
    fetches.want({ piece: null, uploads: uploads.slice(1), ca: certs.ca });
    await until(() => said.length === 2, { withinMs: 20_000, what: 'the second' });
    expect(said).toEqual([
      { t: 'evidence.sent', id: 'u0', detail: null },
      { t: 'evidence.sent', id: 'u1', detail: 'no such file here' },
    ]);
    fetches.close();
  });
});
