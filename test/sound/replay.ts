// The scene of echo.ts by computation alone: the room's acoustics, and the canceller without its cards
// (replay.cc). The same figures at every run and under any load; that the cards are handled right is what
// the run in real time shows.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockSamples, Convolver, noise, roomResponse } from '#agent/sim/sound/acoustics.ts';
import { compileCanceller } from '../../scripts/canceller.ts';
import { type EchoFigures, type EchoPlan, figuresOf, nearLoudness } from './echo.ts';
import { voice } from './room.ts';
import { joined, tiled } from './signal.ts';

const rate = 48_000;
const root = join(import.meta.dirname, '../..');
/** As the room has them. */
const delaySamples = 0.04 * rate;
const gain = 10 ** (-3 / 20);
const hissLoudness = 10 ** (-66 / 20);
/** The devices run long before anybody calls. */
const quietS = 20;
const bytesMax = 64 * 1024 * 1024;

export function replayEcho(plan: EchoPlan, ppm = 0): EchoFigures {
  const { aloneS, bothS, movedS } = plan;
  const quiet = new Int16Array(quietS * rate);
  const far = joined([quiet, tiled(voice('zh'), aloneS + bothS + movedS)]);
  const near = tiled(voice('en'), bothS);
  const [nearAt, movedAt] = [(quietS + aloneS) * rate, (quietS + aloneS + bothS) * rate];
  const raw = heard(echoOf(far, movedAt), near, { nearAt, ppm });
  const dir = mkdtempSync(join(tmpdir(), 'gate-replay-'));
  try {
    const out = cleaned(dir, far, raw, ppm);
    const spoken = (samples: Int16Array) => samples.subarray(quiet.length);
    const scene = { raw: spoken(raw), out: spoken(out), near, nearAt: aloneS * rate, stalls: 0 };
    return figuresOf(plan, scene);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What comes to the microphone's place, but for the delay. */
function echoOf(far: Int16Array, movedAt: number): Float32Array {
  const room = new Convolver([1, 7].map((seed) => roomResponse(rate, 0.3, seed)));
  const echo = new Float32Array(far.length);
  for (let n = 0; n + blockSamples <= far.length; n += blockSamples) {
    const block = Float32Array.from(far.subarray(n, n + blockSamples), (one) => one / 32_768);
    echo.set(room.through(block, n >= movedAt ? 1 : 0), n);
  }
  return echo;
}

function heard(
  echo: Float32Array,
  near: Int16Array,
  { nearAt, ppm }: { readonly nearAt: number; readonly ppm: number },
): Int16Array {
  const hiss = noise(1 << 18, 3);
  return Int16Array.from({ length: echo.length }, (_, n) => {
    const at = n / (1 + ppm * 1e-6) - delaySamples;
    const whole = Math.floor(at);
    const [before, after] = [echo[whole] ?? 0, echo[whole + 1] ?? 0];
    const there = before + (at - whole) * (after - before);
    const voiced = ((near[n - nearAt] ?? 0) / 32_768) * nearLoudness;
    const all = there * gain + voiced + (hiss[n % hiss.length] ?? 0) * hissLoudness;
    return Math.max(-1, Math.min(1, all)) * 32_767;
  });
}

function cleaned(dir: string, far: Int16Array, raw: Int16Array, ppm: number): Int16Array {
  const program = join(root, '.build/replay');
  const source = join(import.meta.dirname, 'replay.cc');
  if (!compileCanceller(program, { program: source })) throw new Error('no canceller to replay');
  const files = [join(dir, 'far'), join(dir, 'raw')] as const;
  writeFileSync(files[0], far);
  writeFileSync(files[1], raw);
  const bytes = execFileSync(program, [String(ppm), ...files], { maxBuffer: bytesMax });
  return new Int16Array(new Uint8Array(bytes).buffer);
}
