// The live process as it keeps clips: told of presses and of what is in the chain, as the daemon does it, and
// what it has said and left on the disk.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceSaid, EvidenceWanted, MediaSource } from '#agent/media/wire.ts';
import { systemClock } from '#agent/system/clock.ts';
import { bytesIn, sealingKey, unsealed } from '#test/support/unsealed.ts';
import { until } from '#test/support/wait.ts';
import { LiveRig } from './rig.ts';

type Said<T extends EvidenceSaid['t']> = Extract<EvidenceSaid, { t: T }>;

export class ClipRig {
  readonly dir: string;
  readonly live: LiveRig;
  readonly said: EvidenceSaid[] = [];
  /** Whether what is said becomes a record. */
  records = true;
  #evidence: EvidenceWanted;

  constructor(dir: string, change: Partial<EvidenceWanted> = {}, env: NodeJS.Dict<string> = {}) {
    this.dir = dir;
    this.#evidence = {
      ...{ dir, days: 30, capMb: 1_000, reserveMb: 0, snapshot: null, clip: null },
      ...{ snapshots: [], kept: [], today: null, heard: 0 },
      ...{ piece: null, uploads: [], ca: null, ownNetwork: 'refuse', masterKey: sealingKey },
      ...change,
    };
    this.live = new LiveRig({
      env,
      wellMs: 500,
      heard: (said) => {
        if (!('n' in said)) return;
        this.said.push(said);
        if (this.records) this.want({ heard: said.n });
      },
    });
  }

  async open(main: MediaSource, warm = true, sub: MediaSource | null = null): Promise<this> {
    await this.live.open({ main, sub, warm, evidence: this.#evidence });
    return this;
  }

  want(change: Partial<EvidenceWanted>): void {
    this.#evidence = { ...this.#evidence, ...change };
    this.live.want({ evidence: this.#evidence });
  }

  /** A press now. Returns the monotonic time from which pictures are wanted. */
  press(id: string, beforeMs: number): number {
    const fromMs = systemClock().now().monoMs - beforeMs;
    this.want({ clip: { id, fromMs } });
    return fromMs;
  }

  of<T extends EvidenceSaid['t']>(t: T): Said<T>[] {
    return this.said.filter((said): said is Said<T> => said.t === t);
  }

  /** Fragments that are on the disk, by what was said. */
  get fragments() {
    return this.of('evidence.written').flatMap(({ file, fragments }) =>
      fragments.map((one) => ({ file, ...one })),
    );
  }

  files(): string[] {
    return existsSync(this.dir) ? readdirSync(this.dir).sort() : [];
  }

  /** Ends the recording and waits for the file's name. */
  async resolve(file: string): Promise<Said<'evidence.stored'>> {
    this.want({ clip: null });
    await until(() => this.files().includes(file), { withinMs: 20_000, what: file });
    const stored = this.of('evidence.stored').find((said) => said.file === file);
    if (!stored) throw new Error(`${file} has a name and was not told`);
    return stored;
  }

  /** SIGKILL of the process; the next one knows nothing. */
  async kill(): Promise<void> {
    const { ups } = this.live;
    this.#evidence = { ...this.#evidence, heard: 0 };
    this.live.kill();
    this.want({});
    await until(() => this.live.ups > ups, { withinMs: 20_000, what: 'the next process' });
  }

  path(file: string): string {
    return join(this.dir, file);
  }

  /** Path of a copy that is open, for players. */
  opened(file: string): string {
    return unsealed(this.path(file));
  }

  /** Of the file, in its rights and its bytes. */
  onDisk(file: string) {
    const bytes = bytesIn(this.path(file));
    const mode = statSync(this.path(file)).mode & 0o777;
    return { bytes, mode, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
}
