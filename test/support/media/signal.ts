// Signals that can be found again in what arrives: bursts of noise, each another one; tones, by their power
// beside everything else.

import { seeded } from '#agent/sim/chance.ts';
import { frameSamples, type Recording, rate } from './recording.ts';

export const toneFrame = (hz: number, n: number, amplitude = 8_000): Int16Array =>
  Int16Array.from(
    { length: frameSamples },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * (n * frameSamples + i)) / rate),
  );

export const burstMs = 200;

/** Noise of the band of speech (300 to 3,000 Hz), so that a codec keeps it: 200 ms. */
export function burst(seed: number, amplitude = 9_000): Int16Array {
  const next = seeded(seed);
  const length = (burstMs * rate) / 1000;
  const [lowPass, highPass] = [onePole(3_000), onePole(300)];
  return Int16Array.from({ length }, (_, i) => {
    const edge = Math.min(1, i / 480, (length - i) / 480);
    const noise = lowPass(2 * next() - 1);
    return 2 * amplitude * edge * (noise - highPass(noise));
  });
}

/** A low pass of the first order, on its way from sample to sample. */
function onePole(hz: number): (sample: number) => number {
  const share = 1 - Math.exp((-2 * Math.PI * hz) / rate);
  let held = 0;
  return (sample) => {
    held += share * (sample - held);
    return held;
  };
}

/** When a sample of a recording was heard. */
export const timeOf = ({ times }: Recording, sample: number): number =>
  (times[Math.floor(sample / frameSamples)] ?? Number.NaN) +
  ((sample % frameSamples) * 1000) / rate;

/** Share of a tone in the power of a frame-sized piece, and its level, dBFS. */
export function tonePower(samples: Int16Array, hz: number): { share: number; db: number } {
  let [re, im, all] = [0, 0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * hz * i) / rate;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    all += sample * sample;
  });
  const own = (2 * (re * re + im * im)) / samples.length;
  const db = 10 * Math.log10(own / samples.length / 32_768 ** 2);
  return { share: all === 0 ? 0 : own / all, db };
}
