// Certificates of all sorts against a real mosquitto: each wrong one is told in one sentence, and a clock
// that is behind neither keeps the terminal off the line nor lets anybody in. A clock in 1970 is acted by
// certificates of the future: they are to the clock of this machine what today's are to one in 1970.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { type Issued, issue, type Kind, type Window } from '#test/support/dated-certs.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { hasty } from './hasty.ts';
import { atEnd, openUplink } from './rig.ts';

/** The 30 s to the fault are three; a judgement may take half a second. */
const faster = 10;
const dayMs = 86_400_000;
const soon = { withinMs: 8_000 };
const now: Window = { fromDays: -10, toDays: 10 };
const past: Window = { fromDays: -10, toDays: -1 };
const future: Window = { fromDays: 300, toDays: 600 };

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-certs-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const make = (name: string, kind: Kind, window: Window, by?: Issued) =>
  issue(dir, { name, kind, window, ...(by ? { by } : {}) });

interface Broker {
  readonly server: Issued;
  /** What the broker trusts; absent: it asks for no certificate. */
  readonly clients?: Issued;
}

async function brokerWith({ server, clients }: Broker): Promise<Mosquitto> {
  const broker = await Mosquitto.start({
    files: {
      ...{ certFile: server.certFile, keyFile: server.keyFile },
      ...{ caFile: (clients ?? server).certFile, clients: clients !== undefined },
    },
  });
  atEnd(() => broker.remove());
  return broker;
}

interface Terminal {
  readonly ca: string;
  readonly own?: Issued;
  /** Days from now that are known to have been. */
  readonly knownDays?: number;
}

const knownAt = (days: number) => {
  const kept: number[] = [];
  return { wallMs: Date.now() + days * dayMs, kept, keep: (ms: number) => void kept.push(ms) };
};

async function terminalAt(url: string, { ca, own, knownDays }: Terminal) {
  const knownTime = knownAt(knownDays ?? -1000);
  const { told } = await openUplink(url, {
    ...{ clock: hasty(systemClock(), faster), knownTime },
    broker: { ca, ...(own ? { cert: own.cert, key: own.key } : {}) },
  });
  return { told, knownTime, why: async () => (await told.fault('uplink.down')).detail };
}

const urlOf = ({ port }: Mosquitto, host = '127.0.0.1') => `mqtts://${host}:${port}`;

type Wrong = () => Promise<Broker & Terminal>;

/** What the terminal says of each, all at once: the fault takes its time. */
async function whysOf(wrong: { readonly [what: string]: Wrong }): Promise<object> {
  const tell = async ([what, make]: [string, Wrong]) => {
    const { server, clients, ...terminal } = await make();
    const broker = await brokerWith({ server, ...(clients ? { clients } : {}) });
    const { told, why } = await terminalAt(urlOf(broker), terminal);
    const reason = await why();
    expect(told.of('uplink.online'), what).toEqual([]);
    return [what, reason];
  };
  return Object.fromEntries(await Promise.all(Object.entries(wrong).map(tell)));
}

const saying = (part: string) => expect.stringContaining(part);

