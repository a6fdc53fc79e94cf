// The gate's picture in a real browser: the live process under its supervisor, ffmpeg, a dome that
// serves RTSP. Judged by what is in the decoded pictures: frame counter, time, the strobe's colour.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { type Seen, Viewers } from '#test/live/browser.ts';
import { domeLogin, LiveRig, runs, sourceOf } from '#test/live/rig.ts';
import { until } from '#test/support/wait.ts';

let dome: SimDome;
let rig: LiveRig;
let viewers: Viewers;
beforeAll(async () => {
  dome = await startDome({ video: { main: { gopSeconds: 6 } } });
  const [main, sub] = [sourceOf(dome.rtspUrl('main')), sourceOf(dome.rtspUrl('sub'))];
  rig = await new LiveRig().open({ main, sub, warm: true });
  viewers = await Viewers.open(rig);
  await well();
}, 60_000);
afterAll(async () => {
  await viewers.close();
  await rig.close();
  await dome.close();
});

const well = () => until(() => rig.fault === null, { withinMs: 30_000, what: 'the feed' });
/** Drawn at the dome not long before the browser shows it; other suites may be at work. */
const isLive = ({ atMs, sentMs }: Seen): boolean => atMs - sentMs < 2_000;
/** What is on air must not be this many pictures further: 0.8 s. */
const behindMax = 20;

const newerThan =
  (wallMs: number) =>
  ({ sentMs }: Seen): boolean =>
    sentMs > wallMs;

const childrenOf = (pid: number): number[] =>
  execFileSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);

async function leave(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    rig.bye(id);
    await viewers.leave(id);
  }
}

describe('a viewer', () => {
  test('who comes in mid-group has a picture at once, and at the live edge', async () => {
    await viewers.watch('before');
    await viewers.sees('before', isLive, 'the picture');
    const firsts: number[] = [];
    for (const n of [0, 1, 2]) {
      const id = `joins-${n}`;
      await viewers.watch(id);
      const joined = await viewers.sees(id, isLive, 'the live edge');
      const seen = await viewers.sees(id, (one) => one.frame > joined.frame + 25, 'a second more');
      // Beside one who has been there for long: of the 6 s of a group nothing is shown slowly.
      const edge = (await viewers.watched('before')).seen.filter((one) => one.atMs <= seen.atMs);
      expect(seen.frame).toBeGreaterThan((edge.at(-1)?.frame ?? 0) - behindMax);
      firsts.push((await viewers.watched(id)).firstMs ?? Number.POSITIVE_INFINITY);
      expect(rig.of(id).map(({ t }) => t)).toContain('connected');
      await leave(id);
    }
    await leave('before');
    // Waiting for the dome's next key picture would be three seconds in the mean.
    expect(Math.min(...firsts)).toBeLessThan(1_000);
  });

  test('sees the strobe, and hears the gate', async () => {
    await viewers.watch('strobe', { sound: true });
    await viewers.sees('strobe', (seen) => seen.strobe === 'off' && isLive(seen), 'no strobe');
    dome.actuators.strobe = true;
    await viewers.sees('strobe', ({ strobe }) => strobe === 'red', 'red light');
    await viewers.sees('strobe', ({ strobe }) => strobe === 'blue', 'blue light');
    dome.actuators.strobe = false;
    const loud = async () => (await viewers.loudness('strobe')) > 0.05;
    await until(loud, { withinMs: 10_000, what: 'the tone at the gate' });
    dome.microphone.tone(null);
    const quiet = async () => (await viewers.loudness('strobe')) < 0.01;
    await until(quiet, { withinMs: 10_000, what: 'silence at the gate' });
    dome.microphone.tone(440);
    await leave('strobe');
  });

  test('hears the gate of a dome that speaks AAC, as no browser does', async () => {
    const other = await startDome({ sound: { microphone: 'AAC' } });
    const main = sourceOf(other.rtspUrl('main'));
    const there = await new LiveRig().open({ main, sub: null, warm: true });
    const listeners = await Viewers.open(there);
    try {
      await listeners.watch('aac', { sound: true });
      await listeners.sees('aac', isLive, 'the picture');
      const loud = async () => (await listeners.loudness('aac')) > 0.05;
      await until(loud, { withinMs: 10_000, what: 'the tone at the gate' });
      other.microphone.tone(null);
      const quiet = async () => (await listeners.loudness('aac')) < 0.01;
      await until(quiet, { withinMs: 10_000, what: 'silence at the gate' });
      expect(there.fault).toBeNull();
    } finally {
      await listeners.close();
      await there.close();
      await other.close();
    }
  });

  test('four of them, each with pictures, for one connection to the dome', async () => {
    const ids = ['one', 'two', 'three', 'four'];
    for (const id of ids) await viewers.watch(id);
    for (const id of ids) await viewers.sees(id, isLive, `the picture of ${id}`);
    expect(dome.rtsp.playing).toBe(1);
    for (const id of ids) expect((await viewers.stats(id)).framesDropped).toBeLessThan(25);
    await leave(...ids);
  });

  test('of the sub stream gets that one, and its ffmpeg ends when nobody needs it', async () => {
    await viewers.watch('small', { stream: 'sub' });
    // The main stream is shown until it comes.
    const isSmall = (one: Seen) => isLive(one) && one.width === 640;
    await viewers.sees('small', isSmall, 'the sub stream');
    await leave('small');
    await until(() => dome.rtsp.playing === 1, { withinMs: 20_000, what: 'its end' });
  });
});

