// One serial port that comes and goes: opened when its path is there, noticed at once when it is
// pulled, opened anew by a fresh SerialPort. Never SerialPort.list(): without udevadm it kills the
// process. Says up, down and why; knows nothing of frames.

import { stat } from 'node:fs';
import type { SerialPort } from 'serialport';
import { loadNative, type Native } from '../gpio/native.ts';
import type { Clock } from '../ports.ts';

export const presencePollMs = 500;
const retryMaxMs = 5000;

export interface LinkListener {
  up(): void;
  /** `detail`: what, why, what to do. Told again with each new reason while down. */
  down(detail: string): void;
  data(chunk: Buffer): void;
  /** What was written last has left. */
  written(): void;
}

export interface LinkSetup {
  readonly path: string;
  readonly baud: number;
  readonly parity?: 'none' | 'even' | 'odd';
  readonly clock: Clock;
  /** What hangs on it, for the advice to people. */
  readonly device: string;
}

/** TIOCMGET, and its bits (asm-generic/termios.h). */
const modemRequest = 0x5415;
const modemBits = { cts: 0x020, dcd: 0x040, ri: 0x080, dsr: 0x100 } as const;

export const modemLines = ['cts', 'dsr', 'dcd', 'ri'] as const;
export type ModemLine = (typeof modemLines)[number];
export type ModemLevels = { readonly [L in ModemLine]: boolean };

export const modemLevelsOf = (bits: number): ModemLevels => ({
  cts: (bits & modemBits.cts) !== 0,
  dsr: (bits & modemBits.dsr) !== 0,
  dcd: (bits & modemBits.dcd) !== 0,
  ri: (bits & modemBits.ri) !== 0,
});

/** The library: native, so it may be missing, and then costs the serial lines alone. */
export const loadSerial = () => import('serialport');

type Constructor = new (options: ConstructorParameters<typeof SerialPort>[0]) => SerialPort;

export class SerialLink {
  readonly #setup: LinkSetup;
  readonly #listener: LinkListener;
  #make: Constructor | null = null;
  #port: SerialPort | null = null;
  #native: Native | null = null;
  #closing = false;
  #attemptDone: (() => void) | null = null;
  #failures = 0;
  #retryAtMs = 0;
  #device = '';
  #cancelPoll: (() => void) | null = null;
  #writeErrors = 0;

  constructor(setup: LinkSetup, listener: LinkListener) {
    this.#setup = setup;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#port?.isOpen ?? false;
  }

  get writeErrors(): number {
    return this.#writeErrors;
  }

  /** Resolves after the first attempt, whether or not it led to a port. Never rejects. */
  async open(): Promise<void> {
    this.#closing = false;
    try {
      this.#make = (await loadSerial()).SerialPort;
    } catch (error) {
      return this.#listener.down(
        `serial ports cannot be used: ${messageOf(error)}. Install the terminal again`,
      );
    }
    await new Promise<void>((done) => this.#poll(done));
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelPoll?.();
    this.#cancelPoll = null;
    const port = this.#port;
    this.#port = null;
    if (!port) return;
    if (port.opening) await new Promise<void>((done) => (this.#attemptDone = done));
    if (port.isOpen) await new Promise<void>((done) => port.close(() => done()));
  }

  /** False where it cannot go out now: the port is closed, or still busy with the last write (a far
   * end that stopped reading never lets it return, and nothing may pile up behind it). */
  write(bytes: Buffer): boolean {
    const port = this.#port;
    if (!port?.isOpen || port.writableLength > 0) return false;
    port.write(bytes, (error) => {
      if (error) this.#writeErrors++;
      else if (port === this.#port) this.#listener.written();
    });
    return true;
  }

  /** Holds up RTS and DTR: they feed the contacts on the other lines. */
  feed(done: (error: Error | null) => void): void {
    this.#port?.set({ rts: true, dtr: true }, done);
  }

  /** Levels of the modem-control lines; true: up. The library tells no RI, so the kernel is asked: in a
   * thread, for an adapter asks in turn across USB. Never calls back where the port is gone. */
  modemLines(done: (error: Error | null, levels: ModemLevels) => void): void {
    const port = this.#port;
    const fd = port?.port && 'fd' in port.port ? port.port.fd : null;
    if (fd === null) return;
    const bits = Buffer.alloc(4);
    const answer = (error: Error | null) => {
      if (port === this.#port) done(error, modemLevelsOf(bits.readUInt32LE(0)));
    };
    try {
      this.#native ??= loadNative();
    } catch (error) {
      return answer(new Error(messageOf(error), { cause: error }));
    }
    const { ioctlLater } = this.#native;
    ioctlLater(fd, modemRequest, bits, (code) => answer(code === null ? null : new Error(code)));
  }

  #poll(done: () => void): void {
    const { path, clock } = this.#setup;
    this.#cancelPoll = clock.after(presencePollMs, () => this.#poll(() => undefined));
    stat(path, (error, found) => {
      if (this.#closing) return done();
      if (error) {
        this.#gone(messageOf(error));
        return done();
      }
      const device = `${found.rdev}:${found.ino}`;
      if (this.#port && device !== this.#device) this.#gone('another device has taken its path');
      if (this.#port || clock.now().monoMs < this.#retryAtMs) return done();
      this.#device = device;
      this.#attempt(done);
    });
  }

  #gone(reason: string): void {
    this.#failures = 0;
    this.#retryAtMs = 0;
    const port = this.#port;
    if (port?.opening) return;
    if (port?.isOpen) port.close();
    this.#lost(port, reason);
  }

  #attempt(done: () => void): void {
    const { path, baud, parity = 'none' } = this.#setup;
    if (!this.#make) return done();
    // Without hupcl the line's DTR stays up after a close, so that a restart of the daemon does not
    // reset boards that take DTR for a reset (Arduino) and with it their press counts.
    const options = { path, baudRate: baud, parity, autoOpen: false, hupcl: false };
    const port = new this.#make(options);
    this.#port = port;
    port.on('data', (chunk: Buffer) => {
      if (port === this.#port) this.#listener.data(chunk);
    });
    port.on('error', (error) => this.#lost(port, error.message));
    port.on('close', (error: Error | null) => this.#lost(port, error?.message ?? 'closed'));
    port.open((error) => {
      this.#attemptDone?.();
      this.#attemptDone = null;
      if (error) this.#lost(port, error.message);
      else if (port === this.#port) {
        this.#failures = 0;
        this.#listener.up();
      }
      done();
    });
  }

  /** `port`: the one that was lost; null where there was none to lose. */
  #lost(port: SerialPort | null, reason: string): void {
    if (port !== this.#port || this.#closing) return;
    this.#port = null;
    if (port) {
      const delayMs = Math.min(presencePollMs * 2 ** this.#failures, retryMaxMs);
      this.#failures = Math.min(this.#failures + 1, 10);
      this.#retryAtMs = this.#setup.clock.now().monoMs + delayMs;
    }
    this.#listener.down(`${this.#setup.path}: ${reason}. ${adviceFor(reason, this.#setup.device)}`);
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function adviceFor(reason: string, device: string): string {
  if (/permission denied/i.test(reason))
    return 'Put the user of the service into the group that owns the port (dialout)';
  if (/lock|busy|temporarily unavailable/i.test(reason))
    return 'Another program holds the port: end it';
  return `Plug the ${device} in; check the cable and the path in the configuration`;
}
