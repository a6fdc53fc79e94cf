// A call of many minutes in one: canceller.cc on virtual cards and a virtual clock (virtual/cards.cc), the
// queues of the talk process on either side of it. All three clocks differ: the cards' and the caller's.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoundQueue } from '#agent/media/talk/sound-queue.ts';
import { compileCanceller } from '../../scripts/canceller.ts';

export interface LongCall {
  readonly minutes: number;
  /** How fast each clock goes beside the machine's. */
  readonly ppm: { readonly speaker: number; readonly microphone: number; readonly caller: number };
}

export interface CallFigures {
  /** Median delay of each minute, from the caller's frame to the loudspeaker, milliseconds. */
  readonly thereMs: readonly number[];
  /** From the microphone to the frame that goes to the caller. */
  readonly backMs: readonly number[];
  /** The longest that anything took. */
  readonly worstMs: number;
  /** Words that never came. */
  readonly lost: number;
  /** Frames that waited in a queue of the talk process, at most, once settled. */
  readonly queuedMax: number;
  /** Memory of the canceller at the end of each minute, MB. */
  readonly rssMb: readonly number[];
  /** Underruns and overruns of the cards. */
  readonly slips: number;
}

const root = join(import.meta.dirname, '../..');
const here = join(import.meta.dirname, 'virtual');
const frameSamples = 480;
const settleS = 5;
/** The caller speaks for a second in four; in the room somebody does in between (virtual/cards.cc). */
const everyS = 4;
const speaksFromS = 0.5;
const loud = 8_000;
const lookMs = 1_500;
const timeoutMs = 900_000;

/** What virtual/cards.cc tells. */
const kinds = { played: 0, spoken: 1, given: 2, memory: 3 } as const;

const frameOf = (isLoud: boolean) => new Int16Array(frameSamples).fill(isLoud ? loud : 0);
const isLoudFrame = (frame: Int16Array | null): boolean =>
  (frame?.[frameSamples >> 1] ?? 0) > loud / 2;

/** Frames that come at `times` go by the ticks of our clock, one in 10 ms: whether each is loud. */
function ticked(
  times: readonly { readonly s: number; readonly isLoud: boolean }[],
  untilS: number,
) {
  const queue = new SoundQueue();
  const out: boolean[] = [];
  let [next, queuedMax] = [0, 0];
  for (let tick = 0; tick < untilS * 100; tick++) {
    for (let one = times[next]; one && one.s <= tick / 100; one = times[++next])
      queue.push(frameOf(one.isLoud));
    out.push(isLoudFrame(queue.pull()));
    if (tick > settleS * 100) queuedMax = Math.max(queuedMax, queue.length);
  }
  return { out, queuedMax };
}

/** When each word began: loud after half a second that was not. */
function beginnings(loudAt: readonly number[]): number[] {
  return loudAt.filter((s, n) => s - (loudAt[n - 1] ?? -1) > 0.5);
}

function run({ ppm }: LongCall, seconds: number, played: readonly boolean[]) {
  const program = join(root, '.build/long-call');
  const canceller = join(root, 'agent/media/sound/canceller.cc');
  if (
    !compileCanceller(program, { program: join(here, 'cards.cc'), args: ['-I', here, canceller] })
  )
    throw new Error('no canceller to call through');
  const dir = mkdtempSync(join(tmpdir(), 'gate-long-'));
  try {
    const [file, events] = [join(dir, 'played'), join(dir, 'events')];
    writeFileSync(file, Uint8Array.from(played, Number));
    const fd = openSync(events, 'w');
    const { status, stderr } = spawnSync(program, ['speaker', 'microphone'], {
      env: {
        ...{ PLAYED: file, SECONDS: String(seconds) },
        ...{ PPM_SPEAKER: String(ppm.speaker), PPM_MICROPHONE: String(ppm.microphone) },
      },
      stdio: ['ignore', 'ignore', 'pipe', fd],
      maxBuffer: 64 * 1024 * 1024,
      timeout: timeoutMs,
      encoding: 'utf8',
    });
    closeSync(fd);
    if (status !== 0) throw new Error(`the canceller ended with ${status}: ${stderr.slice(-500)}`);
    const bytes = new Float64Array(new Uint8Array(readFileSync(events)).buffer);
    const all = Array.from({ length: bytes.length / 3 }, (_, n) => {
      const [kind = 0, s = 0, value = 0] = bytes.subarray(3 * n, 3 * n + 3);
      return { kind, s, value };
    });
    return { all, last: stderr.trim().split('\n').at(-1) ?? '{}' };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** From each beginning to the next one on the other side. */
function delays(from: readonly number[], to: readonly number[]) {
  return from.flatMap((s) => {
    const ms = 1000 * ((to.find((one) => one >= s) ?? Infinity) - s);
    return ms < lookMs ? [{ s, ms }] : [];
  });
}

/** Median of each minute. */
function byMinute(values: readonly { readonly s: number; readonly ms: number }[], minutes: number) {
  return Array.from({ length: minutes }, (_, minute) => {
    const mine = values.filter(({ s }) => s >= settleS && Math.floor(s / 60) === minute);
    const sorted = mine.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  });
}

export function longCall(call: LongCall): CallFigures {
  const { minutes, ppm } = call;
  const seconds = minutes * 60;
  const perFrameS = 0.01 / (1 + ppm.caller / 1e6);
  const said = Array.from({ length: Math.floor(seconds / perFrameS) }, (_, n) => {
    const s = n * perFrameS;
    const into = (s % everyS) - speaksFromS;
    return { s, isLoud: into >= 0 && into < 1 };
  });
  const there = ticked(said, seconds);
  const { all, last } = run(call, seconds, there.out);
  const of = (kind: number) => all.filter((one) => one.kind === kind);
  const given = of(kinds.given).map(({ s, value }) => ({ s, isLoud: value === 1 }));
  const back = ticked(given, seconds);
  const secondsOf = (events: ReturnType<typeof of>) => events.map(({ s }) => s);
  const words = {
    caller: beginnings(said.flatMap(({ s, isLoud }) => (isLoud ? [s] : []))),
    room: secondsOf(of(kinds.spoken)),
  };
  const heardBack = beginnings(back.out.flatMap((isLoud, tick) => (isLoud ? [tick / 100] : [])));
  const [thereAll, backAll] = [
    delays(words.caller, secondsOf(of(kinds.played))),
    delays(words.room, heardBack),
  ];
  const memory = of(kinds.memory);
  const { alive } = JSON.parse(last) as { alive: { underruns: number; overruns: number } };
  return {
    thereMs: byMinute(thereAll, minutes),
    backMs: byMinute(backAll, minutes),
    worstMs: Math.max(
      ...[...thereAll, ...backAll].filter(({ s }) => s >= settleS).map(({ ms }) => ms),
    ),
    lost: words.caller.length + words.room.length - thereAll.length - backAll.length,
    queuedMax: Math.max(there.queuedMax, back.queuedMax),
    rssMb: Array.from({ length: minutes }, (_, minute) =>
      Math.max(...memory.filter(({ s }) => s < 60 * (minute + 1)).map(({ value }) => value)),
    ),
    slips: alive.underruns + alive.overruns,
  };
}
