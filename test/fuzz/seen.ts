// What the dome's analytics tell: whatever comes in its packets, a frame is within the limits, or there is a
// `DomeError`.

import fc from 'fast-check';
import { expect } from 'vitest';
import { DomeError } from '#agent/dome/error.ts';
import { frameLimits, framesOf } from '#agent/dome/track/frame.ts';
import { Documents, metadataLimits } from '#agent/dome/track/metadata.ts';
import { openXml } from '#agent/dome/xml.ts';
import { writeFrame } from '#agent/sim/dome/analytics/metadata.ts';
import { pieces as packetsOf, writeRtp } from '#agent/sim/dome/rtsp/packets.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { type Fuzz, fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

const box = { left: -0.2, right: 0.1, top: 0.6, bottom: -0.1 };
const person = { id: 7, kind: 'Human', likelihood: 0.9, box } as const;
const view = { pan: 0.1, tilt: 0.2, zoom: 0 };
const documents = [
  writeFrame([person], 0, view, { pixels: null, classes: 'type', place: true }),
  writeFrame([person, person], 1e12, view, {
    ...{ pixels: { width: 640, height: 360 }, classes: 'candidate', place: false },
  }),
];
const pieces = fc.constantFrom(
  ...['<', '>', '/>', '"', '&#0;', '<!DOCTYPE a>', '<![CDATA[', 'x="', '-1', '1e400', 'NaN', ''],
  ...['<tt:Frame>', '<tt:Object ObjectId="">', '<tt:Scale x="0" y="-1e9"/>', '<tt:Class>'],
);
const document = nearlyRight(documents, pieces);

export async function whatIsSeen(): Promise<Fuzz> {
  const parse = await openXml(metadataLimits.marks);
  return fuzz('what the dome sees', fc.tuple(document, fc.nat(3)), ([text, lost]) => {
    const put = new Documents(new VirtualClock());
    packetsOf(Buffer.from(text)).forEach((payload, sequence, all) => {
      const marker = sequence === all.length - 1;
      const packet = writeRtp({ type: 107, marker, sequence, time: 0, ssrc: 1 }, payload);
      const whole = sequence === lost && all.length > 1 ? null : put.take(packet, 107);
      if (whole === null) return;
      try {
        const frames = framesOf(parse(whole));
        expect(frames.length).toBeLessThanOrEqual(frameLimits.frames);
        for (const { objects } of frames) {
          expect(objects.length).toBeLessThanOrEqual(frameLimits.objects);
          for (const { left, right, bottom, top } of objects.map((one) => one.box))
            expect(left < right && bottom < top && Math.abs(left + top) <= 3).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof DomeError)) throw error;
      }
    });
  });
}
