// The agent's side of an update: fetches what the platform offers into the spool, looks whether it is a
// release for this machine, and leaves the rest to root's updater (systemd/update-apply), whose result it
// reads. One file at a time; what is there of another one goes.

import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { UpdateEnd, UpdateTarget } from '../core/update.ts';
import { ownNetworks } from '../media/own-network.ts';
import type { Clock, Sink, Updates } from '../ports.ts';
import { Download, type DownloadOptions } from './download.ts';
import { readyName, type UpdatePlaces } from './places.ts';
import { keysIn, mustFit, NoRelease, readRelease } from './release-file.ts';
import { resultOf } from './result.ts';

export interface UpdaterOptions extends UpdatePlaces {
  readonly clock: Clock;
  /** Version that runs here. */
  readonly version: string;
  /** In Debian's words. */
  readonly arch: string;
  readonly ca: string | null;
  readonly ownNetwork: 'refuse' | 'allow';
  readonly pauseMs?: DownloadOptions['pauseMs'];
}

/** Free on the disk beside what is fetched: records and clips come first. */
const reserveBytes = 64 * 2 ** 20;

type Wanted = NonNullable<UpdateTarget['fetch']>;

export class Updater implements Updates {
  /** What became of the last one; null: there was none. */
  last: UpdateEnd | null = null;
  readonly #options: UpdaterOptions;
  #sink: Sink | null = null;
  #job: { readonly wanted: Wanted; readonly download: Download } | null = null;
  /** Told, and still wanted by a state that does not know it yet. */
  #over = '';

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    this.look();
  }

  /** The updater has said something: at the start, and when it asks us to read it. */
  look(): void {
    this.last = resultOf(this.#options.result);
    if (this.last) this.#sink?.emit({ kind: 'update.ended', ...this.last });
  }

  want({ fetch, isPaused }: UpdateTarget): void {
    const { wanted, download } = this.#job ?? {};
    if (wanted && (wanted.id !== fetch?.id || wanted.url !== fetch.url)) {
      download?.close();
      this.#job = null;
    }
    if (fetch && !this.#job && fetch.id !== this.#over) this.#begin(fetch);
    if (this.#job) this.#job.download.isPaused = isPaused;
  }

  /** What is being fetched; null: nothing. */
  get fetching(): {
    readonly version: string;
    readonly bytes: number;
    readonly has: number;
  } | null {
    if (!this.#job) return null;
    const { wanted, download } = this.#job;
    return { version: wanted.version, bytes: wanted.bytes, has: download.has };
  }

  async close(): Promise<void> {
    this.#sink = null;
    this.#job?.download.close();
    this.#job = null;
  }

  #begin(wanted: Wanted): void {
    const { clock, spool, ca, ownNetwork, pauseMs } = this.#options;
    const { url, bytes, sha256 } = wanted;
    const own = () => (ownNetwork === 'allow' ? null : ownNetworks(networkInterfaces()));
    const path = join(spool, `${sha256}.part`);
    const more = pauseMs ? { pauseMs } : {};
    const download = new Download({ clock, url, bytes, sha256, path, ca, own, ...more });
    const job = { wanted, download };
    this.#job = job;
    this.#fetch(job, path)
      .catch((error: unknown) => {
        if (!(error instanceof NoRelease) && !(error instanceof Error && 'code' in error))
          throw error;
        return error.message;
      })
      .then((detail) => {
        if (detail === undefined || this.#job !== job) return;
        this.#job = null;
        this.#over = wanted.id;
        this.#sink?.emit({ kind: 'update.fetched', id: wanted.id, detail });
      });
  }

  async #fetch({ wanted, download }: { wanted: Wanted; download: Download }, path: string) {
    const { spool } = this.#options;
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(spool))
      if (name.endsWith('.part') && join(spool, name) !== path) rmSync(join(spool, name));
    const { bavail, bsize } = await statfs(spool);
    const has = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const missing = wanted.bytes - has + reserveBytes - bavail * bsize;
    if (missing > 0)
      return `there is no room for it: ${Math.ceil(missing / 2 ** 20)} MB are missing`;
    const said = await download.run();
    if (said !== null) return said;
    try {
      const release = await readRelease(path, keysIn(this.#options.keys));
      if (release.version !== wanted.version)
        return `it is version ${release.version} and not ${wanted.version}`;
      mustFit(release, this.#options);
      renameSync(path, join(spool, readyName));
      return null;
    } finally {
      rmSync(path, { force: true });
    }
  }
}
