// One press after another, by turns through the agent and through the floor, with the same pauses.
// A press of the agent is a fresh incident on a quiet terminal: the one before was received,
// resolved, dark again. Row: the commit has returned. PUBACK: the loop begins to step the fact
// `uplink.acked`, which is later than the packet by MQTT.js's parsing. Strobe: the dome has read
// the whole request.

import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { topicsOf } from '#agent/contract.ts';
import { until } from '#test/support/wait.ts';
import { BenchBox } from './box.ts';
import type { Mark } from './daemon.ts';
import { answerOf, endChild, type FloorOrder, forkHere } from './floor-child.ts';
import type { Heard } from './platform.ts';
import { inputs, openRig, type Rig, type Strobe } from './rig.ts';
import { compared, type Figures } from './stats.ts';

const warmUp = 20;
const withinMs = 10_000;
/** Between two presses, the agent's or the floor's. */
const rest = () => pause(20 + 40 * Math.random());
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Milliseconds since the bytes were written to the pty. */
interface Times {
  readonly step: number;
  readonly row: number;
  readonly puback: number;
  readonly strobe: number;
}

/** What has been heard since the last press, from whoever tells it. */
class Ear {
  marks: Mark[] = [];
  strobes: Strobe[] = [];
  alarms: Heard[] = [];
  payload = '';

  clear(): void {
    this.marks = [];
    this.strobes = [];
    this.alarms = [];
  }

  stepped(kind: string, afterMs = 0): (Mark & { at: 'stepped' }) | undefined {
    return this.marks.find(
      (mark) => mark.at === 'stepped' && mark.kind === kind && mark.monoMs >= afterMs,
    ) as (Mark & { at: 'stepped' }) | undefined;
  }

  committed(id: string): Mark | undefined {
    return this.marks.find((mark) => mark.at === 'committed' && mark.ids.includes(id));
  }

  strobe(on: boolean, port: number | null): Strobe | undefined {
    return this.strobes.find((one) => one.on === on && (port === null || one.port === port));
  }
}

export async function measurePress(presses: number): Promise<Figures> {
  const ear = new Ear();
  const rig = await openRig({
    marks: (mark) => ear.marks.push(mark),
    strobe: (request) => ear.strobes.push(request),
    alarm: (message, payload) => {
      ear.alarms.push(message);
      if (message.kind === 'alarm.raised') ear.payload = payload.toString('latin1');
    },
  });
  try {
    await rig.daemon.start();
    await rig.daemon.settled(30_000);
    // The dome has been found: its first requests are answered.
    await pause(1000);
    await pressAgent(rig, ear, 1);
    const floor = await Floor.open(rig, ear);
    try {
      return await alternate(rig, ear, floor, presses);
    } finally {
      await floor.close();
    }
  } finally {
    await rig.close();
  }
}

async function alternate(rig: Rig, ear: Ear, floor: Floor, presses: number): Promise<Figures> {
  const [agent, bare]: [Times[], Times[]] = [[], []];
  for (let n = 0; n < presses + warmUp; n++) {
    await rest();
    const own = await pressAgent(rig, ear, 1 + (n % inputs));
    await rest();
    const base = await floor.press(ear);
    if (n < warmUp) continue;
    agent.push(own);
    bare.push(base);
    if (agent.length % 100 === 0) console.error(`bench: ${agent.length} of ${presses} presses`);
  }
  const pair = (name: 'step' | 'row' | 'puback' | 'strobe', floorName: string) =>
    compared(`press_to_${name}`, floorName, of(agent, name), of(bare, name));
  return {
    press_count: agent.length,
    ...pair('step', 'read'),
    ...pair('row', 'row'),
    ...pair('puback', 'puback'),
    ...pair('strobe', 'strobe'),
  };
}

const of = (all: readonly Times[], name: keyof Times): number[] => all.map((one) => one[name]);

async function pressAgent({ box, platform }: Rig, ear: Ear, button: number): Promise<Times> {
  ear.clear();
  const began = box.press(button);
  const heard = <T>(what: string, look: () => T) => until(look, { withinMs, what });
  const raised = await heard('the alarm', () => ear.alarms.find((m) => m.kind === 'alarm.raised'));
  const row = await heard('the row', () => ear.committed(raised.id));
  const edge = await heard('the edge', () => ear.stepped('input.changed'));
  const acked = await heard('the PUBACK', () => ear.stepped('uplink.acked', row.atMs));
  const strobe = await heard('the strobe', () => ear.strobe(true, null));
  const received = await heard('the receipt', () => ear.stepped('uplink.received', row.atMs));
  platform.command('resolve', {
    ...{ v: 1, id: randomUUID(), bootId, issuedMs: Date.now(), lifetimeMs: 30_000 },
    ...{ incident: raised.id, reason: 'bench' },
  });
  await heard('the end', () => ear.stepped('uplink.received', received.atMs));
  await heard('the dark', () => ear.strobe(false, null));
  box.release(button);
  const since = (ms: number) => ms - began;
  return {
    step: since(edge.monoMs),
    row: since(row.atMs),
    puback: since(acked.monoMs),
    strobe: since(strobe.atMs),
  };
}

/** The other side of each comparison; has a box and a pty pair of its own. */
class Floor {
  readonly #child: ChildProcess;
  readonly #box: BenchBox;
  readonly #port: number;

  private constructor(child: ChildProcess, box: BenchBox, port: number) {
    this.#child = child;
    this.#box = box;
    this.#port = port;
  }

  static async open(rig: Rig, ear: Ear): Promise<Floor> {
    const child = forkHere('floor.ts');
    const box = await BenchBox.open(rig.dir, 'floor', 1);
    const order: FloorOrder = {
      kind: 'press',
      pty: box.path,
      file: join(rig.dataDir, 'floor'),
      mqttPort: rig.broker.port,
      domePort: rig.domePort,
      topic: topicsOf('floor').alarm,
      payload: ear.payload,
      post: ear.strobe(true, null)?.bytes ?? '',
    };
    const ready = answerOf(child, 'ready');
    child.send(order);
    return new Floor(child, box, (await ready).port);
  }

  async press(ear: Ear): Promise<Times> {
    ear.clear();
    const pressed = answerOf(this.#child, 'pressed');
    const began = this.#box.press(1);
    const { readMs, rowMs, pubackMs } = await pressed;
    const lit = () => ear.strobe(true, this.#port);
    const strobe = await until(lit, { withinMs, what: 'the request of the floor' });
    this.#box.release(1);
    const since = (ms: number) => ms - began;
    return {
      step: since(readMs),
      row: since(rowMs),
      puback: since(pubackMs),
      strobe: since(strobe.atMs),
    };
  }

  async close(): Promise<void> {
    await endChild(this.#child);
    await this.#box.close();
  }
}
