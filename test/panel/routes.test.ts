// Every route of the panel against everything that it must turn away, and what it then has asked the daemon.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { jsonValue, sample } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  events,
  guardView,
  panelLimits,
  problem,
  type RouteName,
  routes,
  sessionView,
} from '#agent/panel/api.ts';
import { until } from '#test/support/wait.ts';
import type { Browser } from './browser.ts';
import { atRest, pins, Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await new Rig().open();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.acts.length = 0;
  rig.view = atRest;
  rig.outcome = { ok: true, result: {} };
});

const names = Object.keys(routes) as RouteName[];
const bodies: { readonly [R in RouteName]?: object } = {
  signIn: { pin: pins.right },
  test: { part: 'strobe' },
  windowOpen: { mark: 'drill', minutes: 5 },
};
const ask = (browser: Browser, name: RouteName, change: object = {}) => {
  const { method, path } = routes[name];
  const body = method === 'POST' ? { body: bodies[name] ?? {} } : {};
  return browser.ask(path, { method, ...body, ...change });
};
/** Signed in, and not for each test anew: a PIN is dear to check. */
let guard: Browser | null = null;
async function kept(): Promise<Browser> {
  const session = await guard?.get('/api/session');
  if (!guard || !session?.body.session) guard = await rig.signedIn();
  return guard;
}
const posts = names.filter((name) => routes[name].method === 'POST');
const behindPin = names.filter((name) => routes[name].pin);

