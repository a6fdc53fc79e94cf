// control.sock against clients that are clumsy, greedy or dead. Real sockets throughout.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askControl, ControlFailed, controlLimits } from '#agent/control.ts';
import { Refusal } from '#agent/refusal.ts';
import { systemClock } from '#agent/system/clock.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { until, within } from '#test/support/wait.ts';
import { makeDirectory, openServer, RawClient } from './support.ts';

const clock = systemClock();
const ask = (path: string, verb = 'status', timeoutMs = 5000) =>
  askControl({ path, verb, timeoutMs, clock });
const verbs = { status: () => ({ ready: true }) };
const asking = '{"id":"7","verb":"status"}\n';

describe('a question', () => {
  it('is answered with what the verb gives back, for its arguments', async () => {
    const { path } = await openServer({
      echo: async ({ word }) => ({ word }),
      nothing: () => undefined,
    });
    const asked = { path, timeoutMs: 5000, clock };
    expect(await askControl({ ...asked, verb: 'echo', args: { word: '你好' } })).toEqual({
      word: '你好',
    });
    expect(await askControl({ ...asked, verb: 'nothing' })).toBe(null);
  });

  it('of an unknown verb is refused, also where every object has that name', async () => {
    const { path } = await openServer(verbs);
    for (const verb of ['stauts', 'toString', '__proto__', 'constructor'])
      await expect(ask(path, verb)).rejects.toMatchObject({ reason: 'unknown-verb' });
  });

  it('that is refused names its fields; a verb that fails is told and ends nothing', async () => {
    const { path, errors } = await openServer({
      ...verbs,
      no: () => {
        throw new Refusal([{ field: 'part', value: 'x', hint: 'strobe or siren' }]);
      },
      crash: async () => Promise.reject(new Error('bang')),
      loop: () => {
        const ring: { self?: unknown } = {};
        ring.self = ring;
        return ring;
      },
    });
    await expect(ask(path, 'no')).rejects.toMatchObject({ reason: 'refused' });
    await expect(ask(path, 'crash')).rejects.toMatchObject({ reason: 'failed', message: 'bang' });
    await expect(ask(path, 'loop')).rejects.toMatchObject({ reason: 'failed' });
    expect(errors.map((error) => error.message)).toEqual([
      'bang',
      expect.stringContaining('circular'),
    ]);
    expect(await ask(path)).toEqual({ ready: true });
    const client = new RawClient(path);
    client.send('{"id":"1","verb":"no"}\n');
    expect(await client.answer()).toMatchObject({
      error: { fields: [{ field: 'part', value: 'x', hint: 'strobe or siren' }] },
    });
  });

  it('asked of nobody, in vain or too long fails with its reason', async () => {
    const directory = makeDirectory();
    await expect(ask(join(directory, 'none'))).rejects.toMatchObject({ reason: 'not-running' });
    const { path } = await openServer({ status: () => new Promise(() => undefined) });
    await expect(ask(path, 'status', 100)).rejects.toMatchObject({ reason: 'no-answer' });
    const babble = createServer((socket) => socket.end('hello\n'));
    onTestFinished(() => void babble.close());
    await new Promise<void>((done) => void babble.listen(join(directory, 'babble'), done));
    await expect(ask(join(directory, 'babble'))).rejects.toBeInstanceOf(ControlFailed);
  });
});

describe('bytes', () => {
  it('in half lines, many lines at once, and lines of nothing', async () => {
    const { path } = await openServer(verbs);
    const client = await new RawClient(path).connected();
    for (const byte of asking.slice(0, 12)) client.send(byte);
    client.send(`${asking.slice(12)}\n\n{"id":"8","verb":"status"}\n{"id":"9","ve`);
    expect(await client.answer()).toMatchObject({ id: '7', ok: true });
    expect(await client.answer()).toMatchObject({ id: '8', ok: true });
    client.send('rb":"status"}\n');
    client.socket.end();
    expect(await client.answer()).toMatchObject({ id: '9', ok: true });
    await client.closed();
  });

  it.each([
    ['no JSON', 'hello\n'],
    ['no object', '[1]\n'],
    ['no id', '{"verb":"status"}\n'],
    ['an id that is none', '{"id":{},"verb":"status"}\n'],
    ['a key too many', '{"id":"1","verb":"status","role":"platform"}\n'],
    ['arguments that are none', '{"id":"1","verb":"status","args":[1]}\n'],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
    ['zeros', Buffer.from([0, 0, 0, 0x0a])],
  ])('%s: refused, and the next line is answered', async (_, bytes) => {
    const { path, errors } = await openServer(verbs);
    const client = await new RawClient(path).connected();
    client.send(bytes);
    expect(await client.answer()).toMatchObject({
      id: null,
      ok: false,
      error: { reason: 'malformed' },
    });
    client.send(asking);
    expect(await client.answer()).toMatchObject({ id: '7', ok: true });
    expect(errors).toEqual([]);
  });

  it('a line of 1 MB, with or without an end, ends that client alone', async () => {
    const { path } = await openServer(verbs);
    for (const end of ['', '\n']) {
      const client = await new RawClient(path).connected();
      client.send('x'.repeat(1024 * 1024) + end);
      await client.closed();
    }
    expect(await ask(path)).toEqual({ ready: true });
  });

  it('a line just within 64 kB is read', async () => {
    const { path } = await openServer({ length: ({ text }) => String(text).length });
    const text = 'x'.repeat(controlLimits.lineBytesMax - 100);
    const answer = askControl({ path, verb: 'length', args: { text }, timeoutMs: 5000, clock });
    expect(await answer).toBe(text.length);
  });
});

