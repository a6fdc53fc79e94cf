// The agent's side of an update: a release fetched from a real HTTPS server and laid before the updater, what
// is none refused in one sentence, and answers on control.sock that the updater's shell reads.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FactOf } from '#agent/core/fact.ts';
import { compareVersions } from '#agent/core/version.ts';
import { systemClock } from '#agent/system/clock.ts';
import { updateCommand } from '#agent/update/command.ts';
import { updateVerbs } from '#agent/update/control.ts';
import { NoRelease } from '#agent/update/release-file.ts';
import { Updater, type UpdaterOptions } from '#agent/update/updater.ts';
import { Story } from '#test/core/story.ts';
import { makeCerts } from '#test/support/certs.ts';
import { until } from '#test/support/wait.ts';
import { arch, keyPair, Rig } from './rig.ts';

const clock = systemClock();
const patient = { withinMs: 15_000 };
/** Some hundred small processes each, on a machine that may be busy. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let rig: Rig;
let dir: string;
let server: Server;
let ca: string;
let file: Buffer;
/** Ranges that were asked for; what the server does beside sending the file. */
let ranges: (string | undefined)[] = [];
let trouble: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
const updaters: Updater[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-updates-'));
  rig = await new Rig().open();
  file = readFileSync(rig.release('2.0.0'));
  const certs = await makeCerts(dir);
  ca = certs.ca;
  const [cert, key] = [certs.server.certFile, certs.server.keyFile].map((one) => readFileSync(one));
  server = createServer({ cert, key }, (request, response) => {
    ranges.push(request.headers.range);
    if (trouble(request, response)) return;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {}).end(file.subarray(from));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  for (const one of updaters.splice(0)) await one.close();
  ranges = [];
  trouble = () => false;
  rmSync(join(dir, 'update'), { recursive: true, force: true });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rig.close();
  rmSync(dir, { recursive: true, force: true });
});

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const address = () => {
  const at = server.address();
  return `https://localhost:${typeof at === 'object' ? at?.port : ''}/release?secret`;
};

class Desk {
  readonly facts: FactOf<'update.fetched' | 'update.ended'>[] = [];
  readonly updater: Updater;
  constructor(more: Partial<UpdaterOptions> = {}) {
    this.updater = new Updater({
      ...{ clock, version: '1.0.0', arch, ca, ownNetwork: 'allow', spool: join(dir, 'update') },
      keys: join(rig.root, 'etc/gate-agent/release.pub'),
      result: join(rig.root, 'opt/gate-agent/update/result'),
      pauseMs: { first: 20, most: 50, rest: 1 },
      ...more,
    });
    updaters.push(this.updater);
    void this.updater.open({
      emit: (fact) => {
        if (fact.kind === 'update.fetched' || fact.kind === 'update.ended') this.facts.push(fact);
      },
    });
  }

  wants(change: object = {}, isPaused = false): this {
    const fetch = {
      id: 'u',
      version: '2.0.0',
      bytes: file.length,
      sha256: hash(file),
      url: address(),
    };
    this.updater.want({ fetch: { ...fetch, ...change }, isPaused });
    return this;
  }

  fetched() {
    const one = () => this.facts.find(({ kind }) => kind === 'update.fetched');
    return until(one, { ...patient, what: 'the end of a download' });
  }
}
const ready = () => join(dir, 'update/ready');

