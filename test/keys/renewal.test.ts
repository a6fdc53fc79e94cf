// A certificate with 29 days left, renewed over a real line: asked for, offered, held against everything that
// can be wrong with it, gone over to when nobody needs the line, and given up where the broker does not take
// it. Killed at every step, it goes on.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, requestFor } from '#agent/keys/csr.ts';
import { fingerprintOf } from '#agent/keys/login.ts';
import { until, within } from '#test/support/wait.ts';
import { openRig, type Rig, terminalId } from './rig.ts';
import { type Authority, makeAuthority } from './support.ts';
import { Town } from './town.ts';

const soon = { withinMs: 30_000 };
const patient = 120_000;
let town: Town;
let foreign: Authority;
beforeAll(async () => {
  town = await Town.open();
  foreign = await makeAuthority(town.dir, 'foreign');
});
afterAll(() => town.close());
beforeEach(() => {
  town.told.length = 0;
  town.alarms.length = 0;
});

let rig: Rig | null = null;
async function opens(dir: string): Promise<Rig> {
  await closes();
  rig = await openRig({ dir, port: town.broker.port });
  return rig;
}
async function closes(): Promise<void> {
  await rig?.terminal.close('the test is over');
  rig = null;
}
afterAll(closes);

const lineUp = ({ terminal }: Rig) =>
  until(() => terminal.state.live.online, { ...soon, what: 'the line' });
const kept = (dir: string, step: string) => existsSync(join(dir, 'keys', `${step}.pem`));

describe('29 days ahead', () => {
  it(
    'it is asked for, wrong answers are refused by name, the right one is shown after the case',
    async () => {
      const dir = await town.home('renewed', { toDays: 29 });
      const { terminal, certificates, inputs } = await opens(dir);
      await town.event('certificate.expiring');
      const { request, csr } = await town.asked();
      await town.fault('certificate.expires');
      const before = certificates.login.cert;

      const sign = (csrOf = csr, by = town.root) => by.sign(csrOf, { toDays: 400 });
      const wrong = {
        'another key': await sign(requestFor(makeKey(), terminalId)),
        foreign: await sign(csr, foreign),
        'has expired': await town.root.sign(csr, { fromDays: -20, toDays: -1 }),
        'it names gate-2': await town.root.sign(csr, { toDays: 400, name: 'gate-2' }),
        'ends before': await town.root.sign(csr, { toDays: 20 }),
        'not for a TLS client': await town.root.sign(csr, {
          ...{ toDays: 400, extensions: 'extendedKeyUsage=serverAuth' },
        }),
        'no certificate in it': 'garbage',
        chain: 'x'.repeat(20_000),
      };
      for (const [what, chain] of Object.entries(wrong)) {
        const answer = await town.offers({ request, chain });
        expect([what, answer.ok, answer.detail]).toEqual([
          what,
          false,
          expect.stringContaining(what),
        ]);
      }
      const chain = await sign();
      expect(await town.offers({ request: 'r-0', chain })).toMatchObject({ ok: false });
      expect(await town.offers({ request, chain }, '110-city')).toMatchObject({
        ...{ ok: false, reason: 'not-allowed' },
      });
      expect(await town.offers({ request, chain: 'x'.repeat(1024 * 1024) })).toMatchObject({
        ...{ ok: false, reason: 'malformed' },
      });
      expect([kept(dir, 'offered'), certificates.login.cert]).toEqual([false, before]);

      inputs.press('desk');
      await until(() => town.alarms[0], { ...soon, what: 'the alarm' });
      expect(await town.offers({ request, chain })).toMatchObject({ ok: true });
      // Twice is once.
      expect(await town.offers({ request, chain })).toMatchObject({ ok: true });
      expect([kept(dir, 'offered'), certificates.login.cert]).toEqual([true, before]);
      const [incident] = Object.keys(terminal.state.durable.incidents);
      await town.command('resolve', { incident, reason: 'handled' });
      const renewed = await town.event('certificate.renewed');
      expect(renewed.untilWallMs).toBeGreaterThan(Date.now() + 390 * 86_400_000);
      expect(certificates.login.cert?.trim()).toBe(chain.trim());
      expect([kept(dir, 'request'), kept(dir, 'offered')]).toEqual([false, false]);
      expect(terminal.state.live.faults).toEqual({});

      // The next start shows it, too, and asks for nothing.
      const again = await opens(dir);
      await lineUp(again);
      expect(again.certificates.login.cert?.trim()).toBe(chain.trim());
      expect(again.terminal.wanted.certificate.asks).toBe(false);
      expect(readFileSync(join(dir, 'keys', 'renewed.pem'), 'utf8')).not.toContain(
        readFileSync(join(dir, 'own.key'), 'utf8').split('\n')[1],
      );
    },
    patient,
  );

  it('where the broker does not take it the old one is back, and an alarm meanwhile arrives', async () => {
    const dir = await town.home('refused', { toDays: 29 });
    // The terminal trusts both authorities, its broker one.
    await writeFile(join(dir, 'ca.pem'), town.root.cert + foreign.cert);
    const { certificates, inputs, terminal } = await opens(dir);
    const before = certificates.login.cert;
    const { request, csr } = await town.asked();
    const chain = await foreign.sign(csr, { toDays: 400 });
    expect(await town.offers({ request, chain })).toMatchObject({ ok: true });
    await until(() => certificates.login.cert !== before, { ...soon, what: 'the trial' });
    inputs.press('desk');
    await until(() => town.alarms[0], { ...soon, what: 'the alarm' });
    const { detail } = await town.fault('certificate.refused');
    expect(detail).toMatch(/did not take the certificate offered by the platform: .*; the old one/);
    expect(certificates.login.cert).toBe(before);
    const [incident] = Object.keys(terminal.state.durable.incidents);
    await town.command('resolve', { incident, reason: 'handled' });
    await until(() => !kept(dir, 'offered'), { ...soon, what: 'giving it up' });
    const fingerprint = fingerprintOf(chain);
    expect(town.of('certificate.renewed')).not.toContainEqual(
      expect.objectContaining({ fingerprint }),
    );
    await lineUp({ certificates, inputs, terminal });
  });
});

