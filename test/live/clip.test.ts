// A clip as the live process writes it, of a dome's real stream: what was before the press, what every
// fragment's hash says, what a SIGKILL or a hanging disk leaves of it.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { probe } from '#test/clip/pictures.ts';
import { chanceOf, seedOfRun } from '#test/e2e/support/random.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { until } from '#test/support/wait.ts';
import { killRounds } from './clip-kills.ts';
import { ClipRig } from './clips.ts';
import { flushRounds } from './flush-kills.ts';
import { Player } from './player.ts';
import { domeLogin, sourceOf } from './rig.ts';

const wait = { withinMs: 40_000 };
let dome: SimDome;
let dir: string;
let rig: ClipRig | null = null;
beforeAll(async () => {
  const main = { width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
  dome = await startDome({ video: { main } });
});
afterAll(() => dome.close());
afterEach(async () => {
  await rig?.live.close();
  rig = null;
  rmSync(dir, { recursive: true, force: true });
});

/** With some seconds of pictures in its ring. */
async function recorderWith(
  change: ConstructorParameters<typeof ClipRig>[1] = {},
  env: NodeJS.Dict<string> = {},
): Promise<ClipRig> {
  dir = mkdtempSync(join(tmpdir(), 'gate-clip-'));
  rig = new ClipRig(join(dir, 'clips'), change, env);
  await rig.open(sourceOf(dome.rtspUrl('main')));
  return rig;
}
const missing = (one: ClipRig, incident: string, what = 'clip') =>
  one.of('evidence.missing').filter((said) => said.incident === incident && said.what === what);
const warm = async (one: ClipRig) => {
  // Of what it has, nothing is said: a clip that wants all of it, and no more than that.
  one.press('warm', 0);
  await until(() => one.fragments.length >= 4, { ...wait, what: 'four groups' });
  await one.resolve('warm-1.mp4');
};

describe('a clip', () => {
  test('begins before the press; its file is what its hashes say; ffprobe is content', async () => {
    const clip = await recorderWith();
    await warm(clip);
    const written = () => clip.fragments.filter(({ file }) => file === 'case-1.mp4');
    const fromMs = clip.press('case', 3_000);
    await until(() => written().length >= 6, { ...wait, what: 'six groups' });
    const stored = await clip.resolve('case-1.mp4');

    const file = clip.onDisk('case-1.mp4');
    expect(file.mode).toBe(0o600);
    expect(stored).toMatchObject({ sha256: file.sha256, bytes: file.bytes.length, missingMs: 0 });
    let at = file.bytes.length - written().reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { sha256, bytes } of written()) {
      const part = file.bytes.subarray(at, at + bytes);
      expect(part.toString('latin1', 4, 8)).toBe('moof');
      expect(createHash('sha256').update(part).digest('hex')).toBe(sha256);
      at += bytes;
    }
    expect(written()[0]?.monoMs).toBeLessThanOrEqual(fromMs);
    expect(written()[0]?.monoMs).toBeGreaterThan(fromMs - 1_500);
    const probed = probe(clip.opened('case-1.mp4'));
    expect(probed).toMatchObject({ complaints: '', codec: 'avc1', width: 320, height: 180 });
    expect(Math.abs(probed.seconds * 1000 - stored.lengthMs)).toBeLessThan(50);
    expect(missing(clip, 'case')).toEqual([]);
  });

  test('says what it lacks of the time before', async () => {
    const clip = await recorderWith();
    clip.press('early', 30_000);
    await until(() => clip.of('evidence.missing')[0], { ...wait, what: 'the word' });
    expect(clip.of('evidence.missing')[0]).toMatchObject({
      ...{ incident: 'early', what: 'clip', afterMs: null },
      detail: expect.stringContaining('of the 30 s before the press nothing could be had'),
    });
  });

  test('killed at random moments: each file is cut, told, plays in a browser', async () => {
    const clip = await recorderWith();
    const player = await Player.open();
    const chance = chanceOf(seedOfRun());
    try {
      const tally = await killRounds({ clip, player, groupMs: 1_000 }, 2, () => chance.next());
      console.log(`clip: ${JSON.stringify({ seed: chance.seed, ...tally })}`);
    } finally {
      await player.close();
    }
  }, 240_000);

  test('killed while it is written: the next file of the case goes on', async () => {
    const clip = await recorderWith();
    await warm(clip);
    clip.press('case', 1_000);
    const count = () => clip.fragments.length;
    for (let kill = 1; kill <= 2; kill++) {
      const before = count();
      await until(() => count() >= before + 2, { ...wait, what: 'two groups' });
      const told = clip.fragments.filter(({ file }) => file === `case-${kill}.mp4`);
      await clip.kill();
      await until(() => clip.files().includes(`case-${kill}.mp4`), { ...wait, what: 'the file' });
      const stored = clip.of('evidence.stored').find(({ file }) => file === `case-${kill}.mp4`);
      expect(stored).toMatchObject({ mended: true });
      expect(stored?.fragments).toBeGreaterThanOrEqual(told.length);
      expect(stored?.sha256).toBe(clip.onDisk(`case-${kill}.mp4`).sha256);
      expect(probe(clip.opened(`case-${kill}.mp4`)).complaints).toBe('');
    }
    expect(missing(clip, 'case')).toEqual([]);
  }, 120_000);

  test('waits for its name until it is a record', async () => {
    const clip = await recorderWith();
    clip.press('case', 0);
    await until(() => clip.fragments.length >= 2, { ...wait, what: 'two groups' });
    clip.records = false;
    clip.want({ clip: null });
    const stored = () => clip.of('evidence.stored')[0];
    const said = await until(stored, { ...wait, what: 'the end' });
    expect(clip.files()).toEqual(['case-1.mp4.part']);
    clip.want({ heard: said.n });
    await until(() => clip.files().includes('case-1.mp4'), { ...wait, what: 'its name' });
  });
});

