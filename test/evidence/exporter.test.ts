// The exporter with a real store and its real thread: bundles of cases that a real chain has, while alarms
// pass, disks fill and cases are large; and how long the daemon's loop is held by it.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact, FactOf } from '#agent/core/fact.ts';
import type { ExportTarget } from '#agent/core/target.ts';
import { BundleExporter, type ExporterOptions } from '#agent/evidence/exporter.ts';
import { verify } from '#agent/evidence/verify/verify.ts';
import { masterOf, sealed } from '#agent/sealed/format.ts';
import type { SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import { setup } from '#test/core/story.ts';
import { nothing, press, smallStore, tempDir } from '#test/store/support.ts';
import { sealingKey, unsealed } from '#test/support/unsealed.ts';
import { until } from '#test/support/wait.ts';
import { caseOf, film, stored, type Told, terminal, written } from './support.ts';

const clock = systemClock();
let dir: ReturnType<typeof tempDir>;
let clips: string;
let store: SqliteStore;
let exporter: BundleExporter;
let ends: FactOf<'export.ended'>[];
beforeEach(() => {
  dir = tempDir();
  clips = join(dir.path, 'clips');
  mkdirSync(clips);
  ends = [];
  store = smallStore(join(dir.path, 'data'), { pageCapMb: 32, terminal: terminal.id });
  store.open({ emit: () => undefined });
});
afterEach(async () => {
  await exporter.close();
  await store.close();
  dir.remove();
});

const sink = {
  emit: (fact: Fact) => {
    if (fact.kind === 'export.ended') ends.push(fact);
  },
};

async function open(change: Partial<ExporterOptions> = {}): Promise<void> {
  exporter = new BundleExporter({
    ...{ clock, archive: store, dir: clips, dataDir: join(dir.path, 'data') },
    ...{ capMb: 4_096, reserveMb: 0, terminal, inputs: setup.inputs, ...change },
  });
  await exporter.open(sink);
}

/** The case is in the chain and on the shelf. */
function keep({ story, files }: Told): ExportTarget {
  for (const { at, fact } of story.recorded) store.commit({ ...nothing, audit: [{ at, fact }] });
  for (const [name, bytes] of files) writeFileSync(join(clips, name), bytes);
  return { ...story.wanted.exports, isPaused: false };
}

const ended = (n = 1) =>
  until(() => ends.length >= n, { withinMs: 60_000, what: `the end of export ${n}` });
const bundles = () => readdirSync(clips).filter((name) => name.endsWith('.zip'));

describe('a bundle', () => {
  it('is made, right, and told once; another takes nothing of it away', async () => {
    await open();
    const target = keep(caseOf());
    exporter.want(target);
    exporter.want(target);
    await ended();
    const [one] = target.exports;
    const path = join(clips, one?.file ?? '');
    expect(ends).toMatchObject([
      { export: one?.export, detail: null, bytes: readFileSync(path).length },
    ]);
    expect(await verify(path)).toMatchObject({ ok: true, problems: [] });
    exporter.want({ exports: [], isPaused: false });
    const again = target.exports.map((wanted) => ({
      ...{ ...wanted, export: 'e-2', file: wanted.file.replace('.zip', '0.zip') },
    }));
    exporter.want({ exports: again, isPaused: false });
    await ended(2);
    // It is none of the chain: nobody has recorded that it was asked for.
    expect(await verify(join(clips, again[0]?.file ?? ''))).toMatchObject({ ok: false });
    expect(bundles()).toHaveLength(2);
    expect(exporter.look('e-2')).toMatchObject({ state: 'made' });
    expect((await exporter.read('e-2', 0, 2))?.toString()).toBe('PK');
    expect(await exporter.read('nobody', 0, 2)).toBeNull();
  });

  it('of sealed files is sealed itself, and right inside; a file that was changed is named', async () => {
    await open({ masterKey: sealingKey });
    const target = keep(caseOf());
    const master = masterOf(sealingKey);
    if (!master) throw new Error('a key');
    const films = readdirSync(clips).filter((name) => name.endsWith('.mp4'));
    for (const name of films)
      writeFileSync(join(clips, name), sealed(master, readFileSync(join(clips, name))));
    const bent = readFileSync(join(clips, films[0] ?? ''));
    bent.writeUInt8(bent.readUInt8(1_000) ^ 1, 1_000);
    writeFileSync(join(clips, films[0] ?? ''), bent);
    exporter.want(target);
    await ended();
    const [one] = target.exports;
    const path = join(clips, one?.file ?? '');
    expect(readFileSync(path).subarray(0, 2).toString()).not.toBe('PK');
    const opened = unsealed(path);
    const { ok, problems } = await verify(opened);
    expect([ok, problems]).toEqual([true, []]);
    expect(ends).toMatchObject([{ detail: null, bytes: statSync(opened).size }]);
    const bytes = await exporter.read(one?.export ?? '', 0, 1e9);
    expect(bytes?.equals(readFileSync(opened))).toBe(true);
    expect(bytes?.toString('latin1')).toContain('it cannot be read (record 1 has been changed)');
  });

  it('leaves no more than four, none older than a day, and nothing half made', async () => {
    await open();
    const target = keep(caseOf());
    const atMs = target.exports[0]?.at.wallMs ?? 0;
    const ages = [1, 2, 3, 4, 90_000].map((seconds) => atMs - seconds * 1_000);
    for (const ms of ages) writeFileSync(join(clips, `old-${ms}.zip`), 'x');
    writeFileSync(join(clips, '.export-torn.zip'), 'x');
    exporter.want(target);
    await ended();
    expect(bundles().sort()).toEqual(
      [target.exports[0]?.file ?? '', ...ages.slice(0, 3).map((ms) => `old-${ms}.zip`)].sort(),
    );
    expect(readdirSync(clips)).not.toContain('.export-torn.zip');
  });

  it.each([
    ['no room under the cap', { capMb: 4 }, /^there is no room: the bundle takes \d+ MB, and/],
    ['no room on the disk', { reserveMb: 1e9 }, /1000000000 MB of the disk are to stay free$/],
  ])('is not begun where there is %s', async (_, change, why) => {
    await open(change);
    exporter.want(keep(caseOf()));
    await ended();
    expect(ends[0]?.detail).toMatch(why);
    expect(bundles()).toEqual([]);
  });

  it('is not made while the chain is in memory, nor where nobody wants it any more', async () => {
    await open();
    const target = keep(caseOf());
    exporter.want({ ...target, isPaused: true });
    expect(exporter.look(target.exports[0]?.export ?? '')).toEqual({ state: 'making' });
    exporter.want({ exports: [], isPaused: false });
    expect(exporter.look(target.exports[0]?.export ?? '')).toMatchObject({ state: 'failed' });
    await exporter.close();
    writeFileSync(join(dir.path, 'a-file'), '');
    const memory = smallStore(join(dir.path, 'a-file/data'), { terminal: terminal.id });
    memory.open({ emit: () => undefined });
    await open({ archive: memory });
    exporter.want(target);
    await ended();
    await memory.close();
    expect(ends[0]?.detail).toBe('the records are in memory alone');
    expect(bundles()).toEqual([]);
  });
});

/** Bytes of the bundle that is being made; 0 where there is none. */
function unfinished(): number {
  const name = readdirSync(clips).find((one) => one.startsWith('.export-'));
  return name ? (statSync(join(clips, name), { throwIfNoEntry: false })?.size ?? 0) : 0;
}

describe('an alarm', () => {
  /** 24 MB, and a chain of thousands of records behind it. */
  function large(): Told {
    const told = caseOf();
    const { story } = told;
    const id = told.story.of('desk').id;
    const big = film('big', 16, 1_500_000);
    const file = `${id}-2.mp4`;
    const at = story.now;
    const facts = [written(story, file, big), stored(id, file, big.bytes, { fragments: 16 })];
    story.recorded.push(...facts.map((fact) => ({ at, fact })));
    return { story, files: new Map([...told.files, [file, big.bytes]]) };
  }

  it('does not wait for one: the loop goes on, and nothing moves while it is on its way', async () => {
    await open();
    const target = keep(large());
    const passed = { at: clock.now(), fact: { kind: 'time.passed' } } as const;
    store.commit({ ...nothing, audit: Array.from({ length: 3_000 }, () => passed) });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    exporter.want(target);
    await until(() => unfinished() > 0, {
      ...{ withinMs: 30_000, what: 'the beginning' },
    });
    exporter.want({ ...target, isPaused: true });
    // What is in hand is written, and then nothing more.
    let before = -1;
    const rests = async () => {
      const last = before;
      before = unfinished();
      await new Promise<void>((next) => clock.after(300, next));
      return last === before;
    };
    await until(rests, { withinMs: 30_000, what: 'it to stand still' });
    const commitMs: number[] = [];
    for (let n = 1; n <= 20; n++) {
      const began = performance.now();
      store.commit(press(n));
      commitMs.push(performance.now() - began);
      await new Promise((next) => clock.after(10, () => next(null)));
    }
    expect(ends).toEqual([]);
    expect(before).toBeGreaterThan(0);
    expect(unfinished()).toBe(before);
    exporter.want(target);
    await ended();
    delay.disable();
    expect(ends[0]?.detail).toBeNull();
    expect((await verify(join(clips, bundles()[0] ?? ''))).ok).toBe(true);
    // A busy machine stalls by itself; a loop that reads 24 MB is held for longer.
    expect(delay.percentile(99) / 1e6).toBeLessThan(100);
    expect(commitMs.toSorted((a, b) => a - b)[10]).toBeLessThan(200);
  }, 120_000);
});
