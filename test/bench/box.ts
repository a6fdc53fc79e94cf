// The button box of the benchmark: says when the bytes of a press were written, and takes the time to
// answer that a line of 115200 baud takes (some 60 bytes each way); the rehearsal room's box answers at
// once and would compete for the processor with the press. No bounce, no broken frames.

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import tty from 'node:tty';
import { frameOf, LineCollector, readOutput } from '#agent/sim/box-frames.ts';
import { openPtyPair, type PtyPair } from '#agent/sim/pty.ts';

const answerMs = 10;
const heartbeatMs = 1000;
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export class BenchBox {
  readonly #pair: PtyPair;
  readonly #fd: number;
  readonly #line: tty.ReadStream;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #inputs: { contact: 'N' | 'P'; presses: number }[];
  readonly #bornMs = nowMs();
  #seq = 0;
  #applied = '-';
  #closed = false;

  private constructor(pair: PtyPair, inputs: number) {
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    this.#pair = pair;
    this.#inputs = Array.from({ length: inputs }, () => ({ contact: 'N', presses: 0 }));
    this.#fd = openSync(pair.boxPath, flags);
    this.#line = new tty.ReadStream(openSync(pair.boxPath, flags));
    const lines = new LineCollector();
    this.#line.on('data', (chunk: Buffer) => {
      for (const payload of lines.take(chunk)) this.#shown(payload);
    });
    // Begins anew with each frame.
    this.#heartbeat = setInterval(() => this.#tell(), heartbeatMs);
    this.#tell();
  }

  static async open(dir: string, name: string, inputs: number): Promise<BenchBox> {
    return new BenchBox(await openPtyPair(dir, name), inputs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#line.destroy();
    closeSync(this.#fd);
    await this.#pair.kill();
  }

  get path(): string {
    return this.#pair.agentPath;
  }

  /** CLOCK_MONOTONIC, milliseconds, right before the bytes were written. */
  press(number: number): number {
    const input = this.#inputs[number - 1];
    if (!input) throw new RangeError(`no input ${number}`);
    input.contact = 'P';
    input.presses += 1;
    return this.#tell();
  }

  release(number: number): void {
    const input = this.#inputs[number - 1];
    if (input) input.contact = 'N';
    this.#tell();
  }

  #tell(): number {
    const uptimeMs = Math.floor(nowMs() - this.#bornMs);
    const inputs = this.#inputs.map(({ contact, presses }, n) => `${n + 1}:${contact}:${presses}`);
    const frame = `S,1,BE7C,${this.#seq++ % 65_536},${uptimeMs},${this.#applied},${inputs.join(';')}`;
    const bytes = frameOf(frame);
    const beganMs = nowMs();
    writeSync(this.#fd, bytes);
    this.#heartbeat.refresh();
    return beganMs;
  }

  #shown(payload: string): void {
    const output = readOutput(payload);
    if (!output || `${output.seq}` === this.#applied) return;
    this.#applied = `${output.seq}`;
    setTimeout(() => {
      if (!this.#closed) this.#tell();
    }, answerMs);
  }
}