describe('clients', () => {
  it('sixteen at most; one that leaves makes room', async () => {
    const { path } = await openServer(verbs);
    const crowd = Array.from({ length: controlLimits.clientsMax }, () => new RawClient(path));
    for (const client of crowd) {
      client.send(asking);
      await client.answer();
    }
    await expect(ask(path)).rejects.toMatchObject({ reason: 'busy' });
    crowd[0]?.socket.destroy();
    const isRoom = () =>
      ask(path).catch((error: unknown) => error instanceof ControlFailed && null);
    expect(await until(isRoom, { withinMs: 5000, what: 'room' })).toEqual({ ready: true });
  });

  it('that ask and never read are dropped, the others are served', async () => {
    const { path } = await openServer({ ...verbs, long: () => 'x'.repeat(60_000) });
    const client = await new RawClient(path).connected();
    client.socket.pause();
    client.send('{"id":"1","verb":"long"}\n'.repeat(200));
    expect(await ask(path)).toEqual({ ready: true });
    client.socket.resume();
    await client.closed();
  });

  it('that say nothing for a minute are dropped, but not while a verb works for them', async () => {
    const virtual = new VirtualClock();
    const working = Promise.withResolvers<string>();
    const { path } = await openServer({ work: () => working.promise }, { clock: virtual });
    const mute = await new RawClient(path).connected();
    const waiting = await new RawClient(path).connected();
    waiting.send('{"id":"1","verb":"work"}\n');
    // The mute one has a timer, the waiting one has none.
    await until(() => virtual.timers === 1, { withinMs: 5000, what: 'both to be welcomed' });
    virtual.advance(controlLimits.idleMs);
    await mute.closed();
    working.resolve('done');
    expect(await waiting.answer()).toMatchObject({ result: 'done' });
  });

  it('leave when the server closes', async () => {
    const { path, server } = await openServer(verbs);
    const client = await new RawClient(path).connected();
    client.send(asking);
    await client.answer();
    await within(server.close(), { withinMs: 5000, what: 'close' });
    await client.closed();
    expect(existsSync(path)).toBe(false);
  });
});

describe('the socket', () => {
  it('is open to owner and group alone, whatever the umask', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const path = join(makeDirectory(), 'run', 'control.sock');
    await openServer(verbs, { path });
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
    expect(statSync(join(path, '..')).mode & 0o002).toBe(0);
  });

  it('left behind by a daemon that was killed is taken over', async () => {
    const path = join(makeDirectory(), 'control.sock');
    const listen = 'createServer().listen(process.argv[1], () => console.log(1))';
    const program = `require('net').${listen}`;
    const child = spawn(process.execPath, ['-e', program, path]);
    await within(once(child.stdout, 'data'), { withinMs: 10_000, what: 'the child' });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await within(gone, { withinMs: 5000, what: 'its end' });
    expect(lstatSync(path).isSocket()).toBe(true);
    await openServer(verbs, { path });
    expect(await ask(path)).toEqual({ ready: true });
  });

  it('on which another daemon answers is left alone', async () => {
    const { path } = await openServer(verbs);
    await expect(openServer({ status: () => 'second' }, { path })).rejects.toThrow(
      /another gate-agent/,
    );
    expect(await ask(path)).toEqual({ ready: true });
  });

  it('is not put where a file is, nor where everybody may write', async () => {
    const directory = makeDirectory();
    writeFileSync(join(directory, 'file'), 'precious');
    const inPlace = openServer(verbs, { path: join(directory, 'file') });
    await expect(inPlace).rejects.toThrow(/no socket/);
    expect(statSync(join(directory, 'file')).size).toBe(8);
    mkdirSync(join(directory, 'open'));
    chmodSync(join(directory, 'open'), 0o777);
    const inOpen = openServer(verbs, { path: join(directory, 'open', 'control.sock') });
    await expect(inOpen).rejects.toThrow(/every user/);
  });

  it('of a newer daemon outlives the close of the older', async () => {
    const { path, server } = await openServer(verbs);
    const { path: other } = await openServer({ status: () => 'new' });
    renameSync(other, path);
    await server.close();
    expect(await ask(path)).toBe('new');
  });
});