test('a disk that hangs is one fault, costs what the ring lets go of, and no picture on air', async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-clip-'));
  const shim = fsyncShim(dir);
  rig = new ClipRig(join(dir, 'clips'), {}, { ...shim, HANG_ONLY: '/clips/' });
  const clip = await rig.open(sourceOf(dome.rtspUrl('main')));
  clip.press('case', 0);
  await until(() => clip.fragments.length >= 2, { ...wait, what: 'two groups' });
  writeFileSync(shim.HANG_FILE, '');
  const faults = () =>
    clip.live.said.filter((said) => 'fault' in said && said.fault === 'clip.disk');
  await until(() => faults().length > 0, { ...wait, what: 'the fault' });
  expect(faults()).toEqual([
    { t: 'fault', fault: 'clip.disk', detail: expect.stringMatching(/^[^.]+ hangs\. [^.]+\.$/) },
  ]);
  const count = clip.fragments.length;
  rmSync(shim.HANG_FILE);
  await until(() => clip.fragments.length >= count + 6, { ...wait, what: 'what had waited' });
  expect(faults().at(-1)).toEqual({ t: 'fault', fault: 'clip.disk', detail: null });
  expect((await clip.resolve('case-1.mp4')).missingMs).toBe(0);
}, 90_000);

test('killed while the time before the press is written: whole groups are left, and they play', async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-clip-'));
  const shim = fsyncShim(dir);
  rig = new ClipRig(join(dir, 'clips'), {}, { ...shim, HANG_ONLY: '/clips/' });
  const clip = await rig.open(sourceOf(dome.rtspUrl('main')));
  const player = await Player.open();
  try {
    const on = { fillMs: 4_500, beforeMs: 4_000, groupBytesMax: 80_000 };
    // Written, and not flushed: nothing of it is told yet.
    const pressed = () => writeFileSync(shim.HANG_FILE, '');
    const killed = () => rmSync(shim.HANG_FILE);
    const tally = await flushRounds({ clip, player, ...on, pressed, killed }, 1, () => 0.99);
    expect(tally).toMatchObject({ kills: 1, untold: 1 });
    expect(tally.groupsMin).toBeGreaterThanOrEqual(3);
  } finally {
    await player.close();
  }
}, 120_000);

