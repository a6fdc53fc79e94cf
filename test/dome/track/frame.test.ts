// Frames of the metadata stream as makes word them, and what is no frame.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Frame, frameLimits, framesOf } from '#agent/dome/track/frame.ts';
import { Documents, metadataLimits } from '#agent/dome/track/metadata.ts';
import { openXml, type ParseXml } from '#agent/dome/xml.ts';
import { writeFrame } from '#agent/sim/dome/analytics/metadata.ts';
import { pieces, writeRtp } from '#agent/sim/dome/rtsp/packets.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

let parse: ParseXml;
beforeAll(async () => {
  parse = await openXml(metadataLimits.marks);
});
const read = (document: string): Frame[] => framesOf(parse(document));
const wallMs = Date.UTC(2026, 10, 21, 8, 0, 0, 120);
const view = { pan: 0.25, tilt: -0.5, zoom: 0.1 };
const box = { left: -0.25, right: 0.125, top: 0.5, bottom: -0.25 };
const person = { id: 7, kind: 'Human', likelihood: 0.9, box } as const;

describe('a frame', () => {
  test.each([
    ['as today', {}],
    ['as years ago', { classes: 'candidate' }],
    ['in pixels, y down', { pixels: { width: 640, height: 320 } }],
  ] as const)('%s', (_, wording) => {
    const document = writeFrame([person], wallMs, view, {
      ...{ pixels: null, classes: 'type', place: false, ...wording },
    });
    expect(read(document)).toEqual([
      { utcMs: wallMs, place: null, objects: [{ id: '7', isPerson: true, box }] },
    ]);
  });

  test('says where the dome looked, where it does; what things are, where it does not', () => {
    const seen = [person, { ...person, id: 8, kind: 'Vehicle' } as const];
    const place = writeFrame(seen, wallMs, view, { pixels: null, classes: 'type', place: true });
    expect(read(place)[0]?.place).toEqual(view);
    expect(read(place)[0]?.objects.map(({ isPerson }) => isPerson)).toEqual([true, false]);
    const none = writeFrame(seen, wallMs, view, { pixels: null, classes: 'none', place: false });
    expect(read(none)[0]?.objects.map(({ isPerson }) => isPerson)).toEqual([null, null]);
  });

  const object = (inner: string) =>
    '<a:MetadataStream><a:VideoAnalytics><a:Frame UtcTime="never">' +
    `<a:Object ObjectId="1"><a:Appearance>${inner}</a:Appearance></a:Object>` +
    '</a:Frame></a:VideoAnalytics></a:MetadataStream>';
  test.each([
    ['no box', '<a:Shape/>'],
    ['an edge missing', '<a:Shape><a:BoundingBox left="0" top="1" right="0.5"/></a:Shape>'],
    ['no numbers', '<a:Shape><a:BoundingBox left="a" top="1" right="1" bottom="0"/></a:Shape>'],
    ['no size', '<a:Shape><a:BoundingBox left="0" top="1" right="0" bottom="0"/></a:Shape>'],
    ['beyond', '<a:Shape><a:BoundingBox left="0" top="1" right="1e9" bottom="0"/></a:Shape>'],
  ])('%s: left out, and the frame is one all the same', (_, inner) => {
    expect(read(object(inner))).toEqual([{ utcMs: null, place: null, objects: [] }]);
  });

  test('an object turned by itself, within a frame that is', () => {
    const inner =
      '<a:Transformation><a:Translate x="1" y="0"/><a:Scale x="2" y="1"/></a:Transformation>' +
      '<a:Shape><a:BoundingBox left="-0.5" top="1" right="-0.25" bottom="0"/></a:Shape>';
    const [frame] = read(object(inner));
    expect(frame?.objects[0]?.box).toEqual({ left: 0, right: 0.5, top: 1, bottom: 0 });
  });

  test('events by the same stream are none; a hundred objects are the first of them', () => {
    expect(read('<t:MetadataStream><t:Event/></t:MetadataStream>')).toEqual([]);
    expect(read('<other/>')).toEqual([]);
    const one = object('<a:Shape><a:BoundingBox left="0" top="1" right="1" bottom="0"/></a:Shape>');
    const many = one.replace(/<a:Object .*<\/a:Object>/, (whole) => whole.repeat(100));
    expect(read(many)[0]?.objects.length).toBe(frameLimits.objects);
    const tooMany = one.replace(/<a:Object .*<\/a:Object>/, (whole) => whole.repeat(300));
    expect(() => read(tooMany)).toThrow(`more than ${metadataLimits.marks}`);
  });
});

describe('documents out of packets', () => {
  let sequence = 65_534;
  const packets = (document: Buffer, type = 107): Buffer[] =>
    pieces(document).map((payload, n, all) => {
      sequence = (sequence + 1) & 0xffff;
      const head = { type, marker: n === all.length - 1, sequence, time: 1, ssrc: 2 };
      return writeRtp(head, payload);
    });
  const long = Buffer.from('x'.repeat(5000));
  const taken = (documents: Documents, all: readonly Buffer[]): string[] =>
    all.flatMap((packet) => documents.take(packet, 107) ?? []);

  test('whole ones, whatever their packets; other types and noise are none', () => {
    const documents = new Documents(new VirtualClock());
    expect(taken(documents, packets(long))).toEqual([String(long)]);
    expect(taken(documents, [...packets(Buffer.from('a'), 96), Buffer.from('noise')])).toEqual([]);
    sequence -= 1;
    expect(taken(documents, packets(Buffer.from('b')))).toEqual(['b']);
  });

  test('one with a hole is left out, the next one is not', () => {
    const documents = new Documents(new VirtualClock());
    const [first, , ...rest] = packets(long);
    expect(taken(documents, [...(first ? [first] : []), ...rest])).toEqual([]);
    expect(taken(documents, packets(Buffer.from('next')))).toEqual(['next']);
  });

  test('one that is too long is left out, and nothing of it is kept', () => {
    const documents = new Documents(new VirtualClock());
    expect(taken(documents, packets(Buffer.alloc(metadataLimits.documentBytes + 1)))).toEqual([]);
    expect(taken(documents, packets(Buffer.from('next')))).toEqual(['next']);
  });

  test('a thousand a second: as many are read as may be', () => {
    const clock = new VirtualClock();
    const documents = new Documents(clock);
    let read = 0;
    for (let n = 0; n < 3000; n += 1) {
      read += taken(documents, packets(Buffer.from('a'))).length;
      clock.advance(1);
    }
    expect(read).toBeGreaterThan(metadataLimits.documentsASecond * 3);
    expect(read).toBeLessThanOrEqual(metadataLimits.documentsASecond * 4);
  });
});
