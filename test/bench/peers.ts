// What a user would pick instead, side by side with the agent and in the same run: messages of the
// same size, by turns, from the publishing call (of the agent: from the fact) to a subscriber at the
// city's broker; memory; fsyncs for each message; and what a SIGKILL loses. What cannot be fetched is
// left out with the reason.

import { setTimeout as pause } from 'node:timers/promises';
import { rssMb } from './daemon.ts';
import { Agent, Marks } from './peers/agent.ts';
import { Bridge } from './peers/bridge.ts';
import { type Candidate, City } from './peers/candidate.ts';
import { builtPaho, installedNodeRed, Missing, mosquittoHere } from './peers/fetch.ts';
import { fsyncsDuring } from './peers/fsyncs.ts';
import { type Broker, connected, delivered, measureKills } from './peers/kills.ts';
import { NodeRed } from './peers/node-red.ts';
import { Paho } from './peers/paho.ts';
import type { Place } from './peers/process.ts';
import { openRig } from './rig.ts';
import { bothOf, type Figures, rounded } from './stats.ts';

const warmUp = 20;
const tracedMessages = 50;
/** Of the agent's own alarm, give or take. */
const messageBytes = 850;

interface Setting {
  readonly candidates: ReadonlyMap<string, Candidate>;
  readonly broker: Broker;
}

interface Tools {
  /** By the name in the keys of results.json. */
  readonly makers: ReadonlyMap<string, (place: Place) => Candidate>;
  /** Versions of those that are here, reasons for those that are not. */
  readonly told: Figures;
}

export async function measurePeers(messages: number, kills: number): Promise<Figures> {
  const { makers, told } = await tools();
  const quiet = await among(makers, {}, ({ candidates }) => inTurns(candidates, messages));
  const killed = await among(makers, { BENCH_MARKS: 'now' }, ({ candidates, broker }) =>
    killAll(candidates, broker, kills),
  );
  return { peers_messages: messages, peers_kills: kills, ...told, ...quiet, ...killed };
}

async function tools(): Promise<Tools> {
  const [bridge, nodeRed, paho] = await Promise.allSettled([
    mosquittoHere(),
    installedNodeRed(),
    builtPaho(),
  ]);
  const makers = new Map<string, (place: Place) => Candidate>();
  const told: { [key: string]: string } = {};
  const look = <Program extends { file: string; version: string }>(
    name: string,
    found: PromiseSettledResult<Program>,
    make: (program: Program) => (place: Place) => Candidate,
  ) => {
    if (found.status === 'fulfilled') makers.set(name, make(found.value));
    else if (!(found.reason instanceof Missing)) throw found.reason;
    told[`peer_${name}_version`] = found.status === 'fulfilled' ? found.value.version : '';
    told[`peer_${name}_missing`] = found.status === 'fulfilled' ? '' : found.reason.message;
  };
  look('bridge', bridge, () => (place) => new Bridge(place));
  look(
    'node_red',
    nodeRed,
    ({ file }) =>
      (place) =>
        new NodeRed(file, place),
  );
  look(
    'paho',
    paho,
    ({ file }) =>
      (place) =>
        new Paho(file, place),
  );
  return { makers, told };
}

/** All of them running and connected while `work` is done. */
async function among(
  makers: Tools['makers'],
  env: NodeJS.ProcessEnv,
  work: (setting: Setting) => Promise<Figures>,
): Promise<Figures> {
  const marks = new Marks();
  // Sessions survive a restart of the city's broker, as a user would have it.
  const brokerLines = (dir: string) => ['persistence true', `persistence_location ${dir}/`];
  const rig = await openRig({ marks: marks.take, env, brokerLines });
  const city = new City(rig.plainPort);
  const candidates = new Map<string, Candidate>([['agent', new Agent(rig, marks, city)]]);
  const place = { dir: rig.dataDir, city, cityPort: rig.plainPort, bytes: messageBytes };
  const broker = {
    down: () => rig.broker.down(),
    async up() {
      await rig.broker.up();
      await city.connect();
      await rig.platform.connect();
    },
  };
  try {
    await city.connect();
    for (const [name, make] of makers) candidates.set(name, make(place));
    for (const candidate of candidates.values()) await candidate.start();
    for (const candidate of candidates.values()) await connected(candidate);
    return await work({ candidates, broker });
  } finally {
    for (const candidate of candidates.values()) await candidate.close();
    city.close();
    await rig.close();
  }
}

async function inTurns(candidates: Setting['candidates'], messages: number): Promise<Figures> {
  const all = [...candidates].map(([name, candidate]) => ({ name, candidate, ms: [] as number[] }));
  for (let n = 0; n < messages + warmUp; n++) {
    // Each has each place in the row as often.
    for (let m = 0; m < all.length; m++) {
      const one = all[(n + m) % all.length];
      if (!one) continue;
      await pause(20 + 40 * Math.random());
      const ms = await delivered(one.candidate);
      if (n >= warmUp) one.ms.push(ms);
    }
    if (n > warmUp && (n - warmUp) % 100 === 0)
      console.error(`bench: ${n - warmUp} of ${messages} messages each`);
  }
  const figures: Figures[] = [];
  for (const { name, candidate, ms } of all) {
    const rss = rssMb(candidate.pid);
    const calls = await fsyncs(candidate);
    figures.push(bothOf(`peer_${name}`, ms), {
      [`peer_${name}_rss_mb`]: rounded(rss, 1),
      [`peer_${name}_fsyncs_a_message`]: calls,
    });
  }
  return Object.assign({}, ...figures);
}

async function fsyncs(candidate: Candidate): Promise<number | string> {
  try {
    const calls = await fsyncsDuring(candidate.pid, async () => {
      for (let n = 0; n < tracedMessages; n++) await delivered(candidate);
    });
    return rounded(calls / tracedMessages, 1);
  } catch (error) {
    if (error instanceof Missing) return error.message;
    throw error;
  }
}

async function killAll(
  candidates: Setting['candidates'],
  broker: Broker,
  kills: number,
): Promise<Figures> {
  const figures: { [key: string]: number } = {};
  for (const [name, candidate] of candidates) {
    console.error(`bench: ${kills} SIGKILLs of ${name}`);
    const losses = await measureKills(candidate, broker, kills);
    figures[`peer_${name}_taken`] = losses.taken;
    figures[`peer_${name}_lost_up`] = losses.lostUp;
    figures[`peer_${name}_lost_down`] = losses.lostDown;
    figures[`peer_${name}_again`] = losses.again;
    figures[`peer_${name}_doubled`] = losses.doubled;
  }
  return figures;
}
