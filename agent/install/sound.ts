// The gate room's sound cards as ALSA names them, and a talk test without a person: a prompt is played while
// the microphone is recorded, and its level then is held against the quiet before.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../ports.ts';
import { run } from './program.ts';
import type { Words } from './words.ts';

export type Env = Readonly<Record<string, string>>;

export interface Cards {
  readonly speakers: readonly string[];
  readonly microphones: readonly string[];
}

const cardsMax = 20;

export async function cardsNow(env: Env): Promise<Cards> {
  const [played, captured] = await Promise.all([
    run(['aplay', '-L'], env),
    run(['arecord', '-L'], env),
  ]);
  return { speakers: namesIn(played.out), microphones: namesIn(captured.out) };
}

/** Names that convert what they are given; a name begins its line, what it is stands indented below. */
export function namesIn(listed: string): string[] {
  const names = listed.split('\n').filter((line) => /^\S+$/.test(line));
  const usable = names.filter((name) => !/^(null|hw:|dmix|dsnoop|surround|iec958|hdmi)/.test(name));
  const first = usable.filter((name) => name.startsWith('plughw:'));
  return [...first, ...usable.filter((name) => !first.includes(name))].slice(0, cardsMax);
}

export interface TalkTest {
  readonly speaker: string;
  readonly microphone: string;
  /** WAV. */
  readonly prompt: string;
  readonly env: Env;
  readonly clock: Clock;
}

export interface Heard {
  readonly outcome: 'heard' | 'not-heard' | 'no-signal' | 'no-speaker' | 'no-microphone';
  /** dBFS; null: no sound at all came from the microphone. */
  readonly quiet: number | null;
  readonly loud: number | null;
}

const rate = 48_000;
const windowBytes = 2 * (rate / 10);
const quietMs = 1000;
const playMs = 15_000;
const startMs = 5000;
/** A prompt is this much above the room, or it was not heard. */
const riseDb = 6;

/** Never rejects for what a card does. */
export async function talkTest({
  speaker,
  microphone,
  prompt,
  env,
  clock,
}: TalkTest): Promise<Heard> {
  const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', String(rate), '-c', '1'];
  const recorder = spawn('arecord', [...form, '-D', microphone], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  const chunks: Buffer[] = [];
  recorder.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = Promise.race([once(recorder, 'close'), once(recorder, 'error')]).catch(String);
  const bytes = () => chunks.reduce((sum, { length }) => sum + length, 0);
  const pause = (ms: number) => new Promise<void>((done) => clock.after(ms, done));
  try {
    for (let waitedMs = 0; bytes() === 0 && waitedMs < startMs; waitedMs += 100) await pause(100);
    if (bytes() === 0) return { outcome: 'no-microphone', quiet: null, loud: null };
    await pause(quietMs);
    const before = bytes();
    const played = await run(['aplay', '-q', '-D', speaker, prompt], env, playMs);
    const levels = levelsOf(Buffer.concat(chunks));
    const at = Math.floor(before / windowBytes);
    // The first window holds the click of the card.
    const quiet = median(levels.slice(Math.min(1, at - 1), at));
    const loud = Math.max(...levels.slice(at));
    if (played.code !== 0) return { outcome: 'no-speaker', quiet: finite(quiet), loud: null };
    const told = { quiet: finite(quiet), loud: finite(loud) };
    if (loud === -Infinity) return { outcome: 'no-signal', ...told };
    return { outcome: loud - Math.max(quiet, -90) >= riseDb ? 'heard' : 'not-heard', ...told };
  } finally {
    recorder.kill('SIGKILL');
    await ended;
  }
}

/** dBFS of each 100 ms. */
function levelsOf(sound: Buffer): number[] {
  return Array.from({ length: Math.floor(sound.length / windowBytes) }, (_, n) => {
    const part = sound.subarray(n * windowBytes, (n + 1) * windowBytes);
    let sum = 0;
    for (let at = 0; at < part.length; at += 2) sum += part.readInt16LE(at) ** 2;
    return 10 * Math.log10(sum / (part.length / 2) / 32_768 ** 2);
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? -Infinity;
const finite = (level: number): number | null =>
  Number.isFinite(level) ? Math.round(level) : null;

export function heardWords({ outcome, quiet, loud }: Heard): Words {
  const levels = `${quiet ?? '-'} / ${loud ?? '-'} dBFS`;
  switch (outcome) {
    case 'heard':
      return [
        `The microphone hears the loudspeaker (${levels}).`,
        `麦克风能听到扬声器(${levels})。`,
      ];
    case 'not-heard':
      return [
        `The microphone does not hear the loudspeaker (${levels}): check volume, plugs and the cards chosen.`,
        `麦克风听不到扬声器(${levels}):请检查音量、插头和所选声卡。`,
      ];
    case 'no-signal':
      return [
        'The microphone gives nothing but zeros: it is muted or not plugged in.',
        '麦克风没有任何信号:可能被静音或未插好。',
      ];
    case 'no-microphone':
      return [
        'The microphone cannot be opened: it is not there, or a program uses it.',
        '麦克风无法打开:不存在或被其他程序占用。',
      ];
    case 'no-speaker':
      return [
        'The loudspeaker cannot be opened: it is not there, or a program uses it.',
        '扬声器无法打开:不存在或被其他程序占用。',
      ];
  }
}
