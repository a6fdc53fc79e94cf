// The add-on itself, built and loaded: on a FIFO, for the loop does not care what a descriptor leads to.

import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { requests } from '#agent/gpio/abi.ts';
import { loadNative } from '#agent/gpio/native.ts';
import { until } from '#test/support/wait.ts';

const native = loadNative();
const withinMs = 10_000;

function fifo(): number {
  const dir = mkdtempSync(join(tmpdir(), 'gate-fifo-'));
  execFileSync('mkfifo', [join(dir, 'f')]);
  const fd = openSync(join(dir, 'f'), 'r+');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
  return fd;
}

test('calls back once when there is something to read, and again only when armed', async () => {
  const fd = fifo();
  const read: number[] = [];
  let microtasks = 0;
  const watch = native.watch(fd, (failed) => {
    expect(failed).toBe(false);
    read.push(readSync(fd, Buffer.alloc(1)));
    void Promise.resolve().then(() => microtasks++);
  });
  onTestFinished(() => native.unwatch(watch));
  writeSync(fd, 'abc');
  await until(() => read.length === 1 && microtasks === 1, { withinMs, what: 'the first' });
  native.arm(watch);
  await until(() => read.length === 2, { withinMs, what: 'the second' });
  // The third byte lies there all the while: rounds of the loop go by, and nobody is called.
  for (let round = 0; round < 20; round++) await new Promise<void>((done) => setImmediate(done));
  expect(read.length).toBe(2);
});

test('a watched descriptor does not block', () => {
  const fd = fifo();
  const watch = native.watch(fd, () => undefined);
  expect(() => readSync(fd, Buffer.alloc(1))).toThrow('EAGAIN');
  native.unwatch(watch);
});

test('an ioctl that is refused throws as fs does', () => {
  const fd = fifo();
  expect(() => native.ioctl(fd, requests.chipInfo, Buffer.alloc(68))).toThrow(
    expect.objectContaining({ code: 'ENOTTY' }),
  );
});

test('a buffer shorter than the request says is refused before the kernel writes past it', () => {
  expect(() => native.ioctl(0, requests.openLine, Buffer.alloc(591))).toThrow(TypeError);
});

/** Bytes that wait to be read; a request whose number says no size, as TIOCMGET's. */
const fionread = 0x541b;

test('an ioctl in a thread: the answer, or the code of its error', async () => {
  const fd = fifo();
  writeSync(fd, 'abc');
  const codes: (string | null)[] = [];
  const bytes = Buffer.alloc(4);
  native.ioctlLater(fd, fionread, bytes, (code) => void codes.push(code));
  expect(codes).toEqual([]);
  await until(() => codes.length === 1, { withinMs, what: 'the answer' });
  expect([codes[0], bytes.readUInt32LE(0)]).toEqual([null, 3]);
  native.ioctlLater(fd, requests.chipInfo, Buffer.alloc(68), (code) => void codes.push(code));
  await until(() => codes.length === 2, { withinMs, what: 'the refusal' });
  expect(codes[1]).toBe('ENOTTY');
  const ask = (size: number) =>
    native.ioctlLater(fd, fionread, Buffer.alloc(size), () => undefined);
  expect(() => ask(3)).toThrow(TypeError);
});

test.each([
  ['watch', 'watch(fifo, fail)'],
  ['ioctlLater', 'ioctlLater(fifo, 0x541b, Buffer.alloc(4), fail)'],
])('an error in the callback of %s ends the process and is not swallowed', (_, call) => {
  const script = `
    const { watch, ioctlLater } = require('./.build/gpio.node');
    const dir = require('node:fs').mkdtempSync('/tmp/gate-fifo-');
    require('node:child_process').execFileSync('mkfifo', [dir + '/f']);
    const fifo = require('node:fs').openSync(dir + '/f', 'r+');
    require('node:fs').rmSync(dir, { recursive: true });
    const fail = () => { throw new Error('out of the callback'); };
    ${call};
    require('node:fs').writeSync(fifo, 'x');`;
  const child = spawnSync(process.execPath, ['-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    timeout: withinMs,
  });
  expect(child.status).toBe(1);
  expect(child.stderr).toContain('out of the callback');
});
