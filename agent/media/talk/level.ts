// Brings every caller's voice to one level: whoever leans back from a weak microphone and whoever shouts
// into a strong one are understood alike in the gate room. Follows the level of what is spoken, never that
// of pauses; within bounds, so that no room's noise becomes a roar; what would still be too loud is limited.

import type { SoundFrame } from '../../ports.ts';
import { clamp, levelDb } from '../frames.ts';
import { frameSamples } from '../sound/frame.ts';

/** Of a voice while it speaks, dBFS: 6 dB over the level that telephony is measured at (ITU-T P.56), for a
 * loudspeaker in a room. */
export const voiceDb = -20;
const gainDbMax = 24;
const gainDbMin = -20;
/** Softer than the voice by more than this is a pause between two syllables. */
const pauseDb = 15;
/** The first syllables count alike; then a second of speech, or 300 ms of louder speech, is a new level. */
const firstFrames = 20;
const settleFrames = 100;
const louderFrames = 30;
const upDb = 0.3;
const downDb = 1;
/** 1 dB under full scale; let go at 50 dB a second. */
const peakMax = 29_200;
const releaseDb = 0.5;

export class Level {
  /** Mean power of what was spoken; null: nothing yet. */
  #power: number | null = null;
  #frames = 0;
  #gainDb = 0;
  #limitDb = 0;
  /** At the end of the frame before. */
  #last = 1;

  /** Decibels added at the moment, before the limiter. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** The frame, louder or softer; a new one. */
  take(frame: SoundFrame, isSpoken: boolean): SoundFrame {
    const db = levelDb(frame);
    if (isSpoken) this.#follow(db);
    const gain = this.#limited(frame, this.#gainDb);
    const from = this.#last;
    this.#last = gain;
    return frame.map((sample, i) => clamp(sample * (from + ((gain - from) * i) / frameSamples)));
  }

  #follow(db: number): void {
    const before = this.#power;
    const power = 10 ** (db / 10);
    if (before !== null && db < 10 * Math.log10(before) - pauseDb) return;
    this.#frames += 1;
    const frames = before !== null && power > before ? louderFrames : settleFrames;
    const share = 1 / Math.min(this.#frames, this.#frames <= firstFrames ? firstFrames : frames);
    this.#power = before === null ? power : before + (power - before) * share;
    const spokenDb = 10 * Math.log10(this.#power);
    const wantedDb = Math.min(gainDbMax, Math.max(gainDbMin, voiceDb - spokenDb));
    const step = Math.min(upDb, Math.max(-downDb, wantedDb - this.#gainDb));
    this.#gainDb += step;
  }

  /** At once softer where a peak asks for it, slowly back. */
  #limited(frame: SoundFrame, gainDb: number): number {
    const peak = frame.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
    const roomDb = 20 * Math.log10(peakMax / peak) - gainDb;
    this.#limitDb = Math.min(0, roomDb, this.#limitDb + releaseDb);
    return 10 ** ((gainDb + this.#limitDb) / 20);
  }
}
