// Clips, snapshots and talks that are being looked at, and cases that are taken away as one file: fetched
// piece by piece on demand, checked against the hash that was told, held in memory until they are closed.

import { signal } from '@preact/signals';
import { NoCaseFile } from '../../client/export.ts';
import type { StoredFile } from '../model/log.ts';
import type { Desk } from './desk.ts';

export interface Shown {
  readonly file: string;
  readonly what: StoredFile['what'] | 'case';
  /** From 0 to 1. */
  readonly part: number;
  /** Once it is whole. */
  readonly url: string | null;
  readonly isVerified: boolean | null;
}

const types = { clip: 'video/mp4', snapshot: 'image/jpeg', talk: 'audio/mp4' } as const;

export class Files {
  readonly shown = signal<Shown | null>(null);
  readonly #desk: Desk;
  #abort: AbortController | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  show(terminal: string, { file, what, bytes, sha256 }: StoredFile): void {
    const { abort, now } = this.#begin(file, what);
    const progress = (part: number) => now({ part });
    this.#desk.client
      .evidence(terminal, { file, bytes, sha256 }, { progress, signal: abort.signal })
      .then(
        (fetched) => {
          if (!fetched.whole) return now({ isVerified: false });
          const url = URL.createObjectURL(new Blob([fetched.bytes], { type: types[what] }));
          now({ url, isVerified: true });
        },
        (error: unknown) => this.#failed(abort, error),
      );
  }

  /** A whole case as one signed file; why it is taken away is kept at the terminal. */
  take(terminal: string, incident: string, reason: string): void {
    const { abort, now } = this.#begin(incident, 'case');
    const progress = (bytes: number, of: number | null) => now({ part: of ? bytes / of : 0 });
    this.#desk.client
      .exportCase(terminal, { incident, reason }, { progress, signal: abort.signal })
      .then(
        ({ name, blob }) => now({ file: name, url: URL.createObjectURL(blob), isVerified: true }),
        (error: unknown) => this.#failed(abort, error),
      );
  }

  #begin(file: string, what: Shown['what']) {
    this.close();
    const abort = new AbortController();
    this.#abort = abort;
    const now = (shown: Partial<Shown>) => {
      if (this.#abort !== abort) return;
      const before = this.shown.value ?? { file, what, part: 0, url: null, isVerified: null };
      this.shown.value = { ...before, ...shown };
    };
    now({});
    return { abort, now };
  }

  #failed(abort: AbortController, error: unknown): void {
    if (abort.signal.aborted) return;
    this.close();
    if (error instanceof NoCaseFile) this.#desk.notes.say(error.message, 'refused');
    else this.#desk.refused(error);
  }

  close(): void {
    this.#abort?.abort();
    this.#abort = null;
    const url = this.shown.value?.url;
    if (url) URL.revokeObjectURL(url);
    this.shown.value = null;
  }
}
