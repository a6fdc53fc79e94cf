// SIGKILL at 50 moments: 30 random, 20 at fault points that are reached from outside the binary. No
// press may be lost or be told under two ids, the lamp may not have lied, the light must be as the
// incidents are. A phase of the delivery in which no kill fell fails the test: it would prove nothing.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { House } from './support/house.ts';
import {
  allTold,
  type Killed,
  killRound,
  type MomentName,
  phases,
  pressesMade,
  type Scene,
} from './support/kill-round.ts';
import { chanceOf, seedOfRun } from './support/random.ts';
import { Relay } from './support/relay.ts';

const buttons = 10;
const chance = chanceOf(seedOfRun());
let scene: Scene;

beforeAll(async () => {
  let relay: Relay | null = null;
  let hangFile = '';
  const house = await House.open({
    buttons,
    room: async (broker, dir) => {
      relay = new Relay(broker.port);
      await relay.listen();
      const shim = fsyncShim(dir);
      hangFile = shim.HANG_FILE;
      return { daemonBroker: { url: relay.url }, env: { ...shim } };
    },
  });
  if (!relay) throw new Error('the room was opened without the relay');
  scene = { house, relay, chance, hangFile };
});

afterAll(async () => {
  await scene.house.close();
  await scene.relay.close();
});

const times = (moment: MomentName, count: number): MomentName[] => Array(count).fill(moment);
const moments: readonly MomentName[] = [
  ...times('random', 30),
  ...times('asleep', 3),
  ...times('hanging disk', 5),
  ...times('broker down', 3),
  ...times('held on the way up', 3),
  ...times('held on the way down', 3),
  ...times('receipts held', 3),
];

test(`50 kills, seed ${chance.seed}`, { timeout: 280_000 }, async () => {
  const { house } = scene;
  console.log(`kill: seed ${chance.seed}; E2E_SEED=${chance.seed} runs the same again`);
  await house.start();
  const killed: Killed[] = [];
  for (const [n, moment] of chance.shuffled(moments).entries()) {
    const number = (n % buttons) + 1;
    try {
      killed.push(await killRound(scene, moment, number));
    } catch (cause) {
      throw new Error(`round ${n + 1}, ${moment}, button ${number}, seed ${chance.seed}`, {
        cause,
      });
    }
    if (number === buttons) await resolveAll(house);
  }
  report(killed);
  for (const phase of phases)
    expect(killed.filter((one) => one.phase === phase).length, phase).toBeGreaterThan(0);
  await allTold(house);
  expect(house.raised.length, 'one alarm a round').toBe(moments.length);
});

async function resolveAll(house: House): Promise<void> {
  const { platform, dome } = house.room;
  house.check('strobe on until the last incident ends', dome.actuators.strobe);
  for (const incident of house.open)
    expect(await platform.desk.resolve(terminalId, incident)).toMatchObject({ ok: true });
  await house.until('the strobe to be off', () => !dome.actuators.strobe, 5_000);
  await house.until('the platform to know of the end', () => house.open.length === 0);
}

function report(killed: readonly Killed[]): void {
  const inPhase = phases.map((phase) => ({ phase, of: killed.filter((k) => k.phase === phase) }));
  console.log(
    `kill: ${killed.length} kills, ${pressesMade(scene.house)} presses, none lost, none twice`,
  );
  for (const { phase, of } of inPhase) {
    const how = [...Map.groupBy(of, ({ moment }) => moment)];
    const by = how.map(([moment, { length }]) => `${moment} ${length}`).join(', ');
    console.log(`  ${phase.padEnd(26)} ${String(of.length).padStart(3)} (${by})`);
  }
  const said = killed.filter(({ words }) => words.includes('stored')).length;
  console.log(`  the lamp had said stored in ${said}`);
  const slowest = Math.max(...killed.map(({ recoveredMs }) => recoveredMs));
  console.log(`  slowest from start to the last press at the platform: ${slowest} ms`);
}
