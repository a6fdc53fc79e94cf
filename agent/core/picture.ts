// A stream's pictures are missing, and its viewers stand still until its next key picture, which may be
// many seconds away: the dome is asked for one out of turn. A live want: asked once, and not too often.

import type { Draft } from './draft.ts';

export type StreamName = 'main' | 'sub';

/** Until when one is wanted of a stream, monotonic milliseconds; null: it never was. */
export type KeyPictures = { readonly [stream in StreamName]: number | null };

export const noKeyPictures: KeyPictures = { main: null, sub: null };

export const pictureTimes = {
  /** Later it would be in vain. */
  wantedMs: 1_000,
  /** Between two of a stream: a key picture costs the dome and the line ten others. */
  gapMs: 3_000,
} as const;

/** Takes a `picture.cut` fact. */
export function pictureCut(draft: Draft, stream: StreamName): void {
  const { keyPictures } = draft.live;
  const { monoMs } = draft.now;
  const untilMs = keyPictures[stream] ?? Number.NEGATIVE_INFINITY;
  if (monoMs < untilMs + pictureTimes.gapMs - pictureTimes.wantedMs) return;
  const wanted = monoMs + pictureTimes.wantedMs;
  draft.patchLive({ keyPictures: { ...keyPictures, [stream]: wanted } });
}
