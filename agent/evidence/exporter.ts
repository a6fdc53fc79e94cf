// Makes bundles of cases, one at a time, in a thread that is started for it. Told as a whole what is wanted,
// like every driver. It goes half as fast as the disk lets it, and stands still while an alarm is on its way.

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Export } from '../core/export.ts';
import type { ExportTarget } from '../core/target.ts';
import type { Clock, Exporter, Sink } from '../ports.ts';
import { masterOf } from '../sealed/format.ts';
import { KeptFile } from '../sealed/kept-file.ts';
import type { KnownKey } from '../store/known-keys.ts';
import type { Records } from '../store/protocol.ts';
import type { Made, Order } from './bundle.ts';
import { segmentLimits } from './segment.ts';
import type { Ask, Said, Start, Told } from './wire.ts';

/** Records and key: the store's. */
export interface Archive {
  records(before: number | null, limit: number): Promise<Records>;
  /** By the evidence key, base64. */
  sign(text: string): string;
  readonly evidence: KnownKey;
}

export interface ExporterOptions
  extends Pick<Order, 'dir' | 'capMb' | 'reserveMb' | 'terminal' | 'inputs' | 'masterKey'> {
  readonly clock: Clock;
  readonly archive: Archive;
  /** Where the store keeps the public halves of its keys. */
  readonly dataDir: string;
}

/** How an export stands, for whoever asked on the control socket. */
export type Standing =
  | { readonly state: 'waiting' | 'making' }
  | ({ readonly state: 'made'; readonly file: string } & Made)
  | { readonly state: 'failed'; readonly detail: string };

const url = import.meta.url;
/** In the bundle both files lie side by side. */
const threadUrl = new URL(url.endsWith('.ts') ? './thread.ts' : './export.cjs', url);
const memory = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const rests = { leastMs: 2, mostMs: 1_000, pausedMs: 100, pageMs: 2 } as const;
const standingsKept = 16;

interface Job {
  readonly wanted: Export;
  readonly thread: Worker;
}

export class BundleExporter implements Exporter {
  readonly #options: ExporterOptions;
  readonly #standings = new Map<string, Standing>();
  #sink: Sink | null = null;
  #target: ExportTarget = { exports: [], isPaused: false };
  #job: Job | null = null;
  /** Made or given up, and still wanted by a state that does not know it yet. */
  readonly #over = new Set<string>();
  #askedMs = 0;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
  }

  want(target: ExportTarget): void {
    this.#target = target;
    const ids = target.exports.map((one) => one.export);
    for (const id of this.#over) if (!ids.includes(id)) this.#over.delete(id);
    for (const id of ids) if (!this.#standings.has(id)) this.#stands(id, { state: 'waiting' });
    if (this.#job && !ids.includes(this.#job.wanted.export)) this.#end('it is not wanted any more');
    this.#next();
  }

  /** Null: nobody has asked for that one since the start. */
  look(id: string): Standing | null {
    return this.#standings.get(id) ?? null;
  }

  /** A piece of a bundle that has been made. Throws what the disk throws. */
  async read(id: string, from: number, bytes: number): Promise<Buffer | null> {
    const standing = this.look(id);
    if (standing?.state !== 'made') return null;
    const { dir, masterKey = '' } = this.#options;
    const file = await KeptFile.open(join(dir, standing.file), masterOf(masterKey));
    try {
      return await file.read(from, bytes);
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    this.#sink = null;
    const thread = this.#job?.thread;
    this.#job = null;
    // One that hangs in the kernel does not come back, and is not waited for.
    void thread?.terminate();
  }

  #next(): void {
    if (this.#job || !this.#sink) return;
    const wanted = this.#target.exports.find((one) => !this.#over.has(one.export));
    if (!wanted) return;
    this.#start(wanted);
  }

  #start(wanted: Export): void {
    const { clock: _, archive, ...given } = this.#options;
    const { keyId, publicKey } = archive.evidence;
    const key = { keyId, publicKey };
    const order: Start = { wanted, ...given, key };
    // The daemon's own flags are its own, and its environment is nobody's business here.
    const thread = new Worker(threadUrl, { workerData: order, resourceLimits: memory, env: {} });
    const job: Job = { wanted, thread };
    this.#job = job;
    this.#stands(wanted.export, { state: 'making' });
    this.#askedMs = this.#nowMs();
    let why = 'its thread ended';
    thread.on('error', (error: Error) => {
      why = `its thread failed: ${error.message}`;
    });
    thread.on('exit', () => {
      if (this.#job === job) this.#ends(job, { state: 'failed', detail: why });
    });
    thread.on('message', (said: Said) => {
      if (this.#job === job) this.#heard(job, said);
    });
  }

  #heard(job: Job, said: Said): void {
    switch (said.t) {
      case 'made': {
        const { bytes, sha256 } = said;
        return this.#ends(job, { state: 'made', file: job.wanted.file, bytes, sha256 });
      }
      case 'none':
        return this.#ends(job, { state: 'failed', detail: said.detail });
      default:
        return this.#asked(job, said);
    }
  }

  /** As long as its last piece took it rests, and so does the disk. */
  #asked(job: Job, ask: Ask): void {
    const { clock } = this.#options;
    const tookMs = this.#nowMs() - this.#askedMs;
    const restMs =
      ask.t === 'leave' ? Math.max(rests.leastMs, Math.min(rests.mostMs, tookMs)) : rests.pageMs;
    clock.after(restMs, () => this.#give(job, ask));
  }

  #give(job: Job, ask: Ask): void {
    const { clock, archive } = this.#options;
    if (this.#job !== job) return;
    if (this.#target.isPaused) return void clock.after(rests.pausedMs, () => this.#give(job, ask));
    const answer = (told: Told) => {
      if (this.#job !== job) return;
      this.#askedMs = this.#nowMs();
      job.thread.postMessage(told);
    };
    switch (ask.t) {
      case 'leave':
        return answer({ value: null });
      case 'sign':
        return answer({ value: archive.sign(ask.text) });
      case 'page':
        archive.records(ask.before, segmentLimits.rows).then(
          (value) => answer({ value }),
          (error: unknown) =>
            answer({ error: error instanceof Error ? error.message : `${error}` }),
        );
    }
  }

  #end(detail: string): void {
    const job = this.#job;
    if (!job) return;
    this.#job = null;
    void job.thread.terminate();
    this.#stands(job.wanted.export, { state: 'failed', detail });
  }

  #ends(job: Job, standing: Exclude<Standing, { state: 'waiting' | 'making' }>): void {
    this.#job = null;
    this.#tell(job.wanted, standing);
    this.#next();
  }

  #tell(wanted: Export, standing: Exclude<Standing, { state: 'waiting' | 'making' }>): void {
    const { export: id, incident, file } = wanted;
    this.#over.add(id);
    this.#stands(id, standing);
    const made = standing.state === 'made' ? standing : null;
    const detail = standing.state === 'failed' ? standing.detail.slice(0, 500) : null;
    const { bytes = 0, sha256 = '' } = made ?? {};
    const end = { export: id, incident, file, bytes, sha256, detail };
    this.#sink?.emit({ kind: 'export.ended', ...end });
  }

  #stands(id: string, standing: Standing): void {
    this.#standings.delete(id);
    this.#standings.set(id, standing);
    const [oldest] = this.#standings.keys();
    if (this.#standings.size > standingsKept && oldest !== undefined)
      this.#standings.delete(oldest);
  }

  #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}
