// Whether the dome's stream gives pictures: plays it for a moment on a connection of its own, and counts.

import type { Clock } from '../../ports.ts';
import { Play } from '../../rtsp/play.ts';
import { RtspError } from '../../rtsp/reader.ts';
import type { RtspSource } from '../../rtsp/rtsp.ts';
import { addressOf, sectionsOf } from '../../rtsp/sdp.ts';

/** Slow domes take 10 s to their first picture. */
const firstMs = 10_000;
const lookMs = 100;

/** Packets of its picture within `forMs` of the first. Rejects with an `RtspError` where it cannot be had. */
export async function packetsOf(source: RtspSource, clock: Clock, forMs: number): Promise<number> {
  let count = 0;
  const play = new Play({
    ...{ clock, source, headers: {} },
    choose: (sdp, base) => {
      const video = sectionsOf(sdp).find(({ media }) => media === 'video');
      if (!video) throw new RtspError('there is no picture in it');
      return { url: addressOf(video, base) };
    },
    packet: () => {
      count += 1;
    },
    lost: () => undefined,
  });
  try {
    await play.open();
    const pause = (ms: number) => new Promise<void>((over) => void clock.after(ms, over));
    const endMs = clock.now().monoMs + firstMs;
    while (count === 0 && clock.now().monoMs < endMs) await pause(lookMs);
    await pause(count === 0 ? 0 : forMs);
    return count;
  } finally {
    play.close();
  }
}
