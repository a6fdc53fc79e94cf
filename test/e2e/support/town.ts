// Several rehearsal rooms around one broker and one platform: a terminal, a box, a dome each, and the
// dispatchers' console in front of all of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Platform } from '#agent/sim/platform.ts';
import { Room } from '#agent/sim/room.ts';
import { until } from '#test/support/wait.ts';
import { DeskRig } from './desk-rig.ts';
import { button, launcher } from './house.ts';

const startMs = 240_000;
/** Drawn and encoded on the machine that runs all the rest. */
const small = { width: 320, height: 180 };

export interface TownSetup {
  readonly rooms: number;
  /** So many of them have a gate room that can be heard. */
  readonly withSound: number;
  /** The domes' streams are kept open while nobody watches; default: no. */
  readonly warm?: boolean;
  /** Fields of console.json. */
  readonly console: object;
}

export class Town {
  readonly rig: DeskRig;
  readonly platform: Platform;
  readonly rooms: Room[] = [];
  readonly #dir: string;

  private constructor(rig: DeskRig, platform: Platform, dir: string) {
    this.rig = rig;
    this.platform = platform;
    this.#dir = dir;
  }

  /** All daemons are online when this resolves. */
  static async open({ rooms, withSound, warm = false, console: also }: TownSetup): Promise<Town> {
    const rig = await DeskRig.open(also);
    const dir = await mkdtemp(join(tmpdir(), 'gate-town-'));
    const file = join(dir, 'platform.jsonl');
    const platform = new Platform({ broker: rig.broker.url, file });
    await platform.open();
    const town = new Town(rig, platform, dir);
    try {
      for (let n = 0; n < rooms; n++) await town.#add(n, n < withSound, warm);
      for (const room of town.rooms) room.daemon.start();
      const isOnline = async (room: Room) => (await room.status())?.online === true;
      for (const room of town.rooms)
        await until(() => isOnline(room), { withinMs: startMs, what: 'a daemon to be online' });
    } catch (error) {
      await town.close();
      throw error;
    }
    return town;
  }

  async close(): Promise<void> {
    await Promise.all(this.rooms.map((room) => room.close()));
    await this.platform.close();
    await this.rig.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #add(n: number, withSound: boolean, warm: boolean): Promise<void> {
    const { url } = this.rig.broker;
    const nothing = () => Promise.resolve();
    const room = await Room.open({
      ...{ dir: join(this.#dir, `room-${n}`), command: [launcher], platform: this.platform },
      terminal: {
        ...{ id: `town-${n}`, school: `第${n + 1}小学` },
        jurisdiction: n % 2 ? '翠苑派出所' : '文新派出所',
      },
      inputs: [button(1), button(2)],
      broker: { url, running: true, start: nothing, stop: nothing },
      dome: { video: { main: small, sub: small } },
      media: { sound: withSound ? 'simulated' : 'cards', warm },
    });
    this.rooms.push(room);
  }
}
