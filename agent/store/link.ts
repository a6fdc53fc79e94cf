// One incarnation of the worker: its thread, the two channels and the cells both sides share. A
// worker that has died is replaced by a new link.

import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { reasonOf } from './fault.ts';
import {
  cell,
  cells,
  type PageRequest,
  type PageResult,
  type Pruned,
  type PruneRequest,
  type RecordsRequest,
  type RecordsResult,
  type Request,
  type Result,
  type Sizes,
  type WorkerStart,
} from './protocol.ts';

const url = import.meta.url;
/** In the bundle both files lie side by side, too. */
const workerUrl = new URL(`./worker${url.endsWith('.ts') ? '.ts' : '.cjs'}`, url);

export interface LinkOptions {
  readonly file: string;
  readonly sizes: Sizes;
  readonly onPage: (result: PageResult | RecordsResult | Pruned) => void;
  /** Comes a turn of the event loop after `gone`. */
  readonly onExit: (link: Link, reason: string) => void;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * cells));
  readonly #sync = new MessageChannel();
  readonly #pages = new MessageChannel();
  #worker: Worker | null = null;
  #exited = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    const { file, sizes, onPage, onExit } = this.#options;
    const port: MessagePort = this.#sync.port2;
    const pages: MessagePort = this.#pages.port2;
    const workerData: WorkerStart = { port, pages, cells: this.#cells, file, sizes };
    // The daemon's own flags (heap size and the like) are its own.
    this.#worker = new Worker(workerUrl, { workerData, transferList: [port, pages] });
    let reason = 'the storage thread ended';
    this.#worker.on('error', (error) => {
      reason = `the storage thread failed: ${reasonOf(error)}`;
    });
    this.#worker.on('exit', () => {
      this.#exited = true;
      this.#pages.port1.close();
      onExit(this, reason);
    });
    this.#pages.port1.on('message', onPage);
    this.#pages.port1.unref();
  }

  /** The thread has ended or is ending. */
  get gone(): boolean {
    return Atomics.load(this.#cells, cell.gone) === 1 || this.#exited;
  }

  /** The thread has ended, and this loop has been told. */
  get exited(): boolean {
    return this.#exited;
  }

  get signal(): number {
    return Atomics.load(this.#cells, cell.signal);
  }

  post(request: Request): void {
    this.#sync.port1.postMessage(request);
  }

  ask(request: PageRequest | RecordsRequest | PruneRequest): void {
    this.#pages.port1.postMessage(request);
  }

  receive(): Result | null {
    const received: { message: Result } | undefined = receiveMessageOnPort(this.#sync.port1);
    return received?.message ?? null;
  }

  /** Blocks until the signal is no longer `seen`; false when `ms` have passed first. */
  wait(seen: number, ms: number): boolean {
    return Atomics.wait(this.#cells, cell.signal, seen, ms) !== 'timed-out';
  }

  /** Lets go of a thread that does not come back: it keeps the process from nothing but ending
   * by any way other than SIGKILL. */
  abandon(): void {
    this.#worker?.unref();
  }

  /** Ends the thread as a crash would: for tests. */
  async crash(): Promise<void> {
    await this.#worker?.terminate();
  }
}
