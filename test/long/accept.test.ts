// An acceptance in a whole room: the bundle, a real broker, a box, the simulated dome and its sound; by
// hand, and with nobody there and parts that are broken.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckResult, certificate, isOver } from '#agent/install/accept/certificate.ts';
import { terminalId } from '#agent/sim/room.ts';
import { runToEnd } from '#test/e2e/support/commands.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { AcceptRoom, shortTimes } from '#test/install/accept-room.ts';

/** A launcher may have to build first. */
const gateAgent = (...args: string[]) => runToEnd(launcher, args, { withinMs: 200_000 });

let room: AcceptRoom;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-accept-'));
  room = await AcceptRoom.open();
}, 240_000);
afterAll(async () => {
  await room.close();
  rmSync(dir, { recursive: true, force: true });
});

const events = () =>
  room.house.room.platform.log
    .map(({ message }) => message as { readonly kind?: string; readonly sha256?: string })
    .filter(({ kind }) => kind === 'record.signed');

test('by hand: all passes, nothing is real; the certificate verifies, a flipped byte is found', async () => {
  const { record, file, isAccepted } = await room.accept({ person: room.person });
  const told = certificate.parse(record.body);
  // A busy machine may be over a limit, and says so.
  const isLate = ({ figures }: CheckResult) => figures.some(isOver);
  const checks = told.checks.map((one) => ({
    ...one,
    result: isLate(one) ? 'passed' : one.result,
  }));
  const failed = checks.filter(({ result }) => result === 'failed');
  expect(failed, `${room.said.join('\n')}\n${room.house.diagnosis()}`).toEqual([]);
  expect(isAccepted).toBe(told.checks.every(({ result }) => result !== 'failed'));
  const names = checks.map(({ check, of, result }) => `${of ?? check} ${result}`);
  expect(names).toEqual(
    expect.arrayContaining([
      ...['按钮 1 passed', '按钮 2 passed', 'strobe passed', 'siren passed', 'lamp passed'],
      ...['range passed', 'talk passed', 'cut passed', 'pulled passed', 'restart passed'],
      ...['live passed', 'store passed', 'certificate passed', 'chain passed'],
    ]),
  );
  const [press] = told.checks.filter(({ check }) => check === 'press');
  expect(press?.figures.map(({ what }) => what)).toEqual(['stored', 'sent', 'received']);
  // Each press has arrived once, and dispatched nobody.
  const { house } = room;
  expect(house.raised.length).toBe(5);
  expect(house.raised.every(({ mark }) => mark === 'service')).toBe(true);
  expect(house.open).toEqual([]);
  expect(house.repeated).toEqual([]);
  await house.until('the hash at the platform', () => events().length === 1);
  const { sha256, result } = record;
  expect(events()[0]).toMatchObject({ sha256, result, role: 'local', user: '陈师傅' });

  const path = join(house.dataDir, 'records', String(file));
  const right = await gateAgent('verify', path);
  expect(right).toMatchObject({ code: 0, out: expect.stringMatching(/^Right: acceptance cert/) });
  const bytes = readFileSync(path);
  const at = bytes.indexOf('"checks"') + 20;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(join(dir, 'flipped.json'), bytes);
  const wrong = await gateAgent('verify', join(dir, 'flipped.json'));
  expect(wrong).toMatchObject({ code: 1, out: expect.stringMatching(/^Wrong: it was changed/) });
  const page = readFileSync(path.replace(/json$/, 'zh.html'), 'utf8');
  expect(page).toContain(record.sha256);
  expect(page).toContain('DB15/T 3968-2025');
  const state = house.room.platform.states.get(terminalId);
  expect(state?.online && state.window).toBeNull();
}, 300_000);

test('the commands at a live terminal: patrol, doctor, and an acceptance with nobody there', async () => {
  const at = [
    '--socket',
    room.house.room.socket,
    '--config',
    join(room.house.dir, 'gate-agent.yaml'),
  ];
  const patrol = await gateAgent('patrol', ...at);
  // A busy machine may be slow to write a row.
  expect(patrol.out, patrol.err).toMatch(/ok\s+dome: it lets us in and gives a picture/);
  for (const part of ['buttons', 'broker', 'chain', 'key', 'clock'])
    expect(patrol.out).toMatch(new RegExp(`ok\\s+${part}:`));
  const doctor = await gateAgent('doctor', ...at);
  expect([0, 1], doctor.out).toContain(doctor.code);
  expect(doctor.out).toContain(terminalId);
  const waive = ['cut', 'pulled', 'restart', 'siren'].flatMap((one) => ['--waive', `${one}=later`]);
  const args = ['--simulate', '--by', '陈师傅', '--out', dir, ...waive, ...at];
  const { code, out, err } = await gateAgent('accept', ...args);
  expect([0, 1], `${out}${err}`).toContain(code);
  const file = out.trim().split('\n').at(-1) ?? '';
  expect(file).toMatch(/acceptance-\d+T\d+Z-[0-9a-f]{8}\.json$/);
  expect(await gateAgent('verify', file)).toMatchObject({ code: 0 });
  expect(readFileSync(file.replace(/json$/, 'en.html'), 'utf8')).toContain(
    'waived by 陈师傅: later',
  );
  const again = await gateAgent('accept', '--by', 'x', '--waive', 'nothing=x', ...at);
  expect(again.code).toBe(64);
}, 300_000);

test('nobody there, a muted microphone, a platform that answers nothing: fails, and names them', async () => {
  const { house } = room;
  await house.room.sound?.mute('microphone', true);
  house.room.platform.holdReceipts = true;
  const waived = new Map([['restart', 'the school is in session']]);
  const times = { ...shortTimes, arriveMs: 4_000 };
  const { record, isAccepted } = await room.accept({ times, waived });
  expect(isAccepted).toBe(false);
  const told = certificate.parse(record.body);
  expect(told.how).toBe('simulated');
  const failed = told.checks.filter(({ result }) => result === 'failed');
  const names = failed.map(({ check, of }) => of ?? check);
  expect(names, room.said.join('\n')).toEqual(
    expect.arrayContaining(['按钮 1', '按钮 2', 'talk', 'cut', 'pulled']),
  );
  expect(names).not.toContain('store');
  expect(record.summary).toContain('talk');
  expect(told.checks.find(({ check }) => check === 'restart')).toMatchObject({
    ...{ result: 'waived', waived: { by: '陈师傅', why: 'the school is in session' } },
  });
}, 300_000);
