// Focus and day/night filter of the simulated dome.

import { monotonicMs } from './actuators.ts';
import { Motion } from './motion.ts';

export const irCutFilters = ['ON', 'OFF', 'AUTO'] as const;
export type IrCutFilter = (typeof irCutFilters)[number];

export class Imaging {
  /** ON by day, OFF by night. */
  irCutFilter: IrCutFilter = 'AUTO';
  autoFocus = true;
  /** Its zoom axis is the focus: 0 near, 1 far. */
  readonly #motor: Motion;

  constructor(now: () => number = monotonicMs) {
    this.#motor = new Motion({ now, zoomPerSecond: 0.5 });
  }

  get focus(): number {
    return this.#motor.position.zoom;
  }

  get focusing(): boolean {
    return this.#motor.stillSinceMs === null;
  }

  /** Share of full speed, negative towards near; until it is stopped or at its end. */
  runFocus(speed: number): void {
    this.autoFocus = false;
    this.#motor.continuous({ zoom: speed }, Number.POSITIVE_INFINITY);
  }

  moveFocus(to: number, speed?: number): void {
    this.autoFocus = false;
    this.#motor.absolute({ zoom: to }, speed === undefined ? {} : { zoom: speed });
  }

  stopFocus(): void {
    this.#motor.stop();
  }
}
