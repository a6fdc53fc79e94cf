// The ring on a dome's real stream: how far before a press its clip begins, and what it costs. For a short
// ring in the usual run, for the real one in the long run and the benchmark.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ringLimits } from '#agent/media/clip/ring.ts';
import { startDome } from '#agent/sim/dome/dome.ts';
import type { StreamSettings } from '#agent/sim/dome/video/stream.ts';
import { probe } from '#test/clip/pictures.ts';
import { until } from '#test/support/wait.ts';
import { ClipRig } from './clips.ts';
import { sourceOf } from './rig.ts';

const run = promisify(execFile);
const child = join(import.meta.dirname, 'kept-stream.child.ts');
const wait = { withinMs: 60_000 };
/** From the middle to the end while the ring fills: full speed, and seconds for all that goes before. */
const turning = { full: 0.5, moreS: 12 } as const;

export interface KeptStream {
  readonly gopSeconds: number;
  /** From the first picture of the clip to the press. */
  readonly beforePressS: number;
  /** Of the pictures in the file. */
  readonly seconds: number;
  /** What ffprobe has to say against it. */
  readonly complaints: string;
  /** That there was less before the press than is due. */
  readonly missing: number;
  /** Groups that were over before the time that is wanted. */
  readonly needless: number;
}

/** A press when the stream has been kept for so long; the live process as it is. */
export async function pressAfter(
  fillMs: number,
  beforeMs: number,
  main: Partial<StreamSettings> & Pick<StreamSettings, 'gopSeconds'>,
): Promise<KeptStream> {
  const dome = await startDome({ video: { main } });
  const dir = mkdtempSync(join(tmpdir(), 'gate-kept-'));
  const clip = new ClipRig(join(dir, 'clips'));
  try {
    await clip.open(sourceOf(dome.rtspUrl('main')));
    await until(() => clip.live.fault === null, { ...wait, what: 'the picture' });
    const beganMs = performance.now();
    const isFull = () => performance.now() - beganMs > fillMs;
    await until(isFull, { withinMs: fillMs + 1_000, what: 'the time before' });
    const pressMs = clip.press('case', beforeMs) + beforeMs;
    await until(() => (clip.fragments.at(-1)?.monoMs ?? 0) > pressMs, {
      ...wait,
      what: 'the rest',
    });
    await clip.resolve('case-1.mp4');
    const { seconds, complaints } = probe(clip.opened('case-1.mp4'));
    const beforePressS = (pressMs - (clip.fragments[0]?.monoMs ?? Number.NaN)) / 1000;
    const missing = clip.of('evidence.missing').length;
    const fromMs = pressMs - beforeMs;
    const needless = clip.fragments.filter((one) => one.monoMs + one.lengthMs < fromMs).length;
    return { gopSeconds: main.gopSeconds, beforePressS, seconds, complaints, missing, needless };
  } finally {
    await clip.live.close();
    await dome.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

export interface KeptMemory {
  readonly lengthMs: number;
  /** Bytes of the stream in that time. */
  readonly stream: number;
  /** What the ring takes: heap and buffers, bytes. */
  readonly own: number;
  /** The same as the kernel sees it, which keeps what it may need again. */
  readonly rss: number;
}

/** `keptMs`: of the ring; default: as in the live process. */
export async function memoryOf(
  main: Partial<StreamSettings>,
  keptMs?: number,
): Promise<KeptMemory> {
  const dome = await startDome({ video: { main } });
  try {
    // A dome that stands sends next to nothing, whatever it may.
    const seconds = (keptMs ?? ringLimits.keptMs) / 1000 + turning.moreS;
    dome.motion.continuous({ pan: 1 / (turning.full * seconds) }, 600_000);
    const kept = keptMs === undefined ? [] : [`${keptMs}`];
    const args = ['--expose-gc', child, dome.rtspUrl('main'), ...kept];
    const { stdout } = await run(process.execPath, args, { timeout: 180_000 });
    return JSON.parse(stdout) as KeptMemory;
  } finally {
    await dome.close();
  }
}
