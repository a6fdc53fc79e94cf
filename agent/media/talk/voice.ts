// Whether somebody speaks: frames well above the room's own noise, most of a quarter of a second long.

import { silenceDb } from '../frames.ts';

const floorMinDb = -60;
const aboveFloorDb = 12;
/** The floor goes down at once and up so slowly that speech does not lift it: 6 dB a second. */
const riseDb = 0.06;
const spanFrames = 25;
const loudFrames = 10;
/** After the last loud frame: between two words one goes on speaking. */
const holdFrames = 40;

export class Voice {
  #floorDb = floorMinDb;
  #loud: boolean[] = [];
  #hold = 0;

  /** Takes the level of a frame; whether somebody speaks. */
  take(db: number): boolean {
    const isLoud = db > Math.max(floorMinDb, this.#floorDb) + aboveFloorDb;
    this.#floorDb = Math.max(silenceDb, Math.min(db, this.#floorDb + riseDb));
    this.#loud.push(isLoud);
    if (this.#loud.length > spanFrames) this.#loud.shift();
    const often = this.#loud.filter(Boolean).length >= loudFrames;
    this.#hold = often ? holdFrames : Math.max(0, this.#hold - 1);
    return this.#hold > 0;
  }
}