describe('a release', () => {
  it('is fetched, goes on after a broken line and in another life, and lies there whole', async () => {
    let most = 20_000;
    const sendsHalf = (_: IncomingMessage, response: ServerResponse) => {
      if (ranges.length > 2) return false;
      const from = Number(/\d+/.exec(ranges.at(-1) ?? '')?.[0] ?? 0);
      const range = { 'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}` };
      response.writeHead(from > 0 ? 206 : 200, { ...range, 'Content-Length': file.length - from });
      response.write(file.subarray(from, from + most), () => response.destroy());
      most += 1;
      return true;
    };
    file = Buffer.concat([file, Buffer.alloc(60_000)]);
    trouble = sendsHalf;
    const first = new Desk().wants();
    await until(() => ranges.length === 3, { ...patient, what: 'three requests' });
    await first.updater.close();
    expect(ranges[0]).toBeUndefined();
    expect(Number(/\d+/.exec(ranges[1] ?? '')?.[0])).toBeGreaterThan(0);
    expect(existsSync(ready())).toBe(false);
    mkdirSync(join(dir, 'update'), { recursive: true });
    writeFileSync(join(dir, 'update', 'other.part'), 'of another offer');
    expect(await new Desk().wants().fetched()).toMatchObject({ id: 'u', detail: null });
    expect(readdirSync(join(dir, 'update'))).toEqual(['ready']);
    expect(hash(readFileSync(ready()))).toBe(hash(file));
  });

  it('is not asked for while an alarm may need the line', async () => {
    const desk = new Desk().wants({}, true);
    await new Promise<void>((done) => clock.after(200, done));
    expect(ranges).toEqual([]);
    expect(desk.updater.fetching).toMatchObject({ version: '2.0.0', has: 0 });
    expect(await desk.wants().fetched()).toMatchObject({ detail: null });
    expect(desk.updater.fetching).toBeNull();
  });

  it('whose beginning has become something else here is fetched anew', async () => {
    mkdirSync(join(dir, 'update'), { recursive: true });
    writeFileSync(join(dir, 'update', `${hash(file)}.part`), Buffer.alloc(10_000));
    expect(await new Desk().wants().fetched()).toMatchObject({ detail: null });
    expect(ranges).toEqual(['bytes=10000-', undefined]);
  });

  it.each<[string, RegExp, () => Desk]>([
    ['other bytes', /SHA-256/, () => new Desk().wants({ sha256: '0'.repeat(64) })],
    ['more bytes', /more than 100 bytes/, () => new Desk().wants({ bytes: 100 })],
    [
      'another version',
      /version 2\.0\.0 and not 2\.0\.1/,
      () => new Desk().wants({ version: '2.0.1' }),
    ],
    ['another machine', /another machine/, () => new Desk({ arch: 'riscv64' }).wants()],
    ['not newer', /not newer than 2\.0\.0/, () => new Desk({ version: '2.0.0' }).wants()],
    ['too old here', /goes on from 0\.9\.0/, () => new Desk({ version: '0.8.0' }).wants()],
    ['no key', /no release key/, () => new Desk({ keys: join(dir, 'none') }).wants()],
    [
      'no file',
      /HTTP 404/,
      () => {
        trouble = (_, response) => response.writeHead(404).end() !== null;
        return new Desk().wants();
      },
    ],
    ['in the own network', /own network/, () => new Desk({ ownNetwork: 'refuse' }).wants()],
    [
      'sent on to a bare line',
      /not https/,
      () => {
        const there = { Location: 'http://localhost/' };
        trouble = (_, response) => response.writeHead(302, there).end() !== null;
        return new Desk().wants();
      },
    ],
    ['no room', /no room for it/, () => new Desk().wants({ bytes: 2 ** 50 })],
  ])('%s: refused', async (_, why, asked) => {
    const { detail } = (await asked().fetched()) as FactOf<'update.fetched'>;
    expect(detail).toMatch(why);
    expect(detail).not.toContain('secret');
    expect(existsSync(ready())).toBe(false);
  });

  it('of another key is refused', async () => {
    const other = join(dir, 'other.pub');
    writeFileSync(other, keyPair().publicKey);
    const said = await new Desk({ keys: other }).wants().fetched();
    expect(said).toMatchObject({ detail: expect.stringMatching(/not signed/) });
  });
});

describe('by hand', () => {
  const command = (more: object = {}) => ({
    ...{ file: join(rig.root, '2.0.0.update'), version: '1.0.0', arch, clock, waitMs: 30_000 },
    ...{ spool: join(rig.root, 'var/lib/gate-agent/update'), out: () => undefined },
    keys: join(rig.root, 'etc/gate-agent/release.pub'),
    result: join(rig.root, 'opt/gate-agent/update/result'),
    ...more,
  });

  it('goes to the updater, whose result is said, kept, and read at the start', async () => {
    const ends = updateCommand(command());
    await until(() => existsSync(rig.spool), { ...patient, what: 'the file in the spool' });
    await expect(updateCommand(command())).rejects.toThrow(NoRelease);
    await rig.run();
    expect(await ends).toBe(true);
    expect(rig.current).toBe('2.0.0');
    const desk = new Desk();
    expect(desk.facts).toMatchObject([{ kind: 'update.ended', verdict: 'applied', from: '1.0.0' }]);
    expect(desk.updater.last).toMatchObject({ version: '2.0.0' });
    rig.release('1.5.0');
    const lower = { file: join(rig.root, '1.5.0.update') };
    await expect(updateCommand(command({ ...lower, version: '2.0.0' }))).rejects.toThrow(
      /not newer/,
    );
    expect(await updateCommand(command({ ...lower, waitMs: 0 }))).toBeNull();
    await rig.run();
    expect(rig.result.detail).toMatch(/1\.5\.0 is not newer than 2\.0\.0/);
  });
});

describe("root's shell", () => {
  const words = (desk: Parameters<typeof updateVerbs>[1]) => {
    const verbs = updateVerbs({ version: '1.0.0', clock }, desk);
    return { leave: verbs['update.leave'](), health: verbs['update.health']() };
  };

  it('is answered in words: what works, what does not, and whether it may', () => {
    const story = new Story();
    let armed = false;
    const desk = { terminal: story, updates: { look: () => undefined }, isArmed: () => armed };
    const head = ['version:1.0.0', `life:${process.pid}`];
    expect(words(desk)).toEqual({ leave: ['it is just starting'], health: head });
    expect(words(null)).toEqual({ leave: ['yes'], health: head });
    armed = true;
    story.happens({ kind: 'fault.raised', fault: 'box.值班 "1".silent', detail: 'x' });
    expect(words(desk).leave).toEqual(['yes']);
    const { health } = words(desk);
    expect(health).toEqual(
      expect.arrayContaining([...head, 'ok:armed', 'ok:store', 'ok:button:desk']),
    );
    expect(health).toContain('fault:box.____1_.silent');
    story.press('desk').happens({ kind: 'storage.failed', reason: 'full', unstored: [] });
    expect(words(desk).leave).toEqual(['a case is open']);
    expect(words(desk).health).not.toContain('ok:store');
  });
});

it('versions stand in the order that dpkg has, which is the one that counts', () => {
  const some = [
    '0.9.0',
    '0.10.0~rc1',
    '0.10.0',
    '0.10.0+fix1',
    '1.0~',
    '1.0',
    '1.0a',
    '1.0.1',
    '9.9z',
    '10',
  ];
  for (const [n, a] of some.slice(0, -1).entries()) {
    const b = some[n + 1] ?? '';
    const says = compareVersions(a, b) > 0 ? 'gt' : 'lt';
    execFileSync('dpkg', ['--compare-versions', a, says, b]);
  }
});
