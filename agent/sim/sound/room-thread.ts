// The air of the simulated room, in a thread of its own: takes what the loudspeaker's card has played,
// lets it go through the room, and puts it, with noise and whoever speaks, into the microphone's card.
// The sound's way of 40 ms is the time it has for that; blocks that came too late are counted.

import { closeSync, openSync, writeSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { blockSamples, Convolver, noise, roomResponse } from './acoustics.ts';
import { Card, soundRate } from './card.ts';
import type { RoomOrder, RoomStart, RoomWord } from './room.ts';

const start: RoomStart = workerData;
const pollMs = 3;
const warmUpBlocks = 300;
const noiseSamples = 1 << 18;
const echoSamples = 1 << 16;

const rateOf = (ppm: number): number => soundRate * (1 + ppm * 1e-6);
const speakerRate = rateOf(start.ppm.speaker);
const microphoneRate = rateOf(start.ppm.microphone);
const secondsNow = (): number => Number(process.hrtime.bigint() - start.zeroNs) / 1e9;

const speaker = new Card(start.speakerPath);
const microphone = new Card(start.microphonePath);
speaker.join();
microphone.join();
const convolver = new Convolver([1, 7].map((seed) => roomResponse(soundRate, start.rt60S, seed)));
const gain = 10 ** (start.gainDb / 20);
const hiss = noise(noiseSamples, 3).map((one) => one * 10 ** (start.noiseDbfs / 20));

const echo = new Float32Array(echoSamples);
const silence = new Int16Array(blockSamples);
const muted = { speaker: false, microphone: false };
const blocks = { made: 0, late: 0 };
/** Some other thread's turn costs this one its 40 ms; where we may not ask for more, we do without. */
function askForPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR'))
      throw error;
  }
}

/** Until the engine has compiled it, a block takes longer than it lasts. */
function warmUp(): void {
  for (let n = 0; n < warmUpBlocks; n++) convolver.through(new Float32Array(blockSamples), n % 2);
}

askForPriority();
warmUp();

const blockNow = (rate: number): number =>
  Math.floor((secondsNow() * rate) / blockSamples) * blockSamples;
let path = 0;
/** Positions on the clocks of the cards. */
let played = blockNow(speakerRate);
let heard = blockNow(microphoneRate);
/** Whoever speaks near the microphone: samples still to come. */
let voice = new Float32Array(0);
const recordings = new Map<number, { readonly air: number; readonly microphone: number }>();

const word = (told: RoomWord): void => parentPort?.postMessage(told);
const clipped = (one: number): number => Math.max(-1, Math.min(1, one)) * 32_767;

/** One block that the loudspeaker has played. */
function play(): void {
  const samples = new Int16Array(blockSamples);
  speaker.read(played, samples);
  // An underrun must yield silence, not what was there a turn of the ring ago.
  speaker.write(played, silence);
  if (muted.speaker) samples.fill(0);
  for (const { air } of recordings.values()) writeSync(air, samples);
  const block = Float32Array.from(samples, (one) => one / 32_768);
  const there = convolver.through(block, path);
  for (const [n, one] of there.entries()) echo[(played + n) % echoSamples] = one * gain;
  played += blockSamples;
}

const echoAt = (position: number): number =>
  position < 0 ? 0 : (echo[position % echoSamples] ?? 0);

/** Between two samples of the other card's clock: cubic Hermite. */
function echoBetween(position: number): number {
  const whole = Math.floor(position);
  const part = position - whole;
  const [a, b] = [echoAt(whole - 1), echoAt(whole)];
  const [c, d] = [echoAt(whole + 1), echoAt(whole + 2)];
  const bend = 2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a);
  return b + 0.5 * part * (c - a + part * bend);
}

/** Where the loudspeaker was when what comes to the microphone at `position` left it. */
const emittedAt = (position: number): number =>
  (position / microphoneRate - start.delayMs / 1000) * speakerRate;

/** One block that the microphone will hear. */
function hear(): void {
  if (heard / microphoneRate < secondsNow()) blocks.late++;
  blocks.made++;
  const from = Math.floor(Math.random() * (noiseSamples - blockSamples));
  const samples = Int16Array.from({ length: blockSamples }, (_, n) => {
    const near = (voice[n] ?? 0) + (hiss[from + n] ?? 0);
    return clipped(near + echoBetween(emittedAt(heard + n)));
  });
  voice = voice.subarray(blockSamples);
  if (muted.microphone) samples.fill(0);
  microphone.write(heard, samples);
  for (const one of recordings.values()) writeSync(one.microphone, samples);
  heard += blockSamples;
}

function breathe(): void {
  const playedUntil = secondsNow() * speakerRate;
  while (played + blockSamples <= playedUntil) play();
  while (emittedAt(heard + blockSamples) + 2 < played) hear();
  setTimeout(breathe, pollMs);
}

const msOf = (position: number, rate: number): number =>
  Number(start.zeroNs) / 1e6 + (position / rate) * 1000;

function obey(order: RoomOrder): void {
  switch (order.do) {
    case 'say':
      voice = Float32Array.from(order.samples, (one) => (one / 32_768) * order.gain);
      return word({ id: order.id, atMs: msOf(heard, microphoneRate) });
    case 'path':
      path = order.which;
      return word({ id: order.id });
    case 'mute':
      muted[order.device] = order.isOn;
      return word({ id: order.id });
    case 'record': {
      const [air, microphone] = [openSync(order.air, 'w'), openSync(order.microphone, 'w')];
      recordings.set(order.id, { air, microphone });
      const [airMs, microphoneMs] = [msOf(played, speakerRate), msOf(heard, microphoneRate)];
      return word({ id: order.id, airMs, microphoneMs });
    }
    case 'keep':
      for (const fd of Object.values(recordings.get(order.which) ?? {})) closeSync(fd);
      recordings.delete(order.which);
      return word({ id: order.id });
    case 'count':
      return word({ id: order.id, ...blocks });
  }
}

parentPort?.on('message', obey);
breathe();