describe('turned away', () => {
  test.each(behindPin)('%s without a session, and with one that is over', async (name) => {
    const stranger = rig.browser();
    const reply = await ask(stranger, name);
    expect(reply).toMatchObject({ status: 401, body: { reason: 'no-session' } });
    stranger.cookie = `__Host-panel=${'A'.repeat(43)}`;
    expect((await ask(stranger, name)).status).toBe(401);
    const guard = await rig.signedIn();
    rig.later(panelLimits.idleMs + 1);
    rig.acts.length = 0;
    expect(await ask(guard, name)).toMatchObject({ status: 401, body: { reason: 'no-session' } });
    expect(rig.acts).toEqual([]);
  });

  test.each(posts)('%s from another page, of another type, too large, garbage', async (name) => {
    const guard = await kept();
    rig.acts.length = 0;
    const asks: [string, number, object][] = [
      ['wrong-origin', 403, { headers: { origin: 'https://evil.example' } }],
      ['wrong-origin', 403, { headers: { origin: null } }],
      ['wrong-origin', 403, { headers: { origin: 'null' } }],
      ['wrong-origin', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
      ['wrong-origin', 403, { headers: { 'sec-fetch-site': 'same-site' } }],
      ['wrong-type', 415, { headers: { 'content-type': 'text/plain' } }],
      ['wrong-type', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
      ['too-large', 413, { body: `{"pin":"${'1'.repeat(panelLimits.bodyBytesMax)}"}` }],
      ...['', '[]', 'null', '{', '{"x":1}', '"text"', '{"__proto__":{}}', '\ud800'].map(
        (body): [string, number, object] => ['malformed', 400, { body }],
      ),
    ];
    for (const [reason, status, change] of asks) {
      const reply = await ask(guard, name, change);
      expect(reply, JSON.stringify(change).slice(0, 99)).toMatchObject({
        status,
        body: { reason },
      });
      expect(problem.safeParse(reply.body).success).toBe(true);
    }
    expect(rig.acts).toEqual([]);
  });

  test('whatever JSON may be: 400, and never an error of ours', async () => {
    const browser = await kept();
    rig.acts.length = 0;
    const bodies = sample(jsonValue({ maxDepth: 3 }), { numRuns: 60, seed: 9 });
    for (const [n, body] of bodies.entries()) {
      const { path } = routes[posts[n % posts.length] ?? 'mute'];
      const isNone = typeof body === 'object' && JSON.stringify(body) === '{}';
      if (isNone) continue;
      const { status } = await browser.post(path, JSON.stringify(body));
      expect(status, `${path} ${JSON.stringify(body)}`).toBe(400);
    }
    expect(rig.acts).toEqual([]);
  });

  test.each(names)('%s with another method', async (name) => {
    const guard = await kept();
    const other = routes[name].method === 'GET' ? 'POST' : 'GET';
    for (const method of [other, 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect((await guard.ask(routes[name].path, { method })).status, method).toBe(405);
  });

  test('a name that somebody else has pointed at us', async () => {
    const guard = await kept();
    for (const host of ['evil.example', 'evil.example:8443', 'localhost@evil', 'a b'])
      expect((await guard.get('/api/view', { headers: { host } })).status, host).toBeOneOf([
        400, 421,
      ]);
    for (const host of ['192.168.1.9', '[fe80::1]:8443', 'GATE.example', 'localhost:1'])
      expect((await guard.get('/api/view', { headers: { host } })).status, host).toBe(200);
  });

  test('paths that are none, and what never reaches a disk', async () => {
    const guard = await kept();
    const paths = ['/api', '/api/', '/api/views', '/..%2f..%2fetc/passwd', '/../pin.json', '/x'];
    for (const path of [...paths, `/${'a'.repeat(600)}`])
      expect((await guard.get(path)).status, path.slice(0, 40)).toBe(404);
  });

  test('bytes that are no request end their connection, and the log keeps count', async () => {
    const socket = connect({ port: rig.port, host: '127.0.0.1', rejectUnauthorized: false });
    const closed = new Promise((done) => socket.once('close', done));
    socket.on('error', () => socket.destroy());
    socket.write('\x00\xff garbage\r\n\r\n');
    await closed;
    const refused = () => rig.lines.filter((line) => line.includes('"refused"'));
    await until(() => refused().length > 10, { withinMs: 5_000, what: 'refusals in the log' });
    expect(refused().length).toBeLessThan(200);
  });
});

describe('behind the PIN', () => {
  test('what is asked for reaches the daemon, with who asked', async () => {
    const guard = await rig.signedIn();
    const user = '王师傅';
    expect(rig.acts).toMatchObject([{ user, duress: false, act: { do: 'sign-in' } }]);
    rig.acts.length = 0;
    for (const name of ['mute', 'reset', 'windowClose', 'restart', 'test'] as const)
      expect(await ask(guard, name), name).toMatchObject({ status: 200, body: { ok: true } });
    rig.outcome = { ok: true, result: { mark: 'drill', untilWallMs: 7 } };
    expect((await ask(guard, 'windowOpen')).body).toEqual({ mark: 'drill', untilWallMs: 7 });
    const window = { mark: 'drill', minutes: 5, siren: false };
    expect(rig.acts.map(({ act }) => act)).toEqual([
      ...['mute', 'reset', 'window.close', 'restart'].map((what) => ({ do: what })),
      { do: 'test', part: 'strobe' },
      { do: 'window.open', window },
    ]);
    expect(rig.acts.every((one) => one.user === user && !one.duress)).toBe(true);
  });

  test.each([
    ['incident-open', 409, 'incident-open'],
    ['busy', 409, 'busy'],
    ['failed', 502, 'failed'],
    ['too-many', 429, 'too-many'],
  ] as const)('the daemon says %s', async (reason, status, told) => {
    const guard = await kept();
    rig.outcome = { ok: false, reason, detail: 'why' };
    const reply = await ask(guard, 'test');
    expect(reply).toMatchObject({ status, body: { reason: told } });
    expect(JSON.stringify(reply.body)).not.toContain('why');
  });

  test('a picture in pieces, none where there is none', async () => {
    const guard = await kept();
    expect(await guard.get('/api/picture')).toMatchObject({ status: 503 });
    rig.picture = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(3_500, 7)]);
    const reply = await guard.get('/api/picture');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('image/jpeg');
    expect(reply.bytes.equals(rig.picture)).toBe(true);
    rig.picture = null;
  });

  test('a session goes with its hand, with another PIN, and after the eighth', async () => {
    const guard = await rig.signedIn();
    const cookie = guard.cookie;
    expect((await guard.post('/api/sign-out')).body).toEqual({ session: null, pinSet: true });
    guard.cookie = cookie;
    expect((await guard.get('/api/inputs')).status).toBe(401);
    const all: Browser[] = [];
    for (let n = 0; n <= panelLimits.sessionsMax; n += 1) all.push(await rig.signedIn());
    expect((await all[0]?.get('/api/inputs'))?.status).toBe(401);
    expect((await all[1]?.get('/api/inputs'))?.status).toBe(200);
    const text = readFileSync(rig.pinFile);
    rmSync(rig.pinFile);
    expect((await all[1]?.get('/api/session'))?.body).toEqual({ session: null, pinSet: false });
    const again = await rig.browser().post('/api/sign-in', { pin: pins.right });
    expect(again).toMatchObject({ status: 503, body: { reason: 'no-pin' } });
    writeFileSync(rig.pinFile, text);
    expect((await all[1]?.get('/api/inputs'))?.status).toBe(401);
  });

  test('the longest session is eight hours, however busy', async () => {
    const guard = await rig.signedIn();
    for (let ms = 0; ms < panelLimits.sessionMs; ms += panelLimits.idleMs / 2) {
      expect((await guard.get('/api/inputs')).status, String(ms)).toBe(200);
      rig.later(panelLimits.idleMs / 2);
    }
    expect((await guard.get('/api/inputs')).status).toBe(401);
  });
});

describe('the daemon is gone', () => {
  test('the page says so; a sign-in works, and a duress alarm is kept until it is back', async () => {
    await rig.daemonDown();
    const stranger = rig.browser();
    expect((await stranger.get('/api/view')).body).toMatchObject({ daemon: false });
    expect((await stranger.post('/api/false-alarm')).status).toBe(503);
    const signed = await stranger.post('/api/sign-in', { pin: pins.duress });
    expect(signed.status).toBe(200);
    expect((await stranger.post('/api/reset')).status).toBe(503);
    expect(rig.acts).toEqual([]);
    await rig.daemonUp();
    const came = () => rig.acts.some(({ act, duress }) => duress && act.do === 'sign-in');
    await until(came, { withinMs: 5_000, what: 'the duress alarm' });
    expect((await stranger.get('/api/view')).body).toMatchObject({ daemon: true });
  });
});

describe('for everybody', () => {
  test('strict headers on every answer', async () => {
    const stranger = rig.browser();
    for (const path of ['/', '/api/view', '/api/inputs', '/nothing']) {
      const { headers } = await stranger.get(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      // Its own certificate is vouched for by nobody.
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  test('a claim needs no PIN, and cannot be made without end', async () => {
    rig.outcome = { ok: true, result: { alarms: 1 } };
    const stranger = rig.browser();
    expect((await stranger.post('/api/false-alarm')).body).toEqual({ alarms: 1 });
    expect(rig.acts).toMatchObject([{ user: 'panel', duress: false, act: { do: 'false-alarm' } }]);
    const statuses = new Set<number>();
    for (let n = 0; n < 25; n += 1) statuses.add((await stranger.post('/api/false-alarm')).status);
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(rig.acts.length).toBeLessThanOrEqual(20);
    rig.later(60_000);
  });

  test('the stream tells what changes, and inputs to those who are signed in alone', async () => {
    const stranger = rig.browser();
    const reader = await stranger.events();
    await until(() => reader.last('session'), { withinMs: 5_000, what: 'its first words' });
    expect(guardView.safeParse(reader.last('view')).success).toBe(true);
    const { armed } = atRest;
    if (!armed) throw new Error('it is armed');
    const lamp = { word: 'taken', sinceWallMs: 5, mark: null } as const;
    rig.view = { ...atRest, armed: { ...armed, lamp } };
    const taken = () => JSON.stringify(reader.last('view')?.lamp).includes('已接警');
    await until(taken, { withinMs: 5_000, what: 'the new word' });
    expect(reader.last('inputs')).toBeUndefined();
    reader.close();
    const guard = await rig.signedIn();
    const own = await guard.events();
    await until(() => own.last('inputs'), { withinMs: 5_000, what: 'the inputs' });
    expect(sessionView.parse(own.last('session')).session?.name).toBe('王师傅');
    rig.later(panelLimits.idleMs + 1);
    await until(() => own.last('session')?.session === null, { withinMs: 5_000, what: 'the end' });
    for (const { name, data } of own.told)
      expect(events[name as keyof typeof events].safeParse(data).error, name).toBeUndefined();
    own.close();
  });

  test('streams are few', async () => {
    const stranger = rig.browser();
    const all = [];
    for (let n = 0; n < panelLimits.streamsOfOneMax; n += 1) all.push(await stranger.events());
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect((await stranger.get('/api/events')).status).toBe(429);
    for (const one of all) one.close();
    await until(
      async () => {
        const again = await stranger.events();
        again.close();
        return again.status === 200;
      },
      { withinMs: 5_000, what: 'room for another' },
    );
  });
});
