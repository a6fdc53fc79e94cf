// A room in which an installation is accepted: sound in software, a dome with a range, somebody before it who
// presses, and a service manager that brings the daemon back.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askControl } from '#agent/control.ts';
import type { Person } from '#agent/install/accept/context.ts';
import { type AcceptanceParts, type Accepted, accept } from '#agent/install/accept/run.ts';
import { systemClock } from '#agent/system/clock.ts';
import { House } from '#test/e2e/support/house.ts';

export const shortTimes = {
  ...{ cutS: 3, pullS: 6, restartCutS: 15, handMs: 30_000, arriveMs: 60_000 },
} as const;

const lookEveryMs = 50;

export class AcceptRoom {
  readonly house: House;
  readonly said: string[] = [];
  readonly clock = systemClock();
  #isOpen = true;
  #keeping: Promise<void> = Promise.resolve();

  private constructor(house: House) {
    this.house = house;
  }

  static async open(): Promise<AcceptRoom> {
    const house = await House.open({
      buttons: 2,
      room: async () => ({ media: { sound: 'simulated' } }),
    });
    await withRange(house.dir);
    await house.start(200_000);
    const room = new AcceptRoom(house);
    room.#keeping = room.#keep();
    await house.until('the dome’s streams', async () => {
      const status = await house.room.status();
      return status?.online && !status.faults.some(({ fault }) => fault.startsWith('dome.'));
    });
    return room;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#keeping;
    await this.house.close();
  }

  /** Somebody who does what he is told, and says what he sees. */
  get person(): Person {
    const { box, dome } = this.house.room;
    const from = dome.actuators.history.length;
    return {
      tell: ([, words]) => {
        this.said.push(words);
        const [, button] = /Press and release the button: 按钮 (\d)/.exec(words) ?? [];
        if (button) void box.tap(Number(button));
        if (words.startsWith('Pull')) void dome.down();
        if (words.startsWith('Plug')) void dome.up();
      },
      ask: async ([, words]) => {
        this.said.push(words);
        const heard = dome.actuators.history.slice(from).some(({ what }) => what === 'siren');
        return words.includes('siren') ? heard : true;
      },
    };
  }

  accept(change: Partial<AcceptanceParts> = {}): Promise<Accepted> {
    const { clock, house } = this;
    return accept({
      ask: (verb, args = {}) =>
        askControl({ path: house.room.socket, verb, args, timeoutMs: 15_000, clock }),
      ...{ clock, user: '陈师傅', person: null, times: shortTimes, waived: new Map() },
      out: (text) => void this.said.push(text),
      wallMs: () => Math.round(clock.now().wallMs),
      ...change,
    });
  }

  /** As systemd does it. */
  async #keep(): Promise<void> {
    const { daemon } = this.house.room;
    while (this.#isOpen) {
      if (!daemon.running) daemon.start();
      await new Promise<void>((next) => void this.clock.after(lookEveryMs, next));
    }
  }
}

/** The rehearsal's dome may look at the gate alone. */
async function withRange(dir: string): Promise<void> {
  const file = join(dir, 'gate-agent.yaml');
  const config = JSON.parse(await readFile(file, 'utf8'));
  const profile = await readFile(config.dome.profile, 'utf8');
  const own = join(dir, 'dome.yaml');
  await writeFile(own, `${profile}range:\n  pan: [-0.5, 0.5]\n  tilt: [-0.6, 0.6]\n`);
  await writeFile(file, JSON.stringify({ ...config, dome: { ...config.dome, profile: own } }));
}
