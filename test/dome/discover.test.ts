// Discovery by address and by range, with and without a password, and what is wrong with a device in one
// sentence. By multicast over real interfaces: discover-net.test.ts.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { rangeOf, typedAddress } from '#agent/dome/discover/addresses.ts';
import { type DiscoverOptions, discover } from '#agent/dome/discover/discover.ts';
import { jsonOf, sayingsOn, tableOf } from '#agent/dome/discover/table.ts';
import { matchesIn } from '#agent/dome/discover/ws-discovery.ts';
import { openXml } from '#agent/dome/xml.ts';
import { Refusal } from '#agent/refusal.ts';
import { type SimDome, type SimDomeOptions, startDome } from '#agent/sim/dome/dome.ts';
import { allHostilities } from '#agent/sim/dome/hostile.ts';
import { seeded, startSeeded } from '#agent/sim/dome/seed.ts';
import { systemClock } from '#agent/system/clock.ts';
import { makeCerts } from '#test/support/certs.ts';
import { selfSigned, tlsFront } from './tls-front.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const dome = async (options: SimDomeOptions = {}): Promise<SimDome> => {
  const sim = await startDome(options);
  ends.push(() => sim.close());
  return sim;
};

const right = { username: 'admin', password: 'secret' };
const wrong = { username: 'admin', password: 'wrong' };
const at = (urls: readonly string[], more: Partial<DiscoverOptions> = {}) =>
  discover({
    ...{ clock: systemClock(), credentials: null, ca: null, interfaces: null },
    typed: urls.map((url) => [url]),
    ...more,
  });

describe('one device at an address', () => {
  // 25 and 29 tell their clock only to who is let in.
  test.each([1, 2, 3, 4, 7, 8, 25, 29])('dome %i is told as it is', async (seed) => {
    const one = seeded(seed);
    const sim = await startSeeded(one);
    ends.push(() => sim.close());
    const { found } = await at([sim.url], { credentials: right });
    const { identity, auth, algorithms, clockOffsetMs = 0 } = one.options;
    expect(found).toHaveLength(1);
    const it = found[0];
    expect(it).toMatchObject({ url: sim.url, admitted: true, trouble: null });
    expect(it?.make).toBe(identity?.manufacturer);
    expect(it?.model).toBe(identity?.model);
    expect(it?.firmware).toBe(identity?.firmware);
    const digest = algorithms?.includes('SHA-256') ? 'digest SHA-256' : 'digest MD5';
    expect(it?.auth).toBe(auth === 'token' ? 'token' : digest);
    expect(Math.abs((it?.clockOffsetMs ?? Number.NaN) - clockOffsetMs)).toBeLessThan(20_000);
    expect(it?.services).toContain('media');
  });

  test('without a password: login and clock are told, and nobody was asked for more', async () => {
    const sim = await dome({ clockOffsetMs: 7_200_000 });
    const discovery = await at([sim.url]);
    expect(discovery.found).toMatchObject([{ auth: 'digest SHA-256', admitted: null, make: null }]);
    expect(sim.log.every(({ auth }) => auth === 'none')).toBe(true);
    expect(tableOf(discovery)).toContain('Its clock is 2 h 0 min ahead');
    expect(tableOf(discovery)).toContain('球机时钟快');
    expect(JSON.parse(jsonOf(discovery)).found[0].sayings).toMatchObject([{ what: 'clock' }]);
  });

  test('changes nothing and switches nothing', async () => {
    const sim = await dome();
    await at([sim.url], { credentials: right });
    expect(sim.actuators.history).toEqual([]);
  });
});

describe('a password', () => {
  test.each(['token', 'digest', 'both'] as const)(
    'is tried once where it is wrong: %s',
    async (auth) => {
      const sim = await dome({ auth });
      const discovery = await at([sim.url], { credentials: wrong });
      expect(discovery.found).toMatchObject([{ admitted: false, trouble: { what: 'password' } }]);
      expect(sim.log.filter((one) => one.auth !== 'none')).toHaveLength(1);
      expect(tableOf(discovery)).toContain('用户名或密码错误');
    },
  );

  test('that one device has refused is shown to no other', async () => {
    const [first, second] = [await dome(), await dome()];
    const { found, passwordRefused } = await at([first.url, second.url], { credentials: wrong });
    expect(passwordRefused).toBe(true);
    expect(found).toHaveLength(2);
    const shown = [first, second].map(
      ({ log }) => log.filter(({ auth }) => auth !== 'none').length,
    );
    expect(shown.sort()).toEqual([0, 1]);
  });
});

