// The rehearsal room's broker and platform with the real uplink between them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type BrokerOptions, startBroker } from '#agent/sim/broker.ts';
import { Ledger } from '#agent/sim/platform/ledger.ts';
import { Platform, type PlatformOptions } from '#agent/sim/platform.ts';
import { until, within } from '#test/support/wait.ts';
import { atEnd, openUplink, type Rig } from './rig.ts';
import { row, rowsOf, terminal } from './rows.ts';

const soon = { withinMs: 8_000 };
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-platform-'));
  atEnd(() => rm(dir, { recursive: true }));
});

async function room(options: BrokerOptions = {}) {
  const broker = await startBroker(options);
  atEnd(() => broker.stop());
  return broker;
}

async function platformAt(broker: string, options: Partial<PlatformOptions> = {}) {
  const platform = new Platform({ broker, file: join(dir, 'ledger'), ...options });
  atEnd(() => platform.close());
  await within(platform.open(), { ...soon, what: 'the platform' });
  return platform;
}

/** Settles what is received and answers every command, as the terminal would. */
function settling({ told, uplink, outbox }: Rig): void {
  const emit = told.emit.bind(told);
  told.emit = (fact, stepped) => {
    emit(fact, stepped);
    if (fact.kind === 'uplink.received') {
      outbox.settle(fact.ids);
      uplink.settled(fact.ids);
    }
    if (fact.kind === 'command.received') {
      const answer = { id: fact.id, verb: fact.args.verb, ok: true, result: { role: fact.role } };
      uplink.reply({ topic: fact.replyTo, correlation: fact.correlation, answer });
    }
  };
}

