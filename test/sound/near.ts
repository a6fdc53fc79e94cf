// How much of a voice has come through: what of the output follows it, frequency by frequency, against the
// voice itself. Echo and noise do not follow it, so they do not count.

import { emptySpectrum, type Spectrum, transform } from '#agent/sim/sound/acoustics.ts';
import { findIn } from './signal.ts';

const rate = 48_000;
const windowSamples = 1024;
const hop = windowSamples / 2;
/** Where a voice has its energy, Hz. */
const band = { from: 200, to: 6000 };

/** Gain of `near` within `out`, dB; 0 where it is all there. `out` begins where `near` does, or up to 50 ms
 * before; `gain`: what it was spoken with. */
export function nearGain(near: Int16Array, out: Int16Array, gain: number): number {
  const { at } = findIn(near.subarray(0, 4 * rate), out.subarray(0, 4 * rate + rate / 20));
  const [pure, mixed] = [spectra(near), spectra(out.subarray(at))];
  const powers = pure.map((one) => sumOver((k) => powerAt(one, k)));
  const loudest = Math.max(...powers);
  const spoken = powers.flatMap((power, n) =>
    power > loudest / 1000 && n < mixed.length ? [n] : [],
  );
  let [through, all] = [0, 0];
  for (let k = binOf(band.from); k < binOf(band.to); k++) {
    let [re, im, power] = [0, 0, 0];
    for (const n of spoken) {
      const [a, b] = [pure[n], mixed[n]];
      if (!a || !b) continue;
      re += valueAt(b.re, k) * valueAt(a.re, k) + valueAt(b.im, k) * valueAt(a.im, k);
      im += valueAt(b.im, k) * valueAt(a.re, k) - valueAt(b.re, k) * valueAt(a.im, k);
      power += powerAt(a, k);
    }
    through += (re * re + im * im) / Math.max(power, Number.MIN_VALUE);
    all += power;
  }
  return 10 * Math.log10(through / all) - 20 * Math.log10(gain);
}

const valueAt = (values: Float64Array, k: number): number => values[k] ?? 0;
const binOf = (hz: number): number => Math.round((hz * windowSamples) / rate);
const powerAt = ({ re, im }: Spectrum, k: number): number =>
  valueAt(re, k) ** 2 + valueAt(im, k) ** 2;

function sumOver(what: (k: number) => number): number {
  let sum = 0;
  for (let k = binOf(band.from); k < binOf(band.to); k++) sum += what(k);
  return sum;
}

function spectra(samples: Int16Array): Spectrum[] {
  const count = Math.max(0, Math.floor((samples.length - windowSamples) / hop) + 1);
  return Array.from({ length: count }, (_, frame) => {
    const spectrum = emptySpectrum(windowSamples);
    for (let n = 0; n < windowSamples; n++) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowSamples);
      spectrum.re[n] = ((samples[frame * hop + n] ?? 0) / 32_768) * hann;
    }
    transform(spectrum, false);
    return spectrum;
  });
}
