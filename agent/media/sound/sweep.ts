// A short rising tone, and whether a recording holds it: by correlation, so that neither a voice nor a
// noise is taken for it, however loud. Both at 48 kHz; compared at 8 kHz, which holds all of it.

import { frameRate } from '../frames.ts';

export const sweepLimits = { seconds: 0.5, fromHz: 400, toHz: 3200 } as const;
const amplitude = 8_000;
const edgeS = 0.02;
const fold = 6;
/** Of a perfect copy it is 1; of a room that echoes it is some 0.4, of noise and speech below 0.1. */
const heardMin = 0.15;
/** Above what else in the recording is like it. */
const standsOut = 5;

/** 12 dB under full scale. */
export function sweep(): Int16Array {
  const { seconds, fromHz, toHz } = sweepLimits;
  return Int16Array.from({ length: frameRate * seconds }, (_, n) => {
    const t = n / frameRate;
    const edge = Math.min(1, t / edgeS, (seconds - t) / edgeS);
    const phase = 2 * Math.PI * (fromHz * t + ((toHz - fromHz) / (2 * seconds)) * t * t);
    return amplitude * edge * Math.sin(phase);
  });
}

export interface Found {
  readonly heard: boolean;
  /** How like it the best place is, 0 to 1. */
  readonly likeness: number;
  /** Where it begins there, milliseconds from the recording's start. */
  readonly atMs: number;
  /** Of the recording there, dBFS; null: digital silence. */
  readonly levelDb: number | null;
}

/** Looks for the sweep in what a microphone gave. */
export function findSweep(recorded: Int16Array): Found {
  const [wanted, sound] = [folded(sweep()), folded(recorded)];
  const places = sound.length - wanted.length;
  const none = { heard: false, likeness: 0, atMs: 0, levelDb: null };
  if (places <= 0) return none;
  const energy = energyOf(wanted);
  let spanEnergy = energyOf(sound.subarray(0, wanted.length));
  const likeness = new Float64Array(places);
  for (let at = 0; at < places; at++) {
    let sum = 0;
    for (let n = 0; n < wanted.length; n++) sum += (wanted[n] ?? 0) * (sound[at + n] ?? 0);
    // One step of the dither of 16 bits: digital silence is like nothing.
    likeness[at] = Math.abs(sum) / Math.sqrt(energy * Math.max(spanEnergy, wanted.length));
    spanEnergy += (sound[at + wanted.length] ?? 0) ** 2 - (sound[at] ?? 0) ** 2;
  }
  const best = likeness.reduce((most, one, at) => (one > (likeness[most] ?? 0) ? at : most), 0);
  const most = likeness[best] ?? 0;
  const usual = Math.sqrt(energyOf(likeness) / places);
  const power = energyOf(sound.subarray(best, best + wanted.length)) / wanted.length;
  return {
    heard: most >= heardMin && most >= standsOut * usual,
    likeness: Math.round(most * 1000) / 1000,
    atMs: Math.round((best * fold * 1000) / frameRate),
    levelDb: power > 0 ? Math.round(10 * Math.log10(power / 32_768 ** 2)) : null,
  };
}

/** A sixth of the samples, each the mean of its six, without what is constant. */
function folded(samples: Int16Array): Float64Array {
  const out = new Float64Array(Math.floor(samples.length / fold));
  for (let n = 0; n < out.length; n++) {
    let sum = 0;
    for (let i = 0; i < fold; i++) sum += samples[n * fold + i] ?? 0;
    out[n] = sum / fold;
  }
  const mean = out.reduce((sum, one) => sum + one, 0) / Math.max(1, out.length);
  return out.map((one) => one - mean);
}

const energyOf = (samples: Float64Array): number =>
  samples.reduce((sum, one) => sum + one * one, 0);
