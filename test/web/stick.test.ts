// The stick over a real broker: taken once, said again and again while it is held, let go, lost.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandRefused } from '#agent/web/client/commands.ts';
import type { StickEvents } from '#agent/web/client/stick.ts';
import { until } from '#test/support/wait.ts';
import { openRig, type Rig } from './rig.ts';

let rig: Rig;
let leases: number;
const wait = { withinMs: 10_000 };

beforeEach(async () => {
  rig = await openRig();
  leases = 0;
  rig.terminal.answers = ({ verb }) => {
    if (verb === 'stick.move' || verb === 'stick.stop') return 'nothing';
    if (verb !== 'stick.take') return { result: { already: false } };
    leases += 1;
    return {
      result: { lease: `lease-${leases}`, idleMs: 30_000, untilWallMs: 1, before: null },
    };
  };
  rig.terminal.birth();
  await rig.known();
});
afterEach(() => rig.close());

const said = (verb: string) => rig.terminal.of(verb).map(({ body }) => body);
const moves = (count: number) =>
  until(() => said('stick.move').length >= count, { ...wait, what: `${count} moves` });

it('takes the stick by itself and says the move until it is let go', async () => {
  const stick = rig.client.stick(rig.terminal.id);
  const began = performance.now();
  await stick.move({ pan: 0.5 });
  await moves(6);
  expect(performance.now() - began).toBeGreaterThan(350);
  stick.stop();
  await until(() => said('stick.stop').length === 1, { ...wait, what: 'the stop' });
  const all = [...said('stick.move'), ...said('stick.stop')];
  expect(all.map(({ n }) => n)).toEqual(all.map((_, index) => index + 1));
  expect(all[0]).toEqual({ v: 1, lease: 'lease-1', n: 1, forMs: 250, pan: 0.5 });
  expect(rig.timers()).not.toContain(80);
  await stick.move({ tilt: 1 });
  stick.stop();
  expect(leases).toBe(1);
});

it('moves nothing where it is let go before it was ours', async () => {
  const stick = rig.client.stick(rig.terminal.id);
  const moving = stick.move({ pan: 1 });
  stick.stop();
  await moving;
  expect(stick.mine).toBe(true);
  await stick.release();
  await until(() => said('stick.release').length === 1, { ...wait, what: 'the release' });
  expect(said('stick.move')).toEqual([]);
  expect(stick.mine).toBe(false);
});

it('says why not where another one has it', async () => {
  rig.terminal.answers = () => ({ refuse: 'busy' });
  await expect(rig.client.stick(rig.terminal.id).move({ pan: 1 })).rejects.toThrow(CommandRefused);
});

it('stops by itself when it is lost, and is taken anew at the next use', async () => {
  const stick = rig.client.stick(rig.terminal.id);
  const told: StickEvents['lease'][] = [];
  stick.on('lease', (what) => told.push(what));
  await stick.move({ zoom: 1 });
  const [take] = rig.terminal.of('stick.take');
  if (!take) throw new Error('not taken');
  const lost = { kind: 'stick.lost', lease: 'lease-1', reason: 'taken', role: 'platform' };
  rig.terminal.tell(take, { ...lost, user: 'chief' });
  await until(() => !stick.mine, { ...wait, what: 'the loss' });
  expect(rig.timers()).not.toContain(80);
  expect(told.map(({ mine, why }) => [mine, why?.kind])).toEqual([
    [true, undefined],
    [false, 'stick.lost'],
  ]);
  await stick.do({ op: 'home' });
  expect(said('stick.do')).toMatchObject([{ lease: 'lease-2', act: { op: 'home' } }]);
});

it('is taken anew where the terminal has come back and may have forgotten', async () => {
  const stick = rig.client.stick(rig.terminal.id);
  await stick.take();
  rig.terminal.gone();
  rig.terminal.birth();
  await until(() => !stick.mine, { ...wait, what: 'the doubt' });
  await stick.take();
  expect(leases).toBe(2);
});