describe('files that somebody changes', () => {
  it('are shown when they fit together, and not before', async () => {
    const dir = await town.home('files', { toDays: 200 });
    const { certificates } = await lineUpAt(dir);
    const old = readFileSync(join(dir, 'own.key'), 'utf8');
    await town.furnish(dir, { toDays: 300 });
    const key = readFileSync(join(dir, 'own.key'), 'utf8');
    await writeFile(join(dir, 'own.key'), old);
    certificates.look();
    const { detail } = await town.fault('certificate.files');
    expect(detail).toContain('it belongs to another key');
    await writeFile(join(dir, 'own.key'), key);
    certificates.look();
    await town.event('certificate.renewed');
    expect(certificates.login.key).toBe(key);
    await town.event('fault.cleared');
  });

  it('go before what was renewed, and mend a line that is down', async () => {
    const dir = await town.home('expired', { fromDays: -40, toDays: -1 });
    const { certificates } = await opens(dir);
    await until(() => rig?.terminal.state.live.faults['certificate.expired'], {
      ...{ ...soon, what: 'the fault' },
    });
    await town.furnish(dir, { toDays: 300 });
    certificates.look();
    await town.event('certificate.renewed');
  });

  async function lineUpAt(dir: string): Promise<Rig> {
    const opened = await opens(dir);
    await lineUp(opened);
    return opened;
  }
});

describe('SIGKILL', () => {
  const child = (dir: string, haltAt: string): ChildProcess =>
    spawn(
      process.execPath,
      [join(import.meta.dirname, 'terminal.child.ts'), dir, String(town.broker.port), haltAt],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
  async function halted(process: ChildProcess): Promise<void> {
    if (process.stdout === null) throw new Error('no output');
    await within(once(process.stdout, 'data'), { ...soon, what: 'the halt' });
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  it(
    'with the key made, with the offer kept, with it taken: each time it goes on',
    async () => {
      await closes();
      const dir = await town.home('killed', { toDays: 29 });
      await halted(child(dir, 'request.pem'));
      const key = readFileSync(join(dir, 'keys', 'request.pem'), 'utf8');

      const second = child(dir, 'offered.pem');
      const { request, csr } = await town.asked();
      expect(key).toContain(request);
      const chain = await town.root.sign(csr, { toDays: 400 });
      const offered = town.offers({ request, chain });
      offered.catch((unanswered: unknown) => unanswered);
      await halted(second);

      // It had not answered: the platform offers again, and the third life takes it.
      await halted(child(dir, 'renewed.pem'));
      expect([kept(dir, 'offered'), kept(dir, 'renewed')]).toEqual([false, true]);

      const { certificates, terminal } = await opens(dir);
      await lineUp({ certificates, terminal } as Rig);
      expect(certificates.login.cert?.trim()).toBe(chain.trim());
      await town.event('certificate.renewed');
      expect(await town.offers({ request, chain })).toMatchObject({ ok: true });
      expect(kept(dir, 'request')).toBe(false);
    },
    patient,
  );
});
