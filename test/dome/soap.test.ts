// The bounds and the manners of the SOAP client, against servers that are not domes: each answers one
// request as a test says.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { chooseChallenge } from '#agent/digest.ts';
import type { DomeError } from '#agent/dome/error.ts';
import { Line } from '#agent/dome/line.ts';
import { getDeviceInformation, getPresets, sendDeviceAuxiliary } from '#agent/dome/operations.ts';
import { reachable } from '#agent/dome/ptz.ts';
import { SoapClient } from '#agent/dome/soap.ts';
import { systemClock } from '#agent/system/clock.ts';
import { makeCerts } from '#test/support/certs.ts';
import { within } from '#test/support/wait.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  for (const event of ['connection', 'secureConnection'])
    server.on(event, (socket: Socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

const clock = systemClock();

async function clientOf(port: number): Promise<SoapClient> {
  const line = new Line(clock, false);
  cleanUps.push(() => line.close());
  const to = { host: '127.0.0.1', port, path: '/onvif/device_service' };
  const soap = new SoapClient(line, clock, { username: 'u', password: 'p' }, to);
  soap.locate('ptz', to);
  await soap.open();
  return soap;
}

/** A client of a server that answers as `listener` does. */
const facing = async (listener: RequestListener) => clientOf(await listen(createServer(listener)));

const wrap = (body: string) =>
  '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">' +
  `<e:Body>${body}</e:Body></e:Envelope>`;
const answering = (body: string, status = 200) =>
  facing((_, response) => response.writeHead(status).end(body));
const about = (soap: SoapClient, deadlineMs = 2000) =>
  within(soap.call(getDeviceInformation, null, { deadlineMs }), {
    withinMs: 4000,
    what: 'an answer',
  });
const information = wrap(
  '<GetDeviceInformationResponse><Model>1.0</Model></GetDeviceInformationResponse>',
);

describe('bounds', () => {
  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    [
      'drips',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    ['stops in the middle', (_, response) => void response.writeHead(200).write('<a>')],
  ])('a server that %s: the deadline is for the whole call', async (_, listener) => {
    const start = performance.now();
    await expect(about(await facing(listener), 250)).rejects.toMatchObject({ kind: 'timeout' });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('a reply above 512 kB is cut off while it comes', async () => {
    let sent = 0;
    const soap = await facing((_, response) => {
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const more = () => {
        while (sent < 200_000_000 && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    await expect(about(soap)).rejects.toMatchObject({ kind: 'too-large' });
    expect(sent).toBeLessThan(50_000_000);
  });

  test('a connection that ends in mid-reply is no answer', async () => {
    const soap = await facing((_, response) => {
      response.writeHead(200, { 'Content-Length': '5000' }).write(information);
      setImmediate(() => response.destroy());
    });
    await expect(about(soap)).rejects.toMatchObject({ kind: 'broken' });
  });

  test('nobody there', async () => {
    const server = createTcp();
    const port = await listen(server);
    await new Promise((done) => server.close(done));
    cleanUps.pop();
    await expect(about(await clientOf(port))).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('a request that a newer one replaced ends at once', async () => {
    const soap = await facing(() => undefined);
    const abort = new AbortController();
    const call = soap.call(getDeviceInformation, null, { deadlineMs: 5000, signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ kind: 'superseded' });
  });
});

describe('replies', () => {
  test('text stays text', async () => {
    expect(await about(await answering(information))).toMatchObject({ model: '1.0' });
  });

  test.each([
    ['the answer to something else', wrap('<SetNTPResponse/>'), 200, 'wrong-reply'],
    ['an empty body', wrap(''), 200, 'wrong-reply'],
    ['a login page', '<html><body>Login</body></html>', 200, 'malformed'],
    ['nothing', '', 200, 'malformed'],
    ['half of it', information.slice(0, -20), 200, 'malformed'],
    [
      'an entity',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${information}`,
      200,
      'malformed',
    ],
    ['a gateway error', 'Bad Gateway', 502, 'http'],
  ])('%s is an error: %s', async (_, body, status, kind) => {
    await expect(about(await answering(body, status))).rejects.toMatchObject({ kind });
  });

  test('a fault is told with its code, subcodes and reason, whatever the status', async () => {
    const fault =
      '<e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>ter:Action</e:Value>' +
      '<e:Subcode><e:Value>ter:NoSuch</e:Value></e:Subcode></e:Subcode></e:Code>' +
      '<e:Reason><e:Text xml:lang="en">no &lt;such&gt; &#20013;</e:Text></e:Reason></e:Fault>';
    for (const status of [200, 400, 500]) {
      const error: DomeError = await about(await answering(wrap(fault), status)).catch((e) => e);
      expect(error.kind).toBe('fault');
      expect(error.fault).toEqual({
        code: 'Receiver',
        subcodes: ['Action', 'NoSuch'],
        reason: 'no <such> 中',
      });
    }
  });

  test('what is put in is escaped', async () => {
    let seen = '';
    const soap = await facing((request, response) => {
      request.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      request.on('end', () => response.end(wrap('<SendAuxiliaryCommandResponse/>')));
    });
    const command = `a<b>&"c'\u0000`;
    await soap.call(sendDeviceAuxiliary, { command }, { deadlineMs: 1000 });
    expect(seen).toContain('<n:AuxiliaryCommand>a&lt;b&gt;&amp;&quot;c&apos;</n:AuxiliaryCommand>');
  });

  test('one preset is a list of one, and one without a name has none', async () => {
    const one = await answering(
      wrap('<GetPresetsResponse><Preset token="01"/></GetPresetsResponse>'),
    );
    const presets = one.call(getPresets, { profile: 'p' }, { deadlineMs: 1000 });
    expect(await presets).toMatchObject([{ token: '01', name: '' }]);
  });
});

describe('connections', () => {
  test('one that the dome closed without notice is replaced, once', async () => {
    let requests = 0;
    const soap = await facing((request, response) => {
      requests += 1;
      if (requests === 2 || requests >= 4) request.socket.destroy();
      else response.end(information);
    });
    await about(soap);
    await about(soap);
    expect(requests).toBe(3);
    await expect(about(soap)).rejects.toMatchObject({ kind: 'broken' });
    expect(requests).toBe(5);
  });

  test('a fresh one that is cut is not tried again', async () => {
    let requests = 0;
    const soap = await facing((request) => {
      requests += 1;
      request.socket.destroy();
    });
    await expect(about(soap)).rejects.toMatchObject({ kind: 'broken' });
    expect(requests).toBe(1);
  });

  test('TLS: a foreign certificate is refused, our CA and a pinned one are not', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dome-tls-'));
    cleanUps.push(() => rm(dir, { recursive: true }));
    const { ca, server } = await makeCerts(dir);
    const serve = async (key: string, cert: string) => {
      const files = { key: await readFile(key), cert: await readFile(cert) };
      return listen(createTls(files, (_, response) => response.end('hello')));
    };
    const get = (port: number, trusted: string | null) => {
      const line = new Line(clock, true, trusted);
      cleanUps.push(() => line.close());
      const byMs = clock.now().monoMs + 3000;
      const to = { host: '127.0.0.1', port, path: '/' };
      return line.send({ method: 'GET', to, headers: {}, body: '', byMs });
    };
    const signed = await serve(server.keyFile, server.certFile);
    await expect(get(signed, null)).rejects.toMatchObject({ kind: 'broken' });
    expect(await get(signed, ca)).toMatchObject({ status: 200, body: 'hello' });
    // Its own signer, and no name in it: as domes come from the factory.
    const own = await serve(join(dir, 'ca.key'), join(dir, 'ca.pem'));
    await expect(get(own, null)).rejects.toMatchObject({ kind: 'broken' });
    expect(await get(own, ca)).toMatchObject({ status: 200, body: 'hello' });
  });
});

test('of several challenges the strongest that can be answered is taken', () => {
  const md5 = 'Digest realm="a, b", nonce="1", qop="auth"';
  const sha =
    'Digest realm="a \\"b\\"", nonce="2", qop="auth,auth-int", algorithm=SHA-256, stale=TRUE';
  const later = 'Digest realm="c", nonce="3", algorithm=SHA-512-256, qop="auth"';
  expect(chooseChallenge(['Basic realm="x"', md5])).toMatchObject({ hash: 'md5', realm: 'a, b' });
  expect(chooseChallenge([`${md5}, ${sha}`])).toMatchObject({
    nonce: '2',
    realm: 'a "b"',
    stale: true,
  });
  expect(chooseChallenge([later, md5])).toMatchObject({ nonce: '1', algorithm: null });
  expect(chooseChallenge(['Digest realm="x", nonce="1", qop="auth-int"', 'Basic realm="y"'])).toBe(
    null,
  );
  expect(chooseChallenge([])).toBe(null);
});

test('an address that the dome tells never moves us to another host', () => {
  const here = { host: '10.0.0.5', port: 8000, path: '/onvif/device_service' };
  const at = (address: string) => reachable(address, here, 'http:');
  expect(at('http://192.168.1.64/onvif/PTZ')).toEqual({ ...here, path: '/onvif/PTZ' });
  expect(at('http://10.0.0.5:8899/p?a=1')).toEqual({ ...here, port: 8899, path: '/p?a=1' });
  expect(at('no address')).toEqual(here);
  // No path at all, and a space in it: node:http throws at such a request.
  expect(at('mailto:b c')).toEqual(here);
});

test('a dome behind https that tells an http address is not spoken TLS to on port 80', () => {
  const here = { host: '10.0.0.5', port: 443, path: '/onvif/device_service' };
  expect(reachable('http://10.0.0.5/onvif/PTZ', here, 'https:').port).toBe(443);
  expect(reachable('https://10.0.0.5:8443/onvif/PTZ', here, 'https:').port).toBe(8443);
});
