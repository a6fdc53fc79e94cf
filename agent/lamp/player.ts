// Plays a pattern of config/button-box.md in time: segments of a colour (or tone) and its milliseconds, a
// number of times or for ever. Knows nothing of lines.

import type { Clock } from '../ports.ts';

/** A letter of the pattern's language, or dark and silent. */
export type Sign = string;
export const dark: Sign = '-';

export interface Score {
  readonly segments: readonly { readonly sign: Sign; readonly ms: number }[];
  readonly repeats: number;
}

export const lampScore = (pattern: string): Score => ({
  segments: segmentsOf(pattern),
  repeats: Number.POSITIVE_INFINITY,
});

/** `75xT500.-300`; `0x` is silence. */
export function buzzerScore(pattern: string): Score {
  const [repeats = '0', segments = ''] = pattern.split('x');
  return { segments: segmentsOf(segments), repeats: Number(repeats) };
}

const segmentsOf = (text: string): Score['segments'] =>
  text === ''
    ? []
    : text.split('.').map((segment) => ({
        sign: segment.slice(0, 1),
        ms: Number(segment.slice(1)),
      }));

/** A loop that was held up for longer than this does not make up for it in flashes. */
const lateMaxMs = 1000;

export class Player {
  readonly #clock: Clock;
  readonly #show: (sign: Sign) => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, show: (sign: Sign) => void) {
    this.#clock = clock;
    this.#show = show;
  }

  /** From its beginning; what was playing ends. */
  play(score: Score): void {
    this.#cancel?.();
    this.#step(score, 0, this.#clock.now().monoMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#show(dark);
  }

  #step(score: Score, index: number, dueMs: number): void {
    const { segments, repeats } = score;
    const segment = segments[index % segments.length];
    if (!segment || index >= segments.length * repeats) return this.stop();
    this.#show(segment.sign);
    const nowMs = this.#clock.now().monoMs;
    const endMs = (nowMs - dueMs > lateMaxMs ? nowMs : dueMs) + segment.ms;
    this.#cancel = this.#clock.after(endMs - nowMs, () => this.#step(score, index + 1, endMs));
  }
}
