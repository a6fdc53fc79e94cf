// The gate room's sound cards as ALSA names them, and a talk test without a person: a prompt and a tone are
// played while the microphone is recorded, and the tone is looked for in what it gave.

import { spawn } from 'node:child_process';
import { frameRate } from '../media/frames.ts';
import { findSweep, sweep } from '../media/sound/sweep.ts';
import type { Clock } from '../ports.ts';
import { readWav } from '../wav.ts';
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
  /** WAV: for the ears of whoever stands there. */
  readonly prompt: string;
  readonly env: Env;
  readonly clock: Clock;
}

export interface Heard {
  readonly outcome: 'heard' | 'not-heard' | 'no-signal' | 'no-speaker' | 'no-microphone';
  /** Of what the microphone gave where the tone was, or may have been, dBFS; null: digital silence. */
  readonly levelDb: number | null;
}

const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', String(frameRate), '-c', '1'];
const startMs = 5000;
const lookMs = 100;
/** What room and cards keep of it for a while. */
const tailMs = 500;
const withinMs = 30_000;

/** Never rejects for what a card does. */
export async function talkTest(asked: TalkTest): Promise<Heard> {
  const { clock } = asked;
  const pause = (ms: number) => new Promise<void>((done) => clock.after(ms, done));
  const recorder = open('arecord', asked.microphone, asked.env);
  const player = open('aplay', asked.speaker, asked.env);
  const kill = () => [recorder, player].map(({ child }) => child.kill('SIGKILL'));
  const cancel = clock.after(withinMs, kill);
  const chunks: Buffer[] = [];
  recorder.child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    for (let waitedMs = 0; chunks.length === 0 && waitedMs < startMs; waitedMs += lookMs)
      await pause(lookMs);
    if (chunks.length === 0) return { outcome: 'no-microphone', levelDb: null };
    // What the card still held of before is none of this test.
    const before = bytesIn(chunks);
    // A card that is not there has closed its end already: that is told by how it ended.
    player.child.stdin?.on('error', kill);
    player.child.stdin?.end(soundOf(asked.prompt));
    if ((await player.ended) !== 0) return { outcome: 'no-speaker', levelDb: null };
    await pause(tailMs);
    return judge(samplesOf(Buffer.concat(chunks).subarray(before - (before % 2))));
  } finally {
    cancel();
    kill();
    await Promise.all([recorder.ended, player.ended]);
  }
}

const bytesIn = (chunks: readonly Buffer[]): number =>
  chunks.reduce((sum, { length }) => sum + length, 0);

function open(program: 'aplay' | 'arecord', card: string, env: Env) {
  const child = spawn(program, [...form, '-D', card], { stdio: ['pipe', 'pipe', 'ignore'], env });
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => done(code));
    child.once('error', () => done(null));
  });
  return { child, ended };
}

/** Words for the ears, then a tone that a machine knows again. */
function soundOf(prompt: string): Buffer {
  const silence = new Int16Array((frameRate * tailMs) / 1000);
  const parts = [silence, readWav(prompt, frameRate), silence, sweep(), silence];
  return Buffer.concat(
    parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
}

const samplesOf = (sound: Buffer): Int16Array =>
  Int16Array.from({ length: Math.floor(sound.length / 2) }, (_, n) => sound.readInt16LE(2 * n));

/** Of what a microphone gave since the tone began, 48 kHz. */
export function judge(recorded: Int16Array): Heard {
  const { heard, levelDb } = findSweep(recorded);
  if (heard) return { outcome: 'heard', levelDb };
  // The last second: what came before may lie in the card's memory from when it was not muted.
  const isZero = recorded.subarray(-frameRate).every((sample) => sample === 0);
  return { outcome: isZero ? 'no-signal' : 'not-heard', levelDb };
}

export function heardWords({ outcome, levelDb }: Heard): Words {
  const levels = `${levelDb ?? '-'} dBFS`;
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
