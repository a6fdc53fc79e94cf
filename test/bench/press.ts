// One press after another, by turns through the agent and through the floor, with the same pauses.

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { topicsOf } from '#agent/contract.ts';
import { until } from '#test/support/wait.ts';
import { BenchBox } from './box.ts';
import { answerOf, endChild, type FloorOrder, forkHere } from './floor-child.ts';
import { Ear, inTurns, of, press, readied, type Times } from './presser.ts';
import { inputs, openRig, type Rig } from './rig.ts';
import { compared, type Figures } from './stats.ts';

const withinMs = 10_000;

export async function measurePress(presses: number): Promise<Figures> {
  const ear = new Ear();
  const rig = await openRig(ear.setup);
  try {
    await readied(rig, ear);
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
  const { agent, bare } = await inTurns(
    { agent: (n) => press(rig, ear, 1 + (n % inputs)), bare: () => floor.press(ear) },
    presses,
  );
  const pair = (name: keyof Times, floorName: string) =>
    compared(`press_to_${name}`, floorName, of(agent, name), of(bare, name));
  return {
    press_count: agent.length,
    ...pair('step', 'read'),
    ...pair('row', 'row'),
    ...pair('puback', 'puback'),
    ...pair('strobe', 'strobe'),
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