describe('certificates and a clock that is right', () => {
  let ca: Issued;
  let server: Issued;
  let foreign: Issued;
  beforeAll(async () => {
    ca = await make('ca', 'authority', now);
    server = await make('localhost', 'server', now, ca);
    foreign = await make('foreign', 'authority', now);
  });

  it('each that is wrong is named in one sentence', async () => {
    const trusted = { ca: '', clients: ca, server };
    const old = await make('old', 'authority', past);
    const whys = await whysOf({
      'own, expired': async () => ({
        ...{ ...trusted, ca: ca.cert, own: await make('gate-1', 'client', past, ca) },
      }),
      'own, of a foreign authority': async () => ({
        ...{ ...trusted, ca: ca.cert, own: await make('gate-1', 'client', now, foreign) },
      }),
      "the broker's, expired": async () => ({
        ...{ ca: ca.cert, server: await make('localhost', 'server', past, ca) },
      }),
      "the broker's, of a foreign authority": async () => ({
        ...{ ca: ca.cert, server: await make('localhost', 'server', now, foreign) },
      }),
      "the authority's, expired": async () => ({
        ...{ ca: old.cert, server: await make('localhost', 'server', now, old) },
      }),
    });
    expect(whys).toEqual({
      'own, expired': expect.stringMatching(
        /of this terminal has expired on \d{4}-\d\d-\d\d; renew/,
      ),
      'own, of a foreign authority': saying(
        'of this terminal is from a CA the broker does not know',
      ),
      "the broker's, expired": saying('certificate of the broker has expired'),
      "the broker's, of a foreign authority": saying('from an unknown CA; give it in broker.ca'),
      "the authority's, expired": saying('certificate of the authority (ca) has expired on'),
    });
  });

  it('all is well: the day is kept, and no fault told', async () => {
    const own = await make('gate-1', 'client', now, ca);
    const broker = await brokerWith({ server, clients: ca });
    const { told, knownTime } = await terminalAt(urlOf(broker), { ca: ca.cert, own });
    await told.fact('uplink.online');
    expect(Math.abs((knownTime.kept[0] ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(told.of('fault.raised')).toEqual([]);
  });
});

describe('a clock that is behind', () => {
  let ca: Issued;
  let server: Issued;
  beforeAll(async () => {
    ca = await make('ca', 'authority', future);
    server = await make('localhost', 'server', future, ca);
  });
  const knownDays = 450;

  it.each(['127.0.0.1', 'localhost'])('is no hindrance (%s), and a fault', async (host) => {
    const broker = await brokerWith({ server });
    const known = { ca: ca.cert, knownDays };
    const { told, knownTime } = await terminalAt(urlOf(broker, host), known);
    await told.fact('uplink.online');
    expect((await told.fault('clock.behind')).detail).toContain('judged by the later day');
    // A clock that is behind proves nothing.
    expect(knownTime.kept).toEqual([]);
  });

  it('lets nobody in whom OpenSSL would not at that day', async () => {
    const known = { ca: ca.cert, knownDays };
    const today = await make('today', 'authority', { fromDays: -10, toDays: 600 });
    const whys = await whysOf({
      'no later day is known': async () => ({ ca: ca.cert, server }),
      'expired by the later day, though not by the clock': async () => ({
        ...{ ca: today.cert, knownDays, server: await make('localhost', 'server', now, today) },
      }),
      'of a foreign authority of the same name': async () => {
        const other = await make('ca', 'authority', future);
        return { ...known, server: await make('localhost', 'server', future, other) };
      },
      'signs itself': async () => ({ ...known, server: await make('localhost', 'server', future) }),
      'for another name': async () => ({
        ...{ ...known, server: await make('localhost', 'elsewhere', future, ca) },
      }),
      'for clients': async () => ({
        ...{ ...known, server: await make('localhost', 'client', future, ca) },
      }),
      'signed by what is no authority': async () => ({
        ...{ ...known, server: await make('localhost', 'server', future, server) },
      }),
    });
    expect(whys).toEqual({
      'no later day is known': saying('not valid yet; check the clock of this PC'),
      'expired by the later day, though not by the clock': saying('the broker has expired'),
      'of a foreign authority of the same name': saying('from an unknown CA'),
      'signs itself': saying('self-signed'),
      'for another name': saying('for another name'),
      'for clients': saying('purpose'),
      'signed by what is no authority': saying('from an unknown CA'),
    });
  });

  it('says nothing to a server before it is trusted, neither name nor password', async () => {
    const foreign = await make('localhost', 'server', future);
    const sockets: TLSSocket[] = [];
    let heard = 0;
    const listener = createServer({ cert: foreign.cert, key: foreign.key }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        heard += chunk.length;
      });
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    atEnd(async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    const address = listener.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    const { told } = await openUplink(`mqtts://127.0.0.1:${address.port}`, {
      ...{ clock: hasty(systemClock(), faster), knownTime: knownAt(knownDays) },
      broker: { ca: ca.cert, username: 'gate-1', password: 'hunter2' },
    });
    await told.fault('uplink.down');
    await until(() => sockets.length > 1, { ...soon, what: 'a second try' });
    expect(heard).toBe(0);
  });
});
