// One track on its way to one client: sequence, time and source of its packets, and the sender's reports.

import { randomInt } from 'node:crypto';
import { monotonicMs } from '../actuators.ts';
import type { Outlet } from './outlet.ts';
import { goodbye, writeReport, writeRtp } from './packets.ts';

export interface MediaClock {
  /** The dome's own wall clock, Unix ms. */
  readonly wallMs: () => number;
  /** Added to every media time, and changed by faults. */
  readonly skewMs: () => number;
}

export class Sender {
  readonly ssrc = randomInt(1, 2 ** 32 - 1);
  readonly #outlet: Outlet;
  readonly #type: number;
  readonly #rate: number;
  readonly #clock: MediaClock;
  readonly #offset = randomInt(2 ** 32 - 1);
  #sequence = randomInt(2 ** 16);
  #packets = 0;
  #bytes = 0;

  constructor(
    outlet: Outlet,
    track: { readonly type: number; readonly rate: number },
    clock: MediaClock,
  ) {
    this.#outlet = outlet;
    this.#type = track.type;
    this.#rate = track.rate;
    this.#clock = clock;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** RTP time of a moment of CLOCK_MONOTONIC. */
  timeOf(atMs: number): number {
    const ticks = Math.round(((atMs + this.#clock.skewMs()) * this.#rate) / 1000);
    return (this.#offset + ticks) % 2 ** 32;
  }

  /** The payloads of one moment; the marker comes with the last. */
  send(payloads: readonly Buffer[], atMs: number, marked: boolean): void {
    if (this.#packets === 0) this.report();
    payloads.forEach((payload, n) => {
      const head = {
        type: this.#type,
        marker: marked && n === payloads.length - 1,
        sequence: this.#sequence,
        time: this.timeOf(atMs),
        ssrc: this.ssrc,
      };
      this.#outlet.rtp(writeRtp(head, payload));
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#packets++;
      this.#bytes += payload.length;
    });
  }

  report(): void {
    this.#outlet.rtcp(
      writeReport({
        ssrc: this.ssrc,
        wallMs: this.#clock.wallMs(),
        time: this.timeOf(monotonicMs()),
        packets: this.#packets,
        bytes: this.#bytes,
      }),
    );
  }

  goodbye(): void {
    this.#outlet.rtcp(goodbye(this.ssrc));
  }
}
