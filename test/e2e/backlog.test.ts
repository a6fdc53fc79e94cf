// A thousand presses on ten buttons while the broker is down, then SIGKILL: when the line comes back,
// ten alarms and the repeats by rule 9 go out before anything else, and their counts add up.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { alarmMessage } from '#agent/contract.ts';
import { House, inputId } from './support/house.ts';
import { allTold, pressesMade } from './support/kill-round.ts';
import { Relay } from './support/relay.ts';
import { Watcher } from './support/watcher.ts';

const buttons = 10;
const pressesEach = 100;
/** Rule 9: told one by one within a minute; further ones fold into a count. */
const repeatsToldMax = 20;
let house: House;
let relay: Relay;
let watcher: Watcher;

beforeAll(async () => {
  house = await House.open({
    buttons,
    room: async (broker) => {
      relay = new Relay(broker.port);
      await relay.listen();
      return { daemonBroker: { url: relay.url } };
    },
  });
  watcher = new Watcher(house.broker.url);
});

afterAll(async () => {
  await watcher.close();
  await house.close();
  await relay.close();
});

test('1,000 presses, broker down, SIGKILL', { timeout: 120_000 }, async () => {
  const { box, daemon, platform } = house.room;
  await house.start();
  await house.broker.down();
  const numbers = Array.from({ length: buttons }, (_, i) => i + 1);
  await Promise.all(
    numbers.map(async (number) => {
      for (let n = 0; n < pressesEach; n++) await box.tap(number);
    }),
  );
  expect(pressesMade(house)).toBe(buttons * pressesEach);
  await daemon.end('SIGKILL');
  expect(house.pressesTold(), 'nothing can have got through').toBe(0);

  // Whoever wants to see the order of things must be there before the terminal is.
  relay.isOpen = false;
  daemon.start();
  await house.broker.up();
  await watcher.open();
  await watcher.untilHeardBy(platform);
  await house.until('every press in the incidents', async () => {
    const status = await house.room.status();
    const presses = status?.incidents.reduce((sum, incident) => sum + incident.presses, 0);
    return presses === pressesMade(house);
  });
  relay.isOpen = true;
  await house.until('the first message', () => watcher.heard.length > 0, 45_000);
  await allTold(house);
  await house.until('birth', () => watcher.heard.some(({ what }) => what === 'state'));
  await house.until('an event', () => watcher.heard.some(({ what }) => what === 'event'));

  tellsByRule9();
  alarmsCameFirst();
});

function tellsByRule9(): void {
  expect(house.raised.map(({ input }) => input).sort()).toEqual(
    Array.from({ length: buttons }, (_, i) => inputId(i + 1)).sort(),
  );
  for (const { input } of house.raised) {
    expect(house.pressesTold(input), input).toBe(pressesEach);
    const counts = house.repeated.filter((one) => one.input === input).map(({ count }) => count);
    // What folded, and what the box had counted when nobody listened, is one message each.
    expect(counts.length, `${input}: ${counts}`).toBeLessThanOrEqual(repeatsToldMax + 2);
    expect(Math.max(...counts), `${input}: ${counts}`).toBeGreaterThan(repeatsToldMax);
  }
  console.log(
    `backlog: ${pressesMade(house)} presses as ${house.raised.length} alarms and ` +
      `${house.repeated.length} repeats`,
  );
}

function alarmsCameFirst(): void {
  const { heard } = watcher;
  const told = heard.filter(({ what }) => what !== 'receipt').map(({ what }) => what);
  const lastAlarm = told.lastIndexOf('alarm');
  expect(told.slice(0, lastAlarm + 1).filter((what) => what !== 'alarm')).toEqual([]);
  const alarms = heard
    .filter(({ what }) => what === 'alarm')
    .map(({ payload }) => alarmMessage.parse(JSON.parse(payload)));
  const ids = new Set(alarms.map(({ id }) => id));
  expect(ids.size, 'no message under two ids').toBe(house.raised.length + house.repeated.length);
  const seqs = [...new Set(alarms.map(({ seq }) => seq))];
  expect(seqs, 'in the order in which they happened').toEqual(seqs.toSorted((a, b) => a - b));
}