describe('platform', () => {
  it('stores each message once, then sends receipts for many at a time', async () => {
    const broker = await room();
    const platform = await platformAt(broker.url);
    const rig = await openUplink(broker.url);
    settling(rig);
    await rig.told.fact('uplink.online');
    const rows = [...rowsOf('alarm', 1, 20), ...rowsOf('event', 21, 300)];
    rig.uplink.offer(rows, true);
    await until(() => rig.told.ids('uplink.received').length >= 320, {
      ...soon,
      what: '320 receipts',
    });
    expect(new Set(rig.told.ids('uplink.received'))).toEqual(new Set(rows.map(({ id }) => id)));
    expect(rig.told.of('uplink.received').length).toBeLessThan(40);
    const lines = (await readFile(join(dir, 'ledger'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(
      platform.log.flatMap(({ message, what }) =>
        what === 'alarm' || what === 'event' ? [(message as { id: string }).id] : [],
      ),
    );
    expect(platform.violations).toEqual([]);
    expect(platform.alarms.size).toBe(20);
    expect(platform.states.get(terminal)).toMatchObject({ online: true });
  });

  it('holds receipts back and sends them later; a repeat is known by its id', async () => {
    const broker = await room();
    const platform = await platformAt(broker.url);
    platform.holdReceipts = true;
    const rig = await openUplink(broker.url, { receiptWithinMs: 150 });
    settling(rig);
    await rig.told.fact('uplink.online');
    rig.uplink.offer([row('alarm', 1)], true);
    await until(() => platform.log.some(({ again }) => again), { ...soon, what: 'a repeat' });
    expect(rig.told.ids('uplink.received')).toEqual([]);
    platform.releaseReceipts();
    await rig.told.fact('uplink.received');
    expect(platform.stored).toBe(1);
    expect(platform.violations).toEqual([]);
  });

  // A survivor of the sabotage: on a fast disk the file says nothing about what came first.
  it('sends no receipt before its own commit has come back', async () => {
    const commit = Promise.withResolvers<void>();
    const flush = vi.spyOn(Ledger.prototype, 'flush').mockReturnValueOnce(commit.promise);
    const broker = await room();
    const platform = await platformAt(broker.url);
    const rig = await openUplink(broker.url);
    settling(rig);
    await until(() => platform.states.get(terminal), { ...soon, what: 'birth' });
    rig.uplink.offer([row('alarm', 1)], true);
    try {
      await until(() => flush.mock.calls.length > 0, { ...soon, what: 'the commit' });
      // On the same connection, so behind a receipt that had been sent too early.
      await platform.desk.command(terminal, 'status');
      expect(rig.told.ids('uplink.received')).toEqual([]);
    } finally {
      commit.resolve();
      flush.mockRestore();
    }
    await rig.told.fact('uplink.received');
  });

  it('records other bytes under a known id as a violation', async () => {
    const broker = await room();
    const platform = await platformAt(broker.url);
    const { uplink, told } = await openUplink(broker.url);
    await told.fact('uplink.online');
    uplink.offer([row('alarm', 1)], true);
    await told.fact('uplink.received');
    uplink.settled(['alarm-1']);
    uplink.offer([row('alarm', 1, 'changed')], true);
    await until(() => platform.violations.length, { ...soon, what: 'the violation' });
    expect(platform.violations[0]?.reason).toContain('other bytes');
  });

  it('knows after a restart what it had stored, a torn line aside', async () => {
    const broker = await room();
    const first = await platformAt(broker.url);
    const { uplink, told } = await openUplink(broker.url, { receiptWithinMs: 200 });
    await told.fact('uplink.online');
    uplink.offer([row('alarm', 1)], true);
    await told.fact('uplink.received');
    await first.close();
    await appendFile(join(dir, 'ledger'), '{"atMs":1,"topic":"gate');
    const second = await platformAt(broker.url);
    expect([...second.alarms.keys()]).toEqual(['alarm-1']);
    uplink.settled(['alarm-1']);
    uplink.offer([row('alarm', 1), row('alarm', 2)], true);
    await until(() => second.stored === 2, { ...soon, what: 'the second alarm' });
  });

  it('commands the terminal and gets its answer; repeats a resolve until it has one', async () => {
    const broker = await room();
    const platform = await platformAt(broker.url);
    const rig = await openUplink(broker.url);
    await until(() => platform.states.get(terminal), { ...soon, what: 'birth' });
    const resolving = platform.desk.resolve(terminal, 'i1', { everyMs: 100 });
    await rig.told.fact('command.received', 3);
    settling(rig);
    expect(await resolving).toMatchObject({ verb: 'resolve', ok: true });
    expect(await platform.desk.command(terminal, 'status')).toMatchObject({
      verb: 'status',
      ok: true,
    });
    const commands = rig.told.of('command.received');
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    expect(commands[0]?.bootId).toBe(platform.states.get(terminal)?.bootId);
  });

  it('runs as a process that takes orders and prints what it sees', async () => {
    const broker = await room();
    const main = `${import.meta.dirname}/../../agent/sim/platform-main.ts`;
    const file = join(dir, 'ledger');
    const child = spawn(
      process.execPath,
      [main, '--broker', broker.url, '--file', file, '--terminal', terminal],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const exit = once(child, 'exit');
    atEnd(async () => {
      child.kill('SIGTERM');
      await exit;
    });
    const printed: { [key: string]: unknown }[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(JSON.parse(line)));
    const seen = (key: string, value: unknown) =>
      until(() => printed.find((one) => one[key] === value), { ...soon, what: `${key} ${value}` });
    await seen('open', true);
    const rig = await openUplink(broker.url);
    settling(rig);
    await seen('seen', 'state');
    rig.uplink.offer([row('alarm', 1)], true);
    await seen('seen', 'alarm');
    await rig.told.fact('uplink.received');
    child.stdin.write(`${JSON.stringify({ resolve: 'alarm-1', to: 7 })}\n`);
    expect(await seen('to', 7)).toMatchObject({ answer: { verb: 'resolve', ok: true } });
  });
});

describe('broker with logins', () => {
  const users = [
    { username: 't', password: 'tp', login: { kind: 'terminal', terminal } },
    { username: 'p', password: 'pp', login: { kind: 'platform', user: 'platform' } },
    {
      ...{ username: 'li', password: 'lp' },
      login: { kind: 'person', role: '110-city', user: 'li', terminals: null },
    },
  ] as const;
  const li = { username: 'li', password: 'lp', as: { role: '110-city', user: 'li' } };

  it('ties role and user to the login', async () => {
    const broker = await room({ users });
    const rig = await openUplink(broker.url, { broker: { username: 't', password: 'tp' } });
    settling(rig);
    const dispatcher = await platformAt(broker.url, li);
    await until(() => dispatcher.states.get(terminal), { ...soon, what: 'birth' });
    const honest = await dispatcher.desk.command(terminal, 'take', { incident: 'i' });
    expect(honest).toMatchObject({ ok: true, result: { role: '110-city' } });
    const claim = dispatcher.desk.command(
      terminal,
      'status',
      {},
      { role: 'platform', withinMs: 300 },
    );
    await expect(claim).rejects.toThrow('no answer');
    expect(rig.told.of('command.received').map(({ role }) => role)).toEqual(['110-city']);
  });

  it('comes back on its port after a stop, and the parties with it', async () => {
    const broker = await room({ users });
    const platform = await platformAt(broker.url, { username: 'p', password: 'pp' });
    const rig = await openUplink(broker.url, {
      broker: { username: 't', password: 'tp' },
      receiptWithinMs: 300,
    });
    settling(rig);
    await rig.told.fact('uplink.online');
    await broker.stop();
    await rig.told.fact('uplink.offline');
    rig.outbox.rows = [row('alarm', 1)];
    rig.uplink.offer(rig.outbox.rows, true);
    await broker.start();
    await rig.told.fact('uplink.received');
    expect(platform.stored).toBe(1);
    expect(broker.passed.get(`gate/v1/${terminal}/alarm`)).toBeGreaterThan(0);
  });
});
