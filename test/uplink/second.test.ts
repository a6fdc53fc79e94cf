// Two brokers and a whole terminal: the first goes, the second carries, the first comes back. Counted at
// the platform, which listens at both: every press, and each under one id.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { startBroker } from '#agent/sim/broker.ts';
import { Platform } from '#agent/sim/platform.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until, within } from '#test/support/wait.ts';
import { Line } from './line.ts';
import { atEnd, observe, topics } from './rig.ts';
import { terminal } from './rows.ts';
import { Whole } from './whole.ts';

const soon = { withinMs: 10_000 };
const hasty = { probeEveryMs: 150, untakenMs: 1_500 };
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-second-'));
  atEnd(() => rm(dir, { recursive: true }));
});

interface Pair {
  readonly first: Mosquitto;
  readonly second: Mosquitto;
  readonly platforms: readonly Platform[];
  readonly whole: Whole;
  /** The line to the first broker. */
  readonly line: Line;
}

async function platformAt(url: string, name: string): Promise<Platform> {
  const platform = new Platform({ broker: url, file: join(dir, name) });
  atEnd(() => platform.close());
  await within(platform.open(), { ...soon, what: 'the platform' });
  return platform;
}

async function pair(config: string[] = []): Promise<Pair> {
  const [first, second] = await Promise.all([Mosquitto.start({ config }), Mosquitto.start()]);
  for (const broker of [first, second]) atEnd(() => broker.remove());
  const platforms = [await platformAt(first.url, 'one'), await platformAt(second.url, 'two')];
  const line = new Line(first.port);
  atEnd(() => line.close());
  const whole = await Whole.open(`mqtt://127.0.0.1:${await line.listen()}`, {
    second: { url: second.url, clientId: terminal },
    pubackWithinMs: 300,
    failover: hasty,
  });
  await whole.online();
  return { first, second, platforms, whole, line };
}

const raised = ({ platforms }: Pair): Set<string> =>
  new Set(
    platforms.flatMap(({ alarms }) =>
      [...alarms.values()].flatMap((one) => (one.kind === 'alarm.raised' ? one.id : [])),
    ),
  );
const received = ({ whole }: Pair) => whole.received();
const onSecond = ({ whole }: Pair) => whole.terminal.state.live.faults['uplink.on-second'];
const back = (pairing: Pair) =>
  until(() => !onSecond(pairing) && pairing.whole.terminal.state.live.online, {
    ...soon,
    what: 'the first broker again',
  });

/** What was pressed is at the platform, all of it, each press once. */
function allThere(pairing: Pair): void {
  const { whole, platforms } = pairing;
  expect([...raised(pairing)].sort()).toEqual(whole.presses.map(({ id }) => id).sort());
  const inputs = platforms.flatMap(({ alarms }) =>
    [...alarms.values()].map((one) => ('input' in one ? `${one.input} ${one.id}` : '')),
  );
  expect(new Set(inputs).size).toBe(whole.presses.length);
  expect(platforms.flatMap(({ violations }) => violations)).toEqual([]);
}

describe('the first broker is gone', () => {
  it('an alarm goes over the second at once, and over the first again when that is well', async () => {
    const made = await pair();
    const { whole, first, platforms } = made;
    whole.press();
    await received(made);
    await first.down('SIGKILL');
    await until(() => !whole.terminal.state.live.online, { ...soon, what: 'the loss' });
    whole.press();
    await received(made);
    expect(whole.ackMs[1]).toBeLessThan(3_000);
    expect(onSecond(made)?.detail).toMatch(/refused|cut the connection|connection lost/);
    expect(platforms[1]?.alarms.size).toBe(1);
    await first.up();
    await back(made);
    whole.press();
    await received(made);
    allThere(made);
  });

  it('three failed tries are enough without an alarm', async () => {
    const made = await pair();
    await made.first.down();
    await until(() => onSecond(made), { ...soon, what: 'the second broker' });
    expect(made.whole.terminal.state.live.online).toBe(true);
  });

  it('an alarm that it takes in and never acknowledges goes over the second', async () => {
    const made = await pair();
    const { whole, line } = made;
    line.stall();
    whole.press();
    await received(made);
    expect(whole.ackMs[0]).toBeLessThan(5_000);
    expect(onSecond(made)).toBeDefined();
    allThere(made);
  });

  it('presses all along, while the first goes and comes five times: none lost, none doubled', async () => {
    const made = await pair();
    const { whole, first } = made;
    for (let round = 0; round < 5; round++) {
      const pressing = (async () => {
        for (let n = 0; n < 10; n++) {
          const dueMs = performance.now() + 40;
          whole.press();
          await until(() => performance.now() >= dueMs, { ...soon, what: 'the next press' });
        }
      })();
      await first.down(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await pressing;
      await received(made);
      await first.up();
      if (round === 2) await back(made);
    }
    await received(made);
    expect(whole.presses).toHaveLength(50);
    allThere(made);
  }, 40_000);
});

describe('back to the first', () => {
  it('not while an alarm is without its receipt', async () => {
    const made = await pair();
    const { whole, first, platforms } = made;
    await first.down();
    await until(() => onSecond(made), { ...soon, what: 'the second broker' });
    for (const platform of platforms) platform.holdReceipts = true;
    whole.press();
    await first.up();
    const probes = await observe(first.url);
    await probes.wired(topics.health, 5);
    expect(onSecond(made)).toBeDefined();
    for (const platform of platforms) platform.releaseReceipts();
    await back(made);
    await received(made);
  });

  it('says goodbye at the second and birth at the first, and that it went', async () => {
    const made = await pair();
    await made.first.down();
    await until(() => onSecond(made), { ...soon, what: 'the second broker' });
    const { wired } = await observe(made.second.url);
    await made.first.up();
    await back(made);
    const states = await wired(topics.state, 1);
    expect(JSON.parse(states.at(-1) ?? '')).toMatchObject({ online: false });
    const cleared = made.whole.facts.some(
      (fact) => fact.kind === 'fault.cleared' && fact.fault === 'uplink.on-second',
    );
    expect(cleared).toBe(true);
  });

  it('not to a first that takes connections and refuses what is published', async () => {
    const refusing = await startBroker({ deny: () => true });
    atEnd(() => refusing.stop());
    const second = await Mosquitto.start();
    atEnd(() => second.remove());
    const platform = await platformAt(second.url, 'two');
    const whole = await Whole.open(refusing.url, {
      second: { url: second.url, clientId: terminal },
      failover: hasty,
    });
    await whole.online();
    whole.press();
    await until(() => platform.alarms.size, { ...soon, what: 'the alarm at the second' });
    await whole.received();
    expect(whole.terminal.state.live.faults['uplink.on-second']?.detail).toContain('do not get');
  });
});
