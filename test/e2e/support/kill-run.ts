// Many kill rounds in one house: random moments and those that are reached from outside the binary, in
// fixed shares. No press may be lost or be told under two ids, the lamp may not have lied, the light must
// be as the incidents are. A phase of the delivery in which no kill fell would prove nothing: it fails.

import { expect } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { lookInto } from './database.ts';
import { House } from './house.ts';
import {
  allTold,
  type Killed,
  killRound,
  type MomentName,
  phases,
  pressesMade,
  type Scene,
} from './kill-round.ts';
import { chanceOf } from './random.ts';
import { Relay } from './relay.ts';

const buttons = 10;

/** Of fifty kills; the rest are random. */
const shares: { readonly [moment in Exclude<MomentName, 'random'>]: number } = {
  asleep: 3,
  'hanging disk': 5,
  'broker down': 3,
  'held on the way up': 3,
  'held on the way down': 3,
  'receipts held': 3,
};

/** What a run has done. */
export interface KillTally {
  readonly killed: readonly Killed[];
  readonly presses: number;
  readonly brokerKills: number;
}

/** Opens a house, kills its daemon `kills` times around presses, and closes it. Throws at the first
 * thing that is lost, doubled or untrue, naming round and seed; the same seed runs the same again. */
export async function killRun(kills: number, seed: number): Promise<KillTally> {
  const scene = await openScene(seed);
  const { house, chance } = scene;
  try {
    await house.start();
    // Of a box that was never seen nobody can say which presses are new.
    const known = () => lookInto(house.dataDir).counts.size === buttons;
    await house.until('every button to be known', known);
    const killed: Killed[] = [];
    for (const [n, moment] of chance.shuffled(momentsOf(kills)).entries()) {
      const number = (n % buttons) + 1;
      try {
        killed.push(await killRound(scene, moment, number));
        if (number === buttons) await resolveAll(house);
      } catch (cause) {
        throw new Error(`round ${n + 1}, ${moment}, button ${number}, seed ${seed}`, { cause });
      }
    }
    for (const phase of phases)
      expect(killed.filter((one) => one.phase === phase).length, phase).toBeGreaterThan(0);
    await allTold(house);
    expect(house.raised.length, 'one alarm a round').toBe(kills);
    return { killed, presses: pressesMade(house), brokerKills: house.broker.kills };
  } finally {
    await house.close();
    await scene.relay.close();
  }
}

async function openScene(seed: number): Promise<Scene> {
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
  return { house, relay, chance: chanceOf(seed), hangFile };
}

function momentsOf(kills: number): MomentName[] {
  const named = Object.entries(shares).flatMap(([moment, of50]) =>
    // Checked: the keys of `shares` are moments.
    Array<MomentName>(Math.round((kills * of50) / 50)).fill(moment as MomentName),
  );
  return [...named, ...Array<MomentName>(kills - named.length).fill('random')];
}

async function resolveAll(house: House): Promise<void> {
  const { platform, dome } = house.room;
  house.check('strobe on until the last incident ends', dome.actuators.strobe);
  for (const incident of house.open)
    expect(await platform.desk.resolve(terminalId, incident)).toMatchObject({ ok: true });
  await house.until('the strobe to be off', () => !dome.actuators.strobe, 5_000);
  await house.until('the platform to know of the end', () => house.open.length === 0);
}

/** For people: what was killed when, in the runs that came to their end. */
export function toldTally(tallies: readonly KillTally[]): string {
  const killed = tallies.flatMap((one) => one.killed);
  const sum = (what: 'presses' | 'brokerKills') => tallies.reduce((all, one) => all + one[what], 0);
  const rows = phases.map((phase) => {
    const of = killed.filter((one) => one.phase === phase);
    const how = [...Map.groupBy(of, ({ moment }) => moment)];
    const by = how.map(([moment, { length }]) => `${moment} ${length}`).join(', ');
    return `  ${phase.padEnd(26)} ${String(of.length).padStart(4)} (${by})`;
  });
  const said = killed.filter(({ words }) => words.includes('stored')).length;
  const slowest = Math.max(...killed.map(({ recoveredMs }) => recoveredMs));
  return [
    `kill: ${tallies.length} runs without a loss or a double: ${killed.length} kills of the agent, ` +
      `${sum('brokerKills')} of the broker, ${sum('presses')} presses`,
    ...rows,
    `  the lamp had said stored in ${said}`,
    `  slowest from start to the last press at the platform: ${slowest} ms`,
  ].join('\n');
}
