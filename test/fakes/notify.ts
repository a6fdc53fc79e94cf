// A service manager that writes down what it is told.

import type { Notify } from '#agent/ports.ts';

export class FakeNotify implements Notify {
  readonly watchdogMs: number | null;
  readonly told: string[] = [];
  #status = '';
  #isOpen = false;

  constructor(watchdogMs: number | null = 30_000) {
    this.watchdogMs = watchdogMs;
  }

  get feeds(): number {
    return this.told.filter((text) => text === 'WATCHDOG=1').length;
  }

  open(): void {
    this.#isOpen = true;
  }

  ready(): void {
    this.#tell('READY=1');
  }

  status(line: string): void {
    if (line === this.#status) return;
    this.#status = line;
    this.#tell(`STATUS=${line}`);
  }

  feed(): void {
    this.#tell('WATCHDOG=1');
  }

  stopping(): void {
    this.#tell('STOPPING=1');
  }

  close(): Promise<void> {
    this.#isOpen = false;
    return Promise.resolve();
  }

  #tell(text: string): void {
    if (this.#isOpen) this.told.push(text);
  }
}
