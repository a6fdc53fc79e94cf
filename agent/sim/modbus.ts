// Modbus RTU modules on a pair of pseudo terminals: digital inputs and outputs, and what goes wrong
// with modules and lines. Frames and CRC are its own, after the specification.

import { constants, openSync } from 'node:fs';
import tty from 'node:tty';
import { openPtyPair, type PtyPair } from './pty.ts';

const requestBytes = 8;

export interface SimModule {
  readonly inputs: boolean[];
  readonly outputs: boolean[];
  /** Powered off, or asked under another address. */
  silent: boolean;
  /** Every answer with a wrong CRC. */
  garbles: boolean;
}

export class SimModbus {
  readonly modules = new Map<number, SimModule>();
  /** Requests that were understood, in order: `unit:function`. */
  readonly asked: string[] = [];
  /** As an adapter on two wires that hears itself. */
  echoes = false;
  readonly #dir: string;
  #pair: PtyPair | null = null;
  #line: tty.ReadStream | null = null;
  #heard = Buffer.alloc(0);

  /** `dir`: where the ends of the cable are made. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  add(unit: number, inputs: number, outputs = 0): SimModule {
    const levels = (count: number) => Array.from({ length: count }, () => false);
    const module = {
      inputs: levels(inputs),
      outputs: levels(outputs),
      silent: false,
      garbles: false,
    };
    this.modules.set(unit, module);
    return module;
  }

  async plug(): Promise<string> {
    this.#pair = await openPtyPair(this.#dir, 'modbus');
    const fd = openSync(this.#pair.boxPath, constants.O_RDWR | constants.O_NOCTTY);
    const line = new tty.ReadStream(fd);
    line.on('data', (chunk: Buffer) => this.#take(line, chunk));
    line.on('error', () => line.destroy());
    this.#line = line;
    return this.#pair.agentPath;
  }

  async unplug(): Promise<void> {
    this.#line?.destroy();
    await this.#pair?.kill();
    this.#line = null;
    this.#pair = null;
  }

  #take(line: tty.ReadStream, chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]).subarray(-256);
    while (this.#heard.length >= requestBytes) {
      const request = this.#heard.subarray(0, requestBytes);
      if (crcOf(request.subarray(0, -2)) !== request.readUInt16LE(requestBytes - 2)) {
        this.#heard = this.#heard.subarray(1);
        continue;
      }
      this.#heard = this.#heard.subarray(requestBytes);
      if (this.echoes) line.write(request);
      this.#answer(line, request);
    }
  }

  #answer(line: tty.ReadStream, request: Buffer): void {
    const [unit = 0, func = 0] = request;
    const module = this.modules.get(unit);
    if (!module || module.silent) return;
    this.asked.push(`${unit}:${func}`);
    const body = answerOf(module, request);
    const crc = Buffer.alloc(2);
    crc.writeUInt16LE(crcOf(body) ^ (module.garbles ? 1 : 0));
    line.write(Buffer.concat([body, crc]));
  }
}

function answerOf(module: SimModule, request: Buffer): Buffer {
  const [unit = 0, func = 0] = request;
  const [address, value] = [request.readUInt16BE(2), request.readUInt16BE(4)];
  const refuse = (code: number) => Buffer.from([unit, func | 0x80, code]);
  if (func === 1 || func === 2) {
    const levels = func === 1 ? module.outputs : module.inputs;
    if (value === 0 || address + value > levels.length) return refuse(2);
    const bytes = Buffer.alloc(Math.ceil(value / 8));
    for (let n = 0; n < value; n++)
      if (levels[address + n]) bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (1 << (n & 7));
    return Buffer.concat([Buffer.from([unit, func, bytes.length]), bytes]);
  }
  if (func === 5) {
    if (address >= module.outputs.length) return refuse(2);
    module.outputs[address] = value === 0xff00;
    return request.subarray(0, 6);
  }
  return refuse(1);
}

/** CRC-16 of Modbus over serial line, V1.02, appendix B. */
function crcOf(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
