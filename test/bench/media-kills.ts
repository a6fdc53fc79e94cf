// Does the alarm notice that a media process dies? Two terminals, each in a call and with the dome's
// picture, press by turns, a few presses at a time: one while its talk or its live process has just been
// killed and comes back, the other while all is well with both.

import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { startRoom } from '#agent/sim/sound/room.ts';
import { until } from '#test/support/wait.ts';
import { Caller } from './caller.ts';
import { Ear, press, readied, rest } from './presser.ts';
import { inputs, openRig, type Rig } from './rig.ts';
import { besides, bothOf, type Figures } from './stats.ts';

type Place = 'talk' | 'live';
/** A process that has lived for so long is replaced at once (agent/system/supervisor.ts), ms. */
const wellMs = 11_000;
const aKill = 5;
/** The first press comes so long before the kill at most, or after it, ms. */
const aroundMs = { before: 5, after: 30 };
/** Of the unit. Its talk and live come back to 0. */
const daemonNice = -10;
/** Or mosquitto holds a PUBACK for 40 ms behind whatever else it has just told the terminal. */
const brokerLines = () => ['set_tcp_nodelay true'];
const wait = { withinMs: 120_000 };
const rounds = { warmUp: 2 };

export async function measureMediaKills(presses: number): Promise<Figures> {
  const killed = new Side();
  const calm = new Side();
  const seen: { readonly killed: number[]; readonly calm: number[] } = { killed: [], calm: [] };
  let kills = 0;
  prefer(daemonNice);
  try {
    await killed.open();
    await calm.open();
    for (let round = 0; seen.killed.length < presses; round++) {
      const place: Place = round % 2 === 0 ? 'talk' : 'live';
      await killed.well(place);
      await calm.well(place);
      const dying = await killed.presses(() => killed.kill(place));
      await killed.well(null);
      const living = await calm.presses(null);
      if (round < rounds.warmUp) continue;
      kills += 1;
      seen.killed.push(...dying);
      seen.calm.push(...living);
      if (kills % 10 === 0) console.error(`bench: ${seen.killed.length} of ${presses} presses`);
    }
  } finally {
    await killed.close();
    await calm.close();
    prefer(0);
  }
  return {
    media_kills: kills,
    media_kills_presses: seen.killed.length,
    ...bothOf('media_calm_press_to_puback', seen.calm),
    ...besides('media_kills_press_to_puback', seen.killed, seen.calm),
  };
}

/** For all that is started here: the daemons as by the unit; broker, platform and caller, because they are
 * not on the terminal's machine and do not wait for its talk and live to start. Needs root. */
function prefer(nice: number): void {
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), nice);
}

/** A terminal in a call. */
class Side {
  readonly #ear = new Ear();
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #since = new Map<number, number>();
  #parts: { readonly rig: Rig; readonly caller: Caller } | null = null;
  #n = 0;

  async open(): Promise<void> {
    const gateRoom = await startRoom();
    this.#closing.push(() => gateRoom.close());
    const { speaker, microphone, env } = gateRoom;
    const sound = { speaker, microphone };
    const rig = await openRig({ ...this.#ear.setup, env, sound, brokerLines });
    this.#closing.push(() => rig.close());
    await readied(rig, this.#ear);
    const caller = new Caller(rig);
    this.#closing.push(() => caller.close());
    await caller.open();
    this.#parts = { rig, caller };
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  /** In the call, both processes there; the one that is to be killed for long enough. */
  async well(place: Place | null): Promise<void> {
    const { rig, caller } = this.#open;
    const there = (one: Place) => this.#ageMs(rig, one) >= (one === place ? wellMs : 0);
    const isWell = () => there('talk') && there('live') && caller.isConnected;
    await until(isWell, { ...wait, what: 'the call and both media processes' });
  }

  kill(place: Place): void {
    const pid = pidOf(this.#open.rig, place);
    if (pid === null) throw new Error(`no ${place} process`);
    process.kill(pid, 'SIGKILL');
  }

  /** Milliseconds from press to PUBACK. `disturb` is called around the first. */
  async presses(disturb: (() => void) | null): Promise<number[]> {
    const { rig } = this.#open;
    const seen: number[] = [];
    const shiftMs = Math.random() * (aroundMs.before + aroundMs.after) - aroundMs.before;
    for (let n = 0; n < aKill; n++) {
      await rest();
      const disturbed = n === 0 && disturb ? later(disturb, Math.max(0, -shiftMs)) : null;
      if (n === 0 && shiftMs > 0) await pause(shiftMs);
      const { puback } = await press(rig, this.#ear, 1 + (this.#n++ % inputs));
      await disturbed;
      seen.push(puback);
    }
    return seen;
  }

  get #open() {
    if (!this.#parts) throw new Error('not open');
    return this.#parts;
  }

  /** -1: it is not there. */
  #ageMs(rig: Rig, place: Place): number {
    const pid = pidOf(rig, place);
    if (pid === null) return -1;
    const nowMs = performance.now();
    const sinceMs = this.#since.get(pid) ?? nowMs;
    this.#since.set(pid, sinceMs);
    return nowMs - sinceMs;
  }
}

async function later(call: () => void, delayMs: number): Promise<void> {
  if (delayMs > 0) await pause(delayMs);
  call();
}

/** Of one of the daemon's media processes; null between two lives. */
function pidOf({ daemon: { pid } }: Rig, place: Place): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.map(Number).find((child) => commandOf(child).includes(`${place}.cjs`)) ?? null;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    // Ended meanwhile.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
