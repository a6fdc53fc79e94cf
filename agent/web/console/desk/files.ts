// Clips, talks and snapshots that are being looked at: fetched piece by piece on demand, checked against
// the hash that was told, and held in memory for as long as the case is in hand.

import { signal } from '@preact/signals';
import type { StoredFile } from '../model/log.ts';
import type { Desk } from './desk.ts';

export interface Shown {
  readonly file: string;
  readonly what: StoredFile['what'];
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
    this.close();
    const abort = new AbortController();
    this.#abort = abort;
    const now = (shown: Partial<Shown>) => {
      if (this.#abort !== abort) return;
      const before = this.shown.value ?? { file, what, part: 0, url: null, isVerified: null };
      this.shown.value = { ...before, ...shown };
    };
    now({});
    const progress = (part: number) => now({ part });
    this.#desk.client
      .evidence(terminal, { file, bytes, sha256 }, { progress, signal: abort.signal })
      .then(
        (fetched) => {
          if (!fetched.whole) return now({ isVerified: false });
          const url = URL.createObjectURL(new Blob([fetched.bytes], { type: types[what] }));
          now({ url, isVerified: true });
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          this.close();
          this.#desk.refused(error);
        },
      );
  }

  close(): void {
    this.#abort?.abort();
    this.#abort = null;
    const url = this.shown.value?.url;
    if (url) URL.revokeObjectURL(url);
    this.shown.value = null;
  }
}