describe('the dome', () => {
  test('changes the size of its picture: nobody has to do anything', async () => {
    await viewers.watch('size');
    await viewers.sees('size', ({ width }) => width === 1280, 'the large picture');
    dome.rtsp.streams.main.change({ width: 640, height: 360 });
    await viewers.sees('size', (seen) => seen.width === 640 && isLive(seen), 'the small one');
    dome.rtsp.streams.main.change({ width: 1280, height: 720 });
    await viewers.sees('size', (seen) => seen.width === 1280 && isLive(seen), 'the large one');
    await leave('size');
  });

  test.each([3_600_000, -3_600_000])('sets its clock by %i ms: the picture goes on', async (ms) => {
    const id = `clock-${ms}`;
    await viewers.watch(id);
    const { frame } = await viewers.sees(id, isLive, 'the picture');
    dome.rtsp.jumpClock(ms);
    await viewers.sees(id, (seen) => seen.frame > frame + 50 && isLive(seen), 'what follows');
    await leave(id);
  });

  test('hangs, is back, starts anew: told in a sentence, and the same session goes on', async () => {
    await viewers.watch('stays');
    await viewers.sees('stays', isLive, 'the picture');
    dome.rtsp.faults.hanging = true;
    const told = () => rig.fault?.includes('hangs: it is connected, and sends nothing');
    await until(told, { withinMs: 10_000, what: 'the fault' });
    dome.rtsp.faults.hanging = false;
    await well();
    await viewers.sees('stays', newerThan(Date.now()), 'it again');
    await dome.reboot({ downMs: 1_500 });
    await until(() => rig.fault?.includes('The main stream'), {
      withinMs: 10_000,
      what: 'a fault',
    });
    await well();
    await viewers.sees('stays', newerThan(Date.now()), 'it once more');
    expect(rig.closed('stays')).toBeUndefined();
    await leave('stays');
  });
});

describe('the process', () => {
  test('shows the password to nobody who looks at the list of processes', () => {
    const lines = childrenOf(rig.pid).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(line).not.toMatch(/secret|rtsp:/);
    expect(rig.words.join()).not.toContain(domeLogin.password);
  });

  test('killed, it is there again within 2 s, ffmpeg with it, and a new offer is served', async () => {
    await viewers.watch('killed');
    await viewers.sees('killed', isLive, 'the picture');
    const ffmpeg = childrenOf(rig.pid);
    const killedMs = performance.now();
    rig.want({ sessions: [] });
    rig.kill();
    await until(() => rig.ups === 2, { withinMs: 10_000, what: 'its next life' });
    expect(performance.now() - killedMs).toBeLessThan(4_000);
    expect(ffmpeg.filter(runs)).toEqual([]);
    await viewers.watch('after');
    await viewers.sees('after', isLive, 'the picture again');
    expect(rig.facts.map((fact) => fact.kind)).toContain('fault.raised');
    await leave('killed', 'after');
  });

  test('ends quickly, and leaves no ffmpeg', async () => {
    const { pid } = rig;
    const all = [pid, ...childrenOf(pid)];
    const fromMs = performance.now();
    await rig.close();
    expect(performance.now() - fromMs).toBeLessThan(2_000);
    expect(all.filter(runs)).toEqual([]);
  });
});
