// A drill in a real house: the bundle, a real broker, the simulated dome's own actuators. Marked at every
// hop, without the siren; and when the power goes in the middle of it, the next press is real.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { House } from './support/house.ts';

let house: House;

beforeAll(async () => {
  house = await House.open({ buttons: 2 });
  await house.start();
});
afterAll(() => house.close());

const drill = { mark: 'drill', minutes: 15 };
const command = (verb: string, args = {}) =>
  house.room.platform.desk.command(terminalId, verb, args, { withinMs: 30_000 });
const of = (input: string) => house.raised.filter((alarm) => alarm.input === input);
const closed = () =>
  house.room.platform.log
    .map(({ message }) => message as { readonly kind?: string })
    .filter(({ kind }) => kind === 'window.closed');
const state = () => {
  const now = house.room.platform.states.get(terminalId);
  return now?.online ? now : null;
};

test('a drill is marked at every hop, without siren; SIGKILL, and the next press is real', async () => {
  const { box, dome, daemon } = house.room;
  const from = dome.actuators.history.length;
  expect(await command('window.open', drill)).toMatchObject({ ok: true });
  await house.until('the window in the birth message', () => state()?.window?.mark === 'drill');
  await box.tap(1);
  await house.until('the strobe', () => dome.actuators.strobe);
  await house.until('the drill at the platform', () => of('button-1').length === 1);
  expect(of('button-1')[0]?.mark).toBe('drill');
  await house.until('the lamp', () => house.word === 'received' && house.reading.mark === 'drill');

  await daemon.end('SIGKILL');
  await house.start();
  await house.until('the end of the window', () => state()?.window === null);
  await house.until('the case in the birth message', () => state()?.incidents.length === 1);
  expect(state()?.incidents).toMatchObject([{ mark: 'drill', step: 'received' }]);
  const siren = () =>
    dome.actuators.history.slice(from).some(({ what, on }) => what === 'siren' && on);
  expect(siren(), 'the siren has been on').toBe(false);

  await box.tap(1);
  await house.until('a second alarm', () => of('button-1').length === 2);
  expect(of('button-1')[1]?.mark).toBeNull();
  await house.until('the siren', () => dome.actuators.siren);
  await house.until('the lamp', () => house.word === 'received' && house.reading.mark === null);
  expect(closed()).toMatchObject([{ mark: 'drill', reason: 'restart' }]);
  for (const incident of house.open) await command('resolve', { incident, reason: 'handled' });
  await house.until('all dark', () => !dome.actuators.strobe && !dome.actuators.siren);
}, 120_000);

test('a button that is held in a drill is an alarm, and a dispatcher makes another one real', async () => {
  const { box, dome, platform } = house.room;
  expect(await command('window.open', drill)).toMatchObject({ ok: true });
  box.press(2);
  await house.until('the drill at the platform', () => of('button-2').length === 1);
  const made = () =>
    [...platform.alarms.values()].filter(({ kind }) => kind === 'incident.made-real');
  await house.until('that it is real', () => made().length === 1, 15_000);
  box.release(2);
  expect(made()).toMatchObject([{ was: 'drill', reason: 'held', mark: null }]);
  await house.until('strobe and siren', () => dome.actuators.strobe && dome.actuators.siren);
  const [incident = ''] = house.open;
  const asDrill = { incident, reason: 'end of the drill', as: 'drill' };
  expect(await command('resolve', asDrill)).toMatchObject({ ok: false, reason: 'made-real' });
  await command('resolve', { incident, reason: 'handled', as: 'real' });
  await house.until('the siren to be off', () => !dome.actuators.siren);

  expect(await command('window.open', drill)).toMatchObject({ ok: true });
  await box.tap(1);
  await house.until('a case', () => house.open.length === 1);
  const [another = ''] = house.open;
  expect(await command('make-real', { incident: another })).toMatchObject({ ok: true });
  await house.until('that it is real', () => made().length === 2);
  expect(made()[1]).toMatchObject({ incident: another, reason: 'asked', user: 'platform' });
  await house.until('the siren', () => dome.actuators.siren);
  await command('resolve', { incident: another, reason: 'handled' });
}, 120_000);
