// Events in: a button wired to the dome, and what else it sees and hears. Oddities that are known from
// reports: test/contract/dome-quirks-events.test.ts.

import { afterEach, describe, expect, test } from 'vitest';
import type { Ears } from '#agent/dome/hearing.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { type Bench, bench, dark, recipes } from './support.ts';

const button = { id: 'gate', event: 'digital-input', token: 'In_1', closed: false } as const;
const ears: Ears = { inputs: [button], events: {} };
const patience = { withinMs: 15_000 };

const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

/** Time as it is: the dome waits at a pull as long as it is told. */
async function made(dome: object = { ears }, sim: object = {}): Promise<Bench> {
  const one = await bench({ clock: systemClock(), dome, sim: { auth: 'digest', ...sim } });
  benches.push(one);
  one.sim.events.setInput('In_1', false);
  one.sim.events.setInput('In_2', false);
  one.dome.want(dark);
  return one;
}

async function listening(dome: object = { ears }, sim: object = {}): Promise<Bench> {
  const one = await made(dome, sim);
  await one.open();
  await heard(one, 'normal');
  return one;
}

const contacts = ({ facts }: Bench) => facts.of('input.changed').map(({ contact }) => contact);
const heard = (one: Bench, last: string, count = 1) =>
  until(() => contacts(one).length >= count && contacts(one).at(-1) === last, {
    ...patience,
    what: `${last} to be heard`,
  }).catch((cause: Error) => {
    throw new Error(
      `${cause.message}: ${contacts(one)}, ${JSON.stringify(one.facts.of('fault.raised'))}`,
      { cause },
    );
  });

describe('a button wired to the dome', () => {
  test('is heard at once, pressed and released, and no other input', async () => {
    const one = await listening();
    one.sim.events.setInput('In_2', true);
    one.sim.events.setInput('In_1', true);
    await heard(one, 'pressed');
    one.sim.events.setInput('In_1', false);
    await heard(one, 'normal', 3);
    expect(contacts(one)).toEqual(['normal', 'pressed', 'normal']);
    expect(one.facts.of('input.changed')[1]).toMatchObject({ input: 'gate' });
  });

  test('held at the start counts', async () => {
    const one = await made();
    one.sim.events.setInput('In_1', true);
    await one.open();
    await heard(one, 'pressed');
    expect(contacts(one)).toEqual(['pressed']);
  });

  test('normally closed: open is pressed', async () => {
    const one = await made({ ears: { inputs: [{ ...button, closed: true }], events: {} } });
    one.sim.events.setInput('In_1', true);
    await one.open();
    await heard(one, 'normal');
    one.sim.events.setInput('In_1', false);
    await heard(one, 'pressed');
  });

  test('nothing is subscribed where nothing is to be heard', async () => {
    const one = await made({ ears: { inputs: [], events: {} } });
    await one.open();
    await until(() => one.sim.actuators.preset === '1', { ...patience, what: 'the guard preset' });
    expect(one.sim.events.subscribed).toBe(0);
  });

  test('close() gives the slot back', async () => {
    const one = await listening();
    expect(one.sim.events.subscribed).toBe(1);
    await one.dome.close();
    expect(one.sim.events.subscribed).toBe(0);
  });
});

describe('survives', () => {
  test('a press in mid-reboot, held until it is back, counts', async () => {
    const one = await listening();
    await one.sim.down();
    one.sim.events.setInput('In_1', true);
    await one.sim.up();
    await heard(one, 'pressed');
  });

  test('a dome that tells no levels: a release that was missed costs no press', async () => {
    const one = await listening();
    one.sim.events.setInput('In_1', true);
    await heard(one, 'pressed');
    one.sim.events.tellsLevels = false;
    await one.sim.down();
    one.sim.events.setInput('In_1', false);
    await one.sim.up();
    await heard(one, 'normal', 3);
    one.sim.events.setInput('In_1', true);
    await heard(one, 'pressed', 4);
  });

  test('a dome without Renew and without SetSynchronizationPoint is heard', async () => {
    const one = await made();
    one.sim.quirks.refuse.push('Renew', 'SetSynchronizationPoint');
    await one.open();
    await heard(one, 'normal');
    one.sim.events.setInput('In_1', true);
    await heard(one, 'pressed');
  });
});

describe('a dome that says yes and switches no relay', () => {
  const lit = (one: Bench) => until(() => one.sim.actuators.strobe, { ...patience, what: 'light' });
  const dimmed = (one: Bench) =>
    until(() => !one.sim.actuators.strobe, { ...patience, what: 'the light going out' });
  /** It has told of its relay once: on and off. */
  const trusted = async (strobe: readonly object[]) => {
    const one = await bench({
      ...{ clock: systemClock(), dome: { ears }, sim: { auth: 'digest' } },
      profile: { strobe, siren: [], preset: {} },
    });
    benches.push(one);
    one.sim.events.setInput('In_1', false);
    one.dome.want(dark);
    await one.open();
    await heard(one, 'normal');
    one.dome.want({ ...dark, strobe: true });
    await lit(one);
    one.dome.want(dark);
    await dimmed(one);
    return one;
  };

  test('is passed over for the next recipe', async () => {
    const one = await trusted([recipes.relay, recipes.device]);
    // Off has been said to all by then: the command without effect is to be the light's.
    const saidMs = () => one.sim.log.findLast(({ what }) => /^Set|^Send/.test(what))?.atMs ?? 0;
    const isQuiet = () => one.clock.now().monoMs - saidMs() > 500;
    await until(isQuiet, { ...patience, what: 'quiet' });
    one.sim.quirks.withoutEffect = 1;
    one.dome.want({ ...dark, strobe: true });
    await lit(one);
    expect(one.sim.actuators.relays.get('Relay_1')).toBe(false);
    expect(one.facts.faults).toBe('');
  });

  test('is a fault where there is no other', async () => {
    const one = await trusted([recipes.relay]);
    one.sim.quirks.withoutEffect = 1000;
    one.dome.want({ ...dark, strobe: true });
    const told = () => one.facts.of('fault.raised')[0];
    const fault = await until(told, { ...patience, what: 'the fault' });
    expect(fault.detail).toMatch(/^the strobe could not be switched on \(relay .*: said yes/);
    one.sim.quirks.withoutEffect = 0;
    await lit(one);
  });
});

test('the light does not wait for a pull', async () => {
  const one = await listening();
  one.dome.want({ ...dark, strobe: true });
  const sinceMs = performance.now();
  await until(() => one.sim.actuators.strobe, { ...patience, what: 'the light' });
  expect(performance.now() - sinceMs).toBeLessThan(4000);
});
