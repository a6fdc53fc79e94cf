// What is said in a call is kept, by real processes: both sides as tracks of one file, found there by
// correlation; what a SIGKILL, a disk and a coder that fail cost; and that it costs the call nothing.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EvidenceSaid, TalksWanted } from '#agent/media/wire.ts';
import { chanceOf, seedOfRun } from '#test/e2e/support/random.ts';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { soundIn, soundsOf } from '#test/support/media/film.ts';
import { heardAbove, isHeard, notHeardBelow, seek } from '#test/support/media/judge.ts';
import { nowMs, type Recording } from '#test/support/media/recording.ts';
import { type RigOptions, TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

type Said<T extends EvidenceSaid['t']> = Extract<EvidenceSaid, { t: T }>;

const wait = { withinMs: 60_000 };
let open: Kept | null = null;
afterEach(async () => {
  await open?.rig.close();
  open = null;
});

async function keeping(...how: ConstructorParameters<typeof Kept>): Promise<Kept> {
  open = new Kept(...how);
  return open.open();
}

/** A talk process that keeps its calls, and the daemon's part of it. */
class Kept {
  readonly rig: TalkRig;
  readonly dir: string;
  #evidence: TalksWanted;

  constructor(options: RigOptions = {}, dir?: string) {
    this.rig = new TalkRig({ room: 'bursts:100', ...options });
    this.dir = dir ?? join(this.rig.dir, 'clips');
    this.#evidence = { dir: this.dir, heard: 0, talk: null };
    this.rig.heard = (said) => {
      if ('n' in said) this.want({ heard: said.n });
    };
  }

  async open(): Promise<this> {
    this.want({});
    await this.rig.open();
    return this;
  }

  want(change: Partial<TalksWanted>): void {
    this.#evidence = { ...this.#evidence, ...change };
    this.rig.want({ evidence: this.#evidence });
  }

  of<T extends EvidenceSaid['t']>(t: T): Said<T>[] {
    return this.rig.said.filter((said): said is Said<T> => said.t === t);
  }

  fragments(file: string) {
    return this.of('evidence.written').flatMap((one) => (one.file === file ? one.fragments : []));
  }

  files(): string[] {
    return existsSync(this.dir) ? readdirSync(this.dir).sort() : [];
  }

  /** The file, once it has its name. */
  async named(file: string): Promise<Said<'evidence.stored'>> {
    await until(() => this.files().includes(file), { ...wait, what: file });
    const stored = this.of('evidence.stored').findLast((said) => said.file === file);
    if (!stored) throw new Error(`${file} has a name and was not told`);
    const bytes = readFileSync(join(this.dir, file));
    expect(statSync(join(this.dir, file)).mode & 0o777).toBe(0o600);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(stored).toMatchObject({ what: 'talk', afterMs: null, sha256, bytes: bytes.length });
    let at = bytes.length - this.fragments(file).reduce((sum, one) => sum + one.bytes, 0);
    if (!stored.mended)
      for (const fragment of this.fragments(file)) {
        const part = bytes.subarray(at, at + fragment.bytes);
        expect(createHash('sha256').update(part).digest('hex')).toBe(fragment.sha256);
        at += fragment.bytes;
      }
    return stored;
  }

  /** Its tracks, by the clock of the call. Whoever decodes them has nothing to say. */
  tracks(file: string): [caller: Recording, room: Recording] {
    const path = join(this.dir, file);
    const tracks = soundsOf(path);
    expect(tracks.map(({ codec, name }) => [codec, name])).toEqual([
      ['opus', 'dispatcher'],
      ['opus', 'gate room'],
    ]);
    const startMs = this.fragments(file)[0]?.monoMs ?? Number.NaN;
    return [soundIn(path, 0, startMs), soundIn(path, 1, startMs)];
  }

  /** How many of the bursts that `from` has heard between two times are in a track. */
  found(track: Recording, from: string, seed: number, [fromMs, toMs]: readonly [number, number]) {
    const { times } = this.rig.recording(from, 'microphone');
    const left = times.flatMap((time, n) =>
      n % 100 === 0 && time >= fromMs && time < toMs ? [{ time, seed: seed + n / 100 }] : [],
    );
    const found = left.map((one) => seek(track, one.seed, one.time));
    return {
      clear: found.filter(({ likeness }) => likeness > heardAbove).length,
      best: Math.max(0, ...found.map(({ likeness }) => likeness)),
      of: left.length,
    };
  }

  async pass(ms: number): Promise<void> {
    const end = nowMs() + ms;
    await until(() => nowMs() >= end, { withinMs: ms + 30_000, what: 'time' });
  }
}

describe('a call that is kept', { timeout: 180_000 }, () => {
  it('has who is heard in the room and the room, each by itself, from before the first word', async () => {
    const kept = await keeping();
    kept.want({ talk: { id: 'case' } });
    const offeredMs = nowMs();
    await kept.rig.call('a', { heard: 'bursts:500' });
    const connectedMs = nowMs();
    await kept.rig.call('b', { heard: 'bursts:900', speaks: false });
    await kept.pass(2_600);
    kept.rig.change('a', { speaks: false });
    kept.rig.change('b', { speaks: true });
    const handedMs = nowMs();
    await kept.pass(2_600);
    const endedMs = nowMs();
    kept.want({ talk: null });
    const stored = await kept.named('case-1.m4a');

    expect(stored).toMatchObject({ incident: 'case', mended: false, missingMs: 0 });
    expect(kept.files()).toEqual(['case-1.m4a']);
    const beganMs = kept.fragments('case-1.m4a')[0]?.monoMs ?? Number.NaN;
    expect(beganMs).toBeGreaterThan(offeredMs - 50);
    // Nobody says a word so soon.
    expect(beganMs).toBeLessThan(connectedMs + 100);
    expect(Math.abs(beganMs + stored.lengthMs - endedMs)).toBeLessThan(1_000);
    expect(Math.abs(stored.wallMs - (Date.now() - nowMs() + beganMs))).toBeLessThan(50);
    const [caller, room] = kept.tracks('case-1.m4a');
    const before = [connectedMs + 500, handedMs - 500] as const;
    const after = [handedMs + 500, endedMs - 1_000] as const;
    const all = [before[0], after[1]] as const;
    const heard = {
      a: kept.found(caller, 'a', 500, before),
      b: kept.found(caller, 'b', 900, after),
      room: kept.found(room, 'room', 100, all),
    };
    console.log(`talk: ${JSON.stringify(heard)}`);
    for (const one of Object.values(heard)) expect(one.clear).toBeGreaterThan(0);
    const strange = [
      kept.found(caller, 'a', 500, after),
      kept.found(caller, 'b', 900, before),
      kept.found(caller, 'room', 100, all),
      kept.found(room, 'a', 500, before),
    ];
    for (const { best } of strange) expect(best).toBeLessThan(notHeardBelow);
    expect(kept.rig.faults).toEqual([]);
  });

  it('loses a second at most where the process is killed, and goes on in the next file', async () => {
    const kept = await keeping();
    const { rig } = kept;
    const chance = chanceOf(seedOfRun());
    kept.want({ talk: { id: 'case' } });
    const lackedMs: number[] = [];
    for (let kill = 1; kill <= 2; kill++) {
      const file = `case-${kill}.m4a`;
      await rig.call(`caller-${kill}`, { heard: 'bursts:500' });
      await until(() => kept.fragments(file).length >= 4, { ...wait, what: 'two seconds' });
      await kept.pass(chance.next() * 1_000);
      const told = kept.fragments(file);
      const killedMs = nowMs();
      const { pid } = rig.place;
      if (pid === null) throw new Error('no process');
      process.kill(pid, 'SIGKILL');
      await until(() => rig.place.pid !== pid, { ...wait, what: 'its end' });
      kept.want({ heard: 0 });
      rig.end(`caller-${kill}`);
      const stored = await kept.named(file);
      expect(stored).toMatchObject({ mended: true, incident: 'case' });
      expect(stored.fragments).toBeGreaterThanOrEqual(told.length);
      // Whatever the moment: no more than a fragment and what is on its way.
      expect(Math.max(...told.map(({ lengthMs }) => lengthMs))).toBeLessThanOrEqual(500);
      lackedMs.push(killedMs - ((told[0]?.monoMs ?? Number.NaN) + stored.lengthMs));
      kept.tracks(file);
    }
    console.log(
      `talk: ${JSON.stringify({ seed: chance.seed, lackedMs: lackedMs.map(Math.round) })}`,
    );
    for (const one of lackedMs) expect(one).toBeLessThan(1_000);
  });

  it('goes on in another file where its coder dies, and says so meanwhile', async () => {
    const kept = await keeping();
    const { rig } = kept;
    kept.want({ talk: { id: 'case' } });
    await rig.call('a', { heard: 'bursts:500' });
    await until(() => kept.fragments('case-1.m4a').length, { ...wait, what: 'a second' });
    const { pid } = rig.place;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const coder = children.find((one) =>
      /ffmpeg/.test(readFileSync(`/proc/${one}/cmdline`, 'utf8')),
    );
    process.kill(Number(coder), 'SIGKILL');
    await kept.named('case-1.m4a');
    await until(() => kept.fragments('case-2.m4a').length, { ...wait, what: 'the next file' });
    const told = rig.said.flatMap((one) => (one.t === 'fault' ? [one] : []));
    expect(told).toEqual([
      { t: 'fault', fault: 'talk.record', detail: expect.stringContaining('ffmpeg has ended') },
      { t: 'fault', fault: 'talk.record', detail: null },
    ]);
    kept.want({ talk: null });
    await kept.named('case-2.m4a');
    kept.tracks('case-2.m4a');
  });
});

describe('a call', { timeout: 120_000 }, () => {
  it('of which nothing is to be kept leaves nothing', async () => {
    const kept = await keeping();
    await kept.rig.call('a', { heard: 'bursts:500' });
    expect(await isHeard(kept.rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(kept.files()).toEqual([]);
    expect(kept.rig.said.filter(({ t }) => t.startsWith('evidence.'))).toEqual([]);
  });

  it('is heard where the disk takes nothing of it: one fault, and a word of what is missing', async () => {
    const kept = await keeping({}, '/dev/null/clips');
    kept.want({ talk: { id: 'case' } });
    await kept.rig.call('a', { heard: 'bursts:500' });
    const faults = () => kept.rig.said.filter(({ t }) => t === 'fault');
    await until(() => faults().length > 0, { ...wait, what: 'the fault' });
    expect(await isHeard(kept.rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(kept.rig, { from: 'room', to: 'a', seed: 100 })).toBe(true);
    kept.want({ talk: null });
    const missing = await until(() => kept.of('evidence.missing')[0], {
      ...wait,
      what: 'the word',
    });
    expect(missing).toMatchObject({ incident: 'case', what: 'talk', afterMs: null });
    expect(missing.detail).toMatch(
      /^\d+ s of a call could not be kept: The disk of the clips fails/,
    );
    expect(faults()).toEqual([
      { t: 'fault', fault: 'talk.record', detail: expect.stringMatching(/^The disk .* fails: /) },
    ]);
  });

  it('is heard while the disk hangs: one fault, and all of it on the disk when that is over', async () => {
    const { HANG_FILE, ...shim } = fsyncShim('/tmp');
    const hang = `${HANG_FILE}-${process.pid}`;
    const env = { ...shim, HANG_FILE: hang, HANG_ONLY: '/clips/' };
    const kept = await keeping({ env });
    const { rig } = kept;
    kept.want({ talk: { id: 'case' } });
    await rig.call('a', { heard: 'bursts:500' });
    await until(() => kept.fragments('case-1.m4a').length, { ...wait, what: 'a second' });
    writeFileSync(hang, '');
    try {
      await until(() => rig.said.some(({ t }) => t === 'fault'), { ...wait, what: 'the fault' });
      expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    } finally {
      rmSync(hang);
    }
    const before = kept.fragments('case-1.m4a').length;
    await until(() => kept.fragments('case-1.m4a').length > before, {
      ...wait,
      what: 'what had waited',
    });
    kept.want({ talk: null });
    expect(await kept.named('case-1.m4a')).toMatchObject({ missingMs: 0 });
    expect(rig.said.flatMap((one) => (one.t === 'fault' ? [one.detail] : []))).toEqual([
      expect.stringMatching(/ hangs\. /),
      null,
    ]);
  });
});