describe('what is wrong is one sentence', () => {
  const sentenceAt = async (url: string, more: Partial<DiscoverOptions> = {}) => {
    const { found } = await at([url], { credentials: right, ...more });
    expect(found).toHaveLength(1);
    return found[0] ? sayingsOn(found[0]) : [];
  };

  test('unreachable', async () => {
    const sim = await dome();
    const { url } = sim;
    await sim.down();
    const sayings = await sentenceAt(url);
    expect(sayings).toMatchObject([
      { what: 'unreachable', zh: '无法连接球机:请检查地址、网线和电源。' },
    ]);
  });

  const inPart = allHostilities.filter((how) =>
    /^(hang|drip|ten|endless|dense|garbage|no-http|other|cut-answer)/.test(how),
  );
  test.each(inPart)('a dome that is turned: %s', async (how) => {
    const sim = await dome();
    sim.turn(how);
    const sayings = await sentenceAt(sim.url);
    expect(sayings).toHaveLength(1);
    expect(sayings[0]?.what).toBe('answer');
    expect(sayings[0]?.en).toMatch(/^[A-Z][^\n]{20,240}\.$/);
    expect(sayings[0]?.zh).toMatch(/。$/);
  });

  test('no ONVIF at this port', async () => {
    const sim = await dome();
    const sayings = await sentenceAt(sim.url.replace('/onvif/device_service', '/elsewhere'));
    expect(sayings).toMatchObject([{ what: 'no-onvif' }]);
  });

  test('a certificate of its own, and none where it was given', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gate-discover-'));
    ends.push(() => rmSync(dir, { recursive: true }));
    const certs = await makeCerts(dir);
    const { certFile, keyFile } = certs.server;
    const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    const front = await tlsFront(await dome(), pair);
    ends.push(() => front.close());
    const sayings = await sentenceAt(front.url);
    expect(sayings).toMatchObject([{ what: 'certificate' }]);
    expect(sayings[0]?.zh).toContain('--ca');
    expect(await sentenceAt(front.url, { ca: certs.ca })).toEqual([]);
    // It is signed by an authority that is not given: pinned all the same.
    expect(await sentenceAt(front.url, { ca: pair.cert })).toEqual([]);
    const foreign = await selfSigned(dir);
    const [another] = await sentenceAt(front.url, { ca: foreign.cert });
    expect(another?.en).toMatch(/^Its certificate is another than --ca names, SHA-256 /);
  });

  test('a certificate whose time is over', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gate-discover-'));
    ends.push(() => rmSync(dir, { recursive: true }));
    const front = await tlsFront(await dome(), await selfSigned(dir));
    ends.push(() => front.close());
    const real = systemClock();
    const later = () => ({ ...real.now(), wallMs: real.now().wallMs + 10 * 86_400_000 });
    const [saying] = await sentenceAt(front.url, { clock: { ...real, now: later } });
    expect(saying?.en).toMatch(
      /^Its certificate has expired \(\d{4}-\d\d-\d\d to [\d-]+\), SHA-256 /,
    );
  });

  test('https to a port that has none', async () => {
    const sim = await dome();
    const [saying] = await sentenceAt(sim.url.replace('http:', 'https:'));
    expect(saying?.en).toContain('does not speak https');
  });
});

describe('a range', () => {
  test('is walked, and what answers is looked at', async () => {
    const sim = await dome({ host: '127.0.0.9', port: 8899 });
    const hosts = rangeOf('127.0.0.8-11');
    const { found } = await at([], { hosts, credentials: right });
    expect(found).toMatchObject([{ url: sim.url, make: 'Rehearsal' }]);
  });

  test('what is no dome behind an open door is not told', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n', () => socket.destroy());
    });
    await new Promise<void>((done) => server.listen(8899, '127.0.0.7', done));
    ends.push(() => new Promise((done) => server.close(done)));
    expect((await at([], { hosts: ['127.0.0.7'] })).found).toEqual([]);
  });

  test('is bounded, and means what it says', () => {
    expect(rangeOf('10.0.0.0/30')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(rangeOf('10.0.0.77/24')).toHaveLength(254);
    expect(rangeOf('10.0.0.5-7')).toEqual(['10.0.0.5', '10.0.0.6', '10.0.0.7']);
    expect(rangeOf('10.0.0.5/32')).toEqual(['10.0.0.5']);
    for (const bad of ['10.0.0.0/8', '10.0.0.0/33', '10.0.0.9-3', '10.0.0.300/24', 'x', '10.0.0.1'])
      expect(() => rangeOf(bad), bad).toThrow(Refusal);
  });

  test('an address is typed in many ways', () => {
    expect(typedAddress('http://h:81/x')).toEqual(['http://h:81/x']);
    expect(typedAddress('10.0.0.5:8000')).toEqual(['http://10.0.0.5:8000/onvif/device_service']);
    expect(typedAddress('dome.local')).toHaveLength(4);
    expect(typedAddress('fd00::5')[0]).toBe('http://[fd00::5]:80/onvif/device_service');
    for (const bad of ['', 'a b', 'http://', 'http://u:p@h/', 'h:99999', '../x'])
      expect(() => typedAddress(bad), bad).toThrow(Refusal);
  });
});

test('an answer is read within bounds', async () => {
  const parse = await openXml();
  const match = (inner: string) =>
    `<e:Envelope xmlns:e="x"><e:Body><ProbeMatches>${inner}</ProbeMatches></e:Body></e:Envelope>`;
  const one = (address: string) =>
    `<ProbeMatch><EndpointReference><Address>urn:1</Address></EndpointReference>${address}</ProbeMatch>`;
  const read = (text: string) => matchesIn(parse, text);
  expect(read(match(one('<XAddrs>ftp://x http://  http://h/o</XAddrs>')))).toMatchObject([
    { name: 'urn:1', addresses: ['http://h/o'] },
  ]);
  expect(read(match(one('')))).toMatchObject([{ addresses: [] }]);
  expect(read(match('<ProbeMatch/>'.repeat(2000)))).toEqual([]);
  const zoned = one('<XAddrs>http://[fe80::1%25eth0]/o http://[fe80::2%3]:81/o</XAddrs>');
  expect(read(match(zoned))[0]?.addresses).toEqual(['http://[fe80::1]/o', 'http://[fe80::2]:81/o']);
  const scopes =
    '<Scopes>onvif://www.onvif.org/name/%1b%5b31m%E0 onvif://www.onvif.org/name/x</Scopes>';
  expect(read(match(one(scopes)))[0]?.title).not.toContain('\u001b');
  for (const junk of ['', '<', '\0\0', '<!DOCTYPE a><a/>', match('')])
    expect(read(junk)).toEqual([]);
});
