// What comes over a call's data channel: levels, a picture in parts, and why none comes.

import { expect, it } from 'vitest';
import { ChannelReader, type Levels } from '#agent/web/client/rtc/channel.ts';

function reader() {
  const told: { levels: Levels[]; pictures: Blob[]; faults: (string | null)[] } = {
    ...{ levels: [], pictures: [], faults: [] },
  };
  const take = new ChannelReader({
    levels: (levels) => told.levels.push(levels),
    picture: (jpeg) => told.pictures.push(jpeg),
    pictureFault: (fault) => told.faults.push(fault),
  });
  return { told, take: (data: unknown) => take.take(data) };
}

function part(
  picture: number,
  index: number,
  count: number,
  bytes: readonly number[],
): ArrayBuffer {
  const buffer = new ArrayBuffer(8 + bytes.length);
  const view = new DataView(buffer);
  view.setUint32(0, picture);
  view.setUint16(4, index);
  view.setUint16(6, count);
  new Uint8Array(buffer, 8).set(bytes);
  return buffer;
}

it('tells levels and faults, and leaves alone what it does not know', () => {
  const { told, take } = reader();
  take('{"levels":{"room":-34.2,"caller":-100}}');
  take('{"picture":{"fault":"the dome gives none"}}');
  take('{"picture":{"fault":null}}');
  take('{"something":"newer"}');
  take(new ArrayBuffer(3));
  expect(told.levels).toEqual([{ room: -34.2, caller: -100 }]);
  expect(told.faults).toEqual(['the dome gives none', null]);
  expect(told.pictures).toEqual([]);
});

it('puts a picture together, and forgets one that a newer has overtaken', async () => {
  const { told, take } = reader();
  take(part(7, 0, 2, [1, 2]));
  take(part(8, 0, 2, [3, 4]));
  take(part(8, 1, 2, [5]));
  // Of one that has begun before we listened, and of one that is over.
  take(part(9, 1, 2, [6]));
  take(part(8, 1, 2, [7]));
  const bytes = await Promise.all(told.pictures.map((blob) => blob.arrayBuffer()));
  expect(bytes.map((one) => [...new Uint8Array(one)])).toEqual([[3, 4, 5]]);
  expect(told.pictures[0]?.type).toBe('image/jpeg');
});
