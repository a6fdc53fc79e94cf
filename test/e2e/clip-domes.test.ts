// A press while the dome reboots, hangs or lies: what could be had of the picture is there, what could not is
// said with the reason, and the alarm is none the later for it. Judged by what the platform was told, and by
// the files.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { EventMessage } from '#agent/contract.ts';
import { roomClips } from '#agent/sim/room.ts';
import { probe } from '#test/clip/pictures.ts';
import { bytesIn, keyIn, unsealed } from '#test/support/unsealed.ts';
import { House } from './support/house.ts';

type Kind = 'evidence.stored' | 'evidence.missing';
type Told<K extends Kind> = Extract<EventMessage, { kind: K }>;

const small = { width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
const patientMs = 90_000;
const houses: House[] = [];
afterAll(() => Promise.all(houses.map((house) => house.close())));

/** With some seconds of pictures in its memory. */
async function watching(): Promise<House> {
  const house = await House.open({
    buttons: 1,
    room: async () => ({
      dome: { video: { main: small, sub: small } },
      media: { sound: 'cards', clips: roomClips },
    }),
  });
  houses.push(house);
  await house.start();
  const { rtsp } = house.room.dome;
  await house.until('the picture', () => rtsp.playing > 0, patientMs);
  const fromMs = performance.now();
  await house.until('some seconds of it', () => performance.now() - fromMs > 4_000);
  return house;
}

const told = <K extends Kind>({ room }: House, kind: K): Told<K>[] =>
  room.platform.log
    .flatMap(({ what, message }) => (what === 'event' ? [message as EventMessage] : []))
    .filter((event): event is Told<K> => event.kind === kind);
const shots = (house: House, kind: Kind) =>
  told(house, kind)
    .filter(({ what }) => what === 'snapshot')
    .map(({ afterMs }) => afterMs)
    .sort((a, b) => Number(a) - Number(b));
const clipGaps = (house: House) =>
  told(house, 'evidence.missing')
    .filter(({ what }) => what === 'clip')
    .map(({ detail }) => detail);

/** The alarm, as if nothing were the matter. */
async function pressed(house: House): Promise<string> {
  const fromMs = performance.now();
  house.room.box.press(1);
  await house.until('the alarm', () => house.raised.length === 1);
  expect(performance.now() - fromMs).toBeLessThan(2_000);
  return house.raised[0]?.incident ?? '';
}

/** All four snapshots are there, or told as missing. */
const decided = (house: House) =>
  house.until(
    'a word on each snapshot',
    () => shots(house, 'evidence.stored').length + shots(house, 'evidence.missing').length >= 4,
    patientMs,
  );

/** What there is of the clip, cut and told as after a crash. */
async function clipOf(house: House) {
  const { room, dataDir } = house;
  await room.daemon.end('SIGKILL');
  await house.start();
  const clip = () => told(house, 'evidence.stored').find(({ what }) => what === 'clip');
  const stored = await house.until('the clip', clip, patientMs);
  const path = join(dataDir, 'clips', stored.file);
  await house.until('its name', () => readdirSync(join(dataDir, 'clips')).includes(stored.file));
  return { stored, probed: probe(unsealed(path, keyIn(dataDir))) };
}

/** Pictures from before and after the press, and the time between them as long as it was. */
async function expectBothSides(house: House, wallMs: number): Promise<void> {
  const { stored, probed } = await clipOf(house);
  expect(stored).toMatchObject({ mended: true, cause: null });
  expect(stored.video).toEqual({ stream: 'main', codec: 'h264', width: 320, height: 180 });
  expect(stored.wallMs).toBeLessThan(wallMs - 1_000);
  expect(stored.missingMs).toBeGreaterThan(9_000);
  expect(stored.wallMs + stored.lengthMs).toBeGreaterThan(wallMs + stored.missingMs);
  expect(probed.complaints).toBe('');
  expect(probed.seconds * 1_000).toBeGreaterThan(stored.missingMs + 3_000);
}

/** Fragments that are in the clip's files. */
function fragmentsIn({ dataDir }: House): number {
  const dir = join(dataDir, 'clips');
  const files = readdirSync(dir).filter((name) => name.includes('.mp4'));
  return files.reduce((sum, name) => {
    const text = bytesIn(join(dir, name), keyIn(dataDir)).toString('latin1');
    return sum + text.split('moof').length - 1;
  }, 0);
}

/** Pictures again, and some of them on the disk. */
async function goesOn(house: House): Promise<void> {
  const before = fragmentsIn(house);
  await house.until('the picture again', () => fragmentsIn(house) >= before + 4, patientMs);
}

describe.concurrent('a press', () => {
  test('while the dome reboots: the pictures go on, and those of the first seconds are missed', async () => {
    const house = await watching();
    const back = house.room.dome.reboot({ downMs: 12_000 });
    const incident = await pressed(house);
    const wallMs = Date.now();
    await back;
    await decided(house);
    expect(shots(house, 'evidence.missing')).toEqual([0, 1_000, 3_000]);
    expect(shots(house, 'evidence.stored')).toEqual([10_000]);
    for (const gap of told(house, 'evidence.missing')) expect(gap.incident).toBe(incident);
    const why = told(house, 'evidence.missing').find(({ what }) => what === 'snapshot');
    expect(why?.detail).toMatch(/^no snapshot from the dome: /);
    expect(clipGaps(house)).toContainEqual(
      expect.stringMatching(/^no pictures since \d s after the press: the stream /),
    );
    await goesOn(house);
    await expectBothSides(house, wallMs);
  });

  test('while the dome hangs, in HTTP and in its stream: the same, and it says that it hangs', async () => {
    const house = await watching();
    const { dome } = house.room;
    dome.turn('hang-request');
    dome.rtsp.faults.hanging = true;
    await pressed(house);
    const wallMs = Date.now();
    await house.until('the word on the clip', () => clipGaps(house).length > 1, patientMs);
    dome.turn(null);
    dome.rtsp.faults.hanging = false;
    await decided(house);
    expect(shots(house, 'evidence.missing').slice(0, 3)).toEqual([0, 1_000, 3_000]);
    const details = told(house, 'evidence.missing').map(({ detail }) => detail);
    expect(details).toContain('no snapshot from the dome: no answer in 4000 ms');
    expect(clipGaps(house)).toContainEqual(
      expect.stringMatching(/^no pictures since \d s after the press: the stream (hangs|cannot)/),
    );
    await goesOn(house);
    await expectBothSides(house, wallMs);
  });

  test('while the dome lies: the clip is whole, and no noise is called a snapshot', async () => {
    const house = await watching();
    house.room.dome.turn('garbage');
    await pressed(house);
    await decided(house);
    expect(shots(house, 'evidence.missing')).toEqual([0, 1_000, 3_000, 10_000]);
    const gaps = told(house, 'evidence.missing').filter(({ what }) => what === 'snapshot');
    expect(new Set(gaps.map(({ detail }) => detail))).toEqual(
      new Set(['no snapshot from the dome: its answer is no JPEG']),
    );
    expect(told(house, 'evidence.stored')).toEqual([]);
    const { stored, probed } = await clipOf(house);
    expect(stored.missingMs).toBe(0);
    expect(probed.complaints).toBe('');
    expect(probed.seconds).toBeGreaterThan(14);
    expect(clipGaps(house)).toEqual([expect.stringContaining('of the 30 s before the press')]);
  });
});
