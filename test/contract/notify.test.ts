// The fake and the real notify keep the same contract; the real one against a socket as systemd's.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import { systemClock } from '#agent/system/clock.ts';
import { SystemdNotify } from '#agent/system/notify.ts';
import { FakeNotify } from '#test/fakes/notify.ts';
import { NotifyReceiver } from '#test/support/notify-receiver.ts';
import { until } from '#test/support/wait.ts';
import { notifySuite } from './notify.suite.ts';

const clock = systemClock();
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A socket, and one who tells it; `abstract`: without a file. */
async function room({ abstract = false } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'gate-notify-'));
  cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  const receiver = await NotifyReceiver.open(abstract ? `@${dir}` : join(dir, 'notify'));
  cleanUps.push(() => receiver.close());
  const facts: Fact[] = [];
  const sink = { emit: (fact: Fact) => void facts.push(fact) };
  const { socket } = receiver;
  const notify = new SystemdNotify({ socket, watchdogMs: 30_000, clock, sink });
  cleanUps.push(() => notify.close());
  const told = () => receiver.told.map(({ text }) => text).filter((text) => text !== 'bound');
  return { receiver, notify, facts, told, dir };
}

notifySuite('fake', async () => {
  const notify = new FakeNotify();
  return { notify, told: () => Promise.resolve(notify.told), close: () => notify.close() };
});

notifySuite('systemd', async () => {
  const { notify, told } = await room();
  return {
    notify,
    told: (count) =>
      until(() => told().length >= count && told(), { withinMs: 5_000, what: `${count} lines` }),
    close: () => notify.close(),
  };
});

describe('systemd notify', () => {
  test('an abstract socket, as some containers have', async () => {
    const { notify, receiver } = await room({ abstract: true });
    notify.open();
    notify.ready();
    await receiver.until('READY=1');
  });

  test('a status is one line, whatever it is made of', async () => {
    const { notify, receiver } = await room();
    notify.open();
    notify.status('armed\nWATCHDOG=1\nREADY=1');
    await receiver.until('STATUS=armed WATCHDOG=1 READY=1');
    expect(receiver.has('READY=1')).toBe(false);
  });

  test('without a socket it starts nothing and tells nothing', async () => {
    const notify = new SystemdNotify({ socket: null, watchdogMs: 30_000, clock, sink: null });
    notify.open();
    notify.ready();
    notify.feed();
    expect(notify.watchdogMs).toBe(null);
    await notify.close();
  });

  test('a helper that dies is replaced, told as a fault, and what stands is told again', async () => {
    const { notify, receiver, facts, told } = await room();
    notify.open();
    notify.ready();
    notify.status('armed');
    await receiver.until('STATUS=armed');
    process.kill(await helperOf(receiver.socket), 'SIGKILL');
    await until(() => told().filter((text) => text === 'STATUS=armed').length === 2, {
      withinMs: 5_000,
      what: 'the replacement',
    });
    expect(told()).toEqual(['READY=1', 'STATUS=armed', 'READY=1', 'STATUS=armed']);
    expect(facts).toEqual([
      expect.objectContaining({ kind: 'fault.raised', fault: 'notify.failed' }),
    ]);
  });

  test('a socket that is gone is a fault with its reason', async () => {
    const { notify, receiver, facts } = await room();
    await rm(receiver.socket);
    notify.open();
    notify.feed();
    await until(() => facts[0], { withinMs: 5_000, what: 'the fault' });
    expect(facts[0]).toMatchObject({ detail: expect.stringContaining('No such file') });
  });
});

/** The one child of ours that has this socket in its environment and is not the receiver. */
async function helperOf(socket: string): Promise<number> {
  const own = `/proc/${process.pid}/task/${process.pid}/children`;
  const pids = (await readFile(own, 'utf8')).trim().split(' ').map(Number);
  for (const pid of pids) {
    const env = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (env.split('\0').includes(`NOTIFY_SOCKET=${socket}`)) return pid;
  }
  throw new Error('no helper');
}
