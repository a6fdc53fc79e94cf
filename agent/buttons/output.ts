// What the box's lamp and buzzer should show, and whether the box shows it: numbers each change,
// repeats it, and waits for the box to name the number in its state frames.

import { randomInt } from 'node:crypto';
import { encodeOutput, type Output } from './frame.ts';

/** The box falls back to its own sign after 6 s without one. */
export const outputEveryMs = 2000;
export const echoWithinMs = 3000;
/** A frame from the box that does not show the newest output asks for it again, but not sooner. */
const resendAfterMs = 250;

export interface OutputPort {
  /** False where it cannot go out now. */
  write(bytes: Buffer): boolean;
  nowMs(): number;
}

export class OutputKeeper {
  readonly #port: OutputPort;
  #output: Output | null = null;
  #writtenSeq: number | null = null;
  #writtenMs = Number.NEGATIVE_INFINITY;
  /** Infinity while the box shows what it should. */
  #missingSinceMs = Number.POSITIVE_INFINITY;

  constructor(port: OutputPort) {
    this.#port = port;
  }

  /** A new number only where something changed, so that showing the same again does nothing. */
  show(lamp: string, buzzer: string): void {
    const before = this.#output;
    if (before?.lamp === lamp && before.buzzer === buzzer) return;
    // Begins anywhere: after a restart of the daemon the box must see a number it has not applied.
    const seq = before ? (before.seq + 1) % 0x10000 : randomInt(0x10000);
    this.#output = { seq, lamp, buzzer };
    this.connected();
  }

  /** The line is new: all is sent, and the box gets its time to answer. */
  connected(): void {
    if (!this.#output) return;
    this.#missingSinceMs = this.#port.nowMs();
    this.#send();
  }

  /** The last write has left; what changed meanwhile goes now. */
  written(): void {
    if (this.#writtenSeq !== this.#output?.seq) this.#send();
  }

  repeat(): void {
    if (this.#port.nowMs() - this.#writtenMs >= outputEveryMs) this.#send();
  }

  /** Takes the number that the box says it shows. True where that is the newest. */
  echoed(applied: number | null): boolean {
    if (!this.#output) return false;
    const nowMs = this.#port.nowMs();
    if (applied === this.#output.seq) {
      this.#missingSinceMs = Number.POSITIVE_INFINITY;
      return true;
    }
    this.#missingSinceMs = Math.min(this.#missingSinceMs, nowMs);
    if (nowMs - this.#writtenMs >= resendAfterMs) this.#send();
    return false;
  }

  /** The box has had its time and does not show what it should. */
  get isLate(): boolean {
    return this.#port.nowMs() - this.#missingSinceMs >= echoWithinMs;
  }

  #send(): void {
    if (!this.#output || !this.#port.write(encodeOutput(this.#output))) return;
    this.#writtenSeq = this.#output.seq;
    this.#writtenMs = this.#port.nowMs();
  }
}
