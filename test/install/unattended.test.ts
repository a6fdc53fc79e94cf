// From answers to an armed terminal, against a real broker with client certificates, a dome and a button
// box; and each thing that can be wrong on the way: one sentence, one exit code, nothing written.

import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusReport } from '#agent/status.ts';
import { runToEnd } from '#test/e2e/support/commands.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { issue } from '#test/support/dated-certs.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { Room } from './room.ts';
import {
  type Fields,
  Kept,
  readText,
  runAnswers,
  type Stick,
  terminal,
  worldAt,
} from './support.ts';

let room: Room;
let stick: Stick;
beforeAll(async () => {
  room = await Room.open();
  stick = room.stick;
}, 60_000);
afterAll(() => room.close());

const tls = () => room.tls;
const site = (more: Fields = {}): Fields => room.site(more);
const certs = () => room.certs;

/** Of a run in this process that no daemon hears of. */
async function tried(more: Fields) {
  stick.answers(site(more));
  const world = worldAt(join(room.dir, 'nowhere'));
  const ran = await runAnswers(world, stick.file);
  return { ...ran, isWritten: existsSync(world.file) };
}

describe('what is wrong is said in one sentence, and nothing is written', {
  timeout: 60_000,
}, () => {
  it('a broker that is not there', async () => {
    const other = await Mosquitto.start();
    await other.remove();
    const { url } = other;
    const { code, err, isWritten } = await tried({ broker: { url } });
    expect({ code, isWritten }).toEqual({ code: 69, isWritten: false });
    expect(err).toContain('No connection to the broker: connection refused');
  });

  it('the authority of another broker', async () => {
    const root = { kind: 'authority', window: { fromDays: -1, toDays: 2 } } as const;
    stick.put('other.pem', (await issue(room.dir, { name: 'other', ...root })).cert);
    const { code, err } = await tried({ broker: { ...tls(), ca: 'other.pem' } });
    expect(code).toBe(69);
    expect(err).toContain('whom no authority in ca has signed');
    expect(err).toContain('No connection to the broker: certificate of the broker');
  });

  it.each([
    ['expired', -9, -2, /has expired on/],
    ['not yet valid', 2, 9, /is valid only from/],
  ])('a certificate that is %s', async (_, fromDays, toDays, says) => {
    const root = { kind: 'authority', window: { fromDays: -99, toDays: 99 } } as const;
    const by = await issue(room.dir, { name: 'root', ...root });
    const window = { fromDays, toDays };
    const own = await issue(room.dir, { name: terminal, kind: 'client', window, by });
    stick.put('dated.pem', own.cert);
    stick.put('dated.key', own.key);
    const broken = { ...tls(), cert: 'dated.pem', key: 'dated.key' };
    const { code, err, isWritten } = await tried({ broker: broken });
    expect({ code, isWritten }).toEqual({ code: 78, isWritten: false });
    expect(err).toMatch(says);
  });

  it('a certificate of another key, of another name, of another authority', async () => {
    const other = await certs().client('hz-9999');
    stick.put('other.key', other.key);
    stick.put('other-name.pem', other.cert);
    const key = await tried({ broker: { ...tls(), key: 'other.key' } });
    expect(key).toMatchObject({
      code: 65,
      err: expect.stringContaining('does not belong to the key'),
    });
    const named = { ...tls(), cert: 'other-name.pem', key: 'other.key' };
    const name = await tried({ broker: named });
    expect(name).toMatchObject({ code: 78, err: expect.stringContaining('it names hz-9999') });
    const window = { fromDays: -1, toDays: 2 };
    const foreign = await issue(room.dir, { name: terminal, kind: 'client', window });
    stick.put('foreign.pem', foreign.cert);
    stick.put('foreign.key', foreign.key);
    const authority = await tried({
      broker: { ...tls(), cert: 'foreign.pem', key: 'foreign.key' },
    });
    expect(authority.code).toBe(69);
    expect(authority.err).toContain('whom no authority in ca has signed');
    expect(authority.err).toContain('No connection to the broker');
  });

  it('an ACL that forbids what the terminal says', async () => {
    const mute = await Mosquitto.start({ acl: 'topic read #\n' });
    try {
      const { code, err } = await tried({ broker: { url: mute.url } });
      expect(code).toBe(69);
      expect(err).toContain('may not publish to gate/v1/hz-0012/health');
    } finally {
      await mute.remove();
    }
  });

  it('no dome; one whose password is another: one try and no second', async () => {
    const login = { username: 'admin', passwordFile: 'dome.wrong' };
    const nobody = { ...login, url: 'http://127.0.0.1:9' };
    const none = await tried({ dome: nobody, provision: { probe: { assume: 'yes' } } });
    expect(none).toMatchObject({ code: 69, err: expect.stringContaining('cannot be reached') });
    room.dome.log.splice(0);
    const wrong = { ...login, url: `http://127.0.0.1:${room.dome.port}` };
    const refused = await tried({ dome: wrong, provision: { probe: { assume: 'yes' } } });
    expect(refused).toMatchObject({ code: 77, isWritten: false });
    expect(refused.err).toContain('tried once');
    const shown = room.dome.log.filter(({ auth, status }) => auth !== 'none' && status === 401);
    expect(shown.length).toBeLessThanOrEqual(1);
  });
});