describe('a dome whose main stream no browser shows', () => {
  const sub = { width: 176, height: 144, kbps: 100, gopSeconds: 1 } as const;

  test('is recorded by its other one, and the evidence says so', async () => {
    const main = { codec: 'h265', width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
    const two = await startDome({ video: { main, sub } });
    dir = mkdtempSync(join(tmpdir(), 'gate-clip-'));
    rig = new ClipRig(join(dir, 'clips'));
    try {
      const both = { main: sourceOf(two.rtspUrl('main')), sub: sourceOf(two.rtspUrl('sub')) };
      const clip = await rig.open(both.main, true, both.sub);
      clip.press('case', 0);
      await until(() => clip.fragments.length >= 3, { ...wait, what: 'three groups' });
      const stored = await clip.resolve('case-1.mp4');
      expect(stored.video).toEqual({ stream: 'sub', codec: 'h264', width: 176, height: 144 });
      expect(probe(clip.opened('case-1.mp4'))).toMatchObject({ complaints: '', codec: 'avc1' });
    } finally {
      await two.close();
    }
  });

  test('and which has no other is told with what to do', async () => {
    const main = { codec: 'h265', width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
    const one = await startDome({ video: { main } });
    dir = mkdtempSync(join(tmpdir(), 'gate-clip-'));
    rig = new ClipRig(join(dir, 'clips'));
    try {
      const clip = await rig.open(sourceOf(one.rtspUrl('main')));
      await until(() => clip.live.fault, { ...wait, what: 'the fault' });
      clip.press('case', 30_000);
      await until(() => clip.of('evidence.missing')[0], { ...wait, what: 'the word' });
      expect(clip.of('evidence.missing')[0]?.detail).toMatch(/H\.265.*set it to H\.264/);
    } finally {
      await one.close();
    }
  });
});

test('a file that its writer gave up is mended while the process lives', async () => {
  const clip = await recorderWith();
  clip.press('case', 0);
  await until(() => clip.fragments.length >= 2, { ...wait, what: 'two groups' });
  await clip.resolve('case-1.mp4');
  // As the recorder leaves one when the disk has failed under it.
  const whole = clip.onDisk('case-1.mp4').bytes;
  writeFileSync(clip.path('given-up-1.mp4.part'), whole.subarray(0, whole.length - 1));
  clip.want({ today: 20_000 });
  await until(() => clip.files().includes('given-up-1.mp4'), { ...wait, what: 'its name' });
  expect(clip.of('evidence.stored').at(-1)).toMatchObject({ file: 'given-up-1.mp4', mended: true });
});

describe('snapshots', () => {
  const shotsFrom = (atMs: number, ...after: number[]) =>
    after.map((afterMs) => ({ incident: 'case', afterMs, atMs: atMs + afterMs }));

  test('are stored, hashed, told', async () => {
    const snapshot = { url: new URL('/snapshot/main.jpg', dome.url).href, ...domeLogin, ca: null };
    const clip = await recorderWith({ snapshot });
    const nowMs = clip.press('case', 0);
    const seen = { incident: 'noticed-m1', afterMs: 0, atMs: nowMs };
    clip.want({ snapshots: [...shotsFrom(nowMs, 0, 1_000), seen] });
    const shots = () => clip.of('evidence.stored').filter(({ what }) => what === 'snapshot');
    await until(() => shots().length === 3, { ...wait, what: 'three snapshots' });
    await until(() => clip.files().includes('case-1000.jpg'), { ...wait, what: 'their names' });
    expect(
      shots()
        .map(({ file }) => file)
        .sort(),
    ).toEqual(['case-0.jpg', 'case-1000.jpg', 'noticed-m1-0.jpg']);
    const first = shots().find(({ file }) => file === 'case-0.jpg');
    expect(first).toMatchObject({ incident: 'case', afterMs: 0, video: null });
    const file = clip.onDisk('case-0.jpg');
    expect(file.mode).toBe(0o600);
    expect(file.bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(first).toMatchObject({ sha256: file.sha256, bytes: file.bytes.length });
  });

  test('that cannot be had are told, once, with the reason', async () => {
    const clip = await recorderWith();
    const nowMs = clip.press('case', 0);
    clip.want({ snapshots: shotsFrom(nowMs - 4_500, 0) });
    await until(() => missing(clip, 'case', 'snapshot').length > 0, { ...wait, what: 'the word' });
    expect(missing(clip, 'case', 'snapshot')).toEqual([
      expect.objectContaining({ afterMs: 0, detail: 'the dome gives no snapshots' }),
    ]);
    expect(existsSync(clip.path('case-0.jpg.part'))).toBe(false);
  });
});
