// Reads sound from WAV files: PCM of 16 bits, mono or stereo, brought to the rate that is asked for.
// Such a file may be anybody's recording, so nothing in it is believed before it is looked at.

import { readFileSync, statSync } from 'node:fs';
import { Refusal } from './refusal.ts';

const bytesMax = 8 * 1024 * 1024;
const chunksMax = 64;
const rates = { min: 8_000, max: 96_000 };
/** Of the interpolation filter, to each side, in samples of the slower rate. */
const reach = 16;

interface Pcm {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** Mono samples at `rate`. Throws a Refusal that names the file and what is wrong with it; a file that
 * cannot be read throws what node throws. */
export function readWav(path: string, rate: number): Int16Array {
  const { size } = statSync(path);
  if (size > bytesMax) refuse(path, `has ${size} bytes, ${bytesMax} are allowed`);
  const pcm = parse(path, readFileSync(path));
  return pcm.rate === rate ? pcm.samples : resampled(pcm, rate);
}

function refuse(path: string, hint: string): never {
  throw new Refusal([{ field: path, value: null, hint }], 'sound file');
}

function parse(path: string, bytes: Buffer): Pcm {
  const word = (at: number): string => bytes.toString('latin1', at, at + 4);
  if (bytes.length < 12 || word(0) !== 'RIFF' || word(8) !== 'WAVE') refuse(path, 'is no WAV file');
  let form: { readonly channels: number; readonly rate: number } | null = null;
  let at = 12;
  for (let n = 0; n < chunksMax && at + 8 <= bytes.length; n++) {
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (word(at) === 'fmt ') form = formOf(path, body);
    if (word(at) === 'data') {
      if (!form) refuse(path, 'has its sound before its format');
      if (body.length < length) refuse(path, 'is cut off');
      return { rate: form.rate, samples: mono(body, form.channels) };
    }
    at += 8 + length + (length % 2);
  }
  return refuse(path, 'holds no sound');
}

function formOf(path: string, body: Buffer): { channels: number; rate: number } {
  if (body.length < 16) refuse(path, 'is cut off');
  const [coding, channels, rate] = [
    body.readUInt16LE(0),
    body.readUInt16LE(2),
    body.readUInt32LE(4),
  ];
  const bits = body.readUInt16LE(14);
  // 0xfffe: extensible, which some programs write for plain PCM, too.
  const isPcm = coding === 1 || coding === 0xfffe;
  if (!isPcm || bits !== 16) refuse(path, 'must be PCM of 16 bits');
  if (channels !== 1 && channels !== 2)
    refuse(path, `has ${channels} channels, 1 or 2 are allowed`);
  if (rate < rates.min || rate > rates.max)
    refuse(path, `has ${rate} samples a second, ${rates.min} to ${rates.max} are allowed`);
  return { channels, rate };
}

function mono(body: Buffer, channels: number): Int16Array {
  const step = 2 * channels;
  return Int16Array.from({ length: Math.floor(body.length / step) }, (_, n) => {
    const left = body.readInt16LE(n * step);
    return channels === 1 ? left : (left + body.readInt16LE(n * step + 2)) >> 1;
  });
}

/** By a windowed sinc; its values are computed once for each phase that the two rates have. */
function resampled({ rate: from, samples }: Pcm, to: number): Int16Array {
  const cutoff = Math.min(1, to / from);
  const width = Math.ceil(reach / cutoff);
  const phases = to / divisor(from, to);
  const taps = Array.from({ length: phases }, (_, phase) =>
    Float64Array.from({ length: 2 * width }, (_, n) => {
      const x = n + 1 - width - phase / phases;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
      return cutoff * sinc * Math.cos((Math.PI / 2) * (x / (width + 1))) ** 2;
    }),
  );
  return Int16Array.from({ length: Math.floor((samples.length * to) / from) }, (_, n) => {
    const whole = Math.floor((n * from) / to);
    const filter = taps[(((n * from) % to) * phases) / to] ?? new Float64Array();
    let sum = 0;
    for (let k = 0; k < filter.length; k++)
      sum += (filter[k] ?? 0) * (samples[whole + k + 1 - width] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