describe('a key that is made here', { timeout: 60_000 }, () => {
  it('a request is written; with the certificate the same answers arm it', async () => {
    const { cert: _, key: __, ...open } = tls();
    const csr = join(room.dir, 'terminal.csr');
    const world = worldAt(join(room.dir, 'asked'));
    const run = (more: Fields) => {
      stick.answers(site({ ...more, provision: { request: csr, tryBroker: true } }));
      return runAnswers(world, stick.file);
    };
    expect(await run({ broker: open })).toMatchObject({ code: 75 });
    expect(readText(csr)).toContain('BEGIN CERTIFICATE REQUEST');
    stick.put('signed.pem', await room.signed(csr));
    const done = await run({ broker: { ...open, cert: 'signed.pem' } });
    expect(done.err).toContain('The platform was reached (MQTT 5)');
    expect(done.code).toBe(0);
    expect(readdirSync(join(room.dir, 'asked', 'etc')).sort()).toEqual([
      'gate-agent.yaml',
      'site-1',
    ]);
  });

  it('an enrolment server is asked as EST does, once', async () => {
    const asked: string[] = [];
    const { server: own } = certs();
    const [cert, key] = [readText(own.certFile), readText(own.keyFile)];
    const server = createServer({ cert, key }, (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', async () => {
        asked.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
        const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${body}-----END CERTIFICATE REQUEST-----\n`;
        stick.put('asked.csr', csr);
        const p7 = await room.pkcs7(await room.signed(join(stick.dir, 'asked.csr')));
        response.writeHead(200, {
          'content-type': 'application/pkcs7-mime; smime-type=certs-only',
        });
        response.end(p7);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const url = `https://127.0.0.1:${port}/.well-known/est/simpleenroll`;
      const { cert: _, key: __, ...open } = tls();
      stick.answers(site({ broker: open, provision: { enrol: { url } } }));
      const ran = await runAnswers(worldAt(join(room.dir, 'enrolled')), stick.file);
      expect(ran).toMatchObject({ code: 0 });
      expect(asked).toEqual(['POST /.well-known/est/simpleenroll application/pkcs10']);
    } finally {
      server.close();
    }
  });
});

describe('all of it', { timeout: 120_000 }, () => {
  it('arms the unarmed daemon; not while an incident is open; not what does not arm', async () => {
    const home = join(room.dir, 'home');
    const { file } = worldAt(home);
    const daemon = new Kept(home, file);
    const provision = () =>
      runToEnd(
        launcher,
        [
          ...['provision', '--answers', stick.file, '--config', file],
          ...['--socket', daemon.socket, '--restart', daemon.restart],
        ],
        { env: daemon.env, withinMs: 60_000 },
      );
    try {
      await daemon.said('unarmed');
      stick.answers(
        site({
          dome: {
            ...{ url: `http://127.0.0.1:${room.dome.port}`, clock: 'follow' },
            ...{ username: 'admin', passwordFile: 'dome.password' },
          },
          data: { capMb: 16 },
          provision: { probe: { assume: 'yes' }, pinFile: 'pin' },
        }),
      );
      const first = await provision();
      expect(first.err).toContain('strobe');
      expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`${terminal}: armed`) });
      expect(first.out).toContain('the platform is connected');
      expect(readText(join(home, 'etc', 'site-1', 'dome.yaml'))).toContain('strobe');
      expect(`${first.out}${first.err}`).not.toMatch(/402817|secret\b(?!\])/);
      const before = readText(file);

      await room.box.tap(1);
      const status = async () => {
        const { out } = await runToEnd(launcher, ['status', '--json', '--socket', daemon.socket]);
        return statusReport.parse(JSON.parse(out));
      };
      await until(async () => (await status()).incidents.length > 0, {
        ...{ withinMs: 10_000, what: 'the incident' },
      });
      expect(await provision()).toMatchObject({
        code: 75,
        err: expect.stringContaining('incident is open'),
      });
      expect(readText(file)).toBe(before);
    } finally {
      await daemon.end();
    }
  });

  it('a daemon that does not take it: what was there before is back, and why', async () => {
    const home = join(room.dir, 'other');
    const world = worldAt(home);
    const { ask } = world.daemon;
    stick.answers(site());
    expect(await runAnswers(world, stick.file)).toMatchObject({ code: 0 });
    const before = readText(world.file);
    let restarts = 0;
    const clock = {
      ...world.clock,
      // A minute passes in a moment.
      now: () => ({ ...world.clock.now(), monoMs: world.clock.now().monoMs * 1000 }),
    };
    const restart = async () => {
      restarts += 1;
    };
    stick.answers(site({ debounceMs: 20 }));
    const failed = await runAnswers({ ...world, daemon: { ask, restart, clock } }, stick.file);
    expect(failed).toMatchObject({ code: 69, err: expect.stringContaining('of before is back') });
    expect({ restarts, text: readText(world.file) }).toEqual({ restarts: 2, text: before });
  });
});
