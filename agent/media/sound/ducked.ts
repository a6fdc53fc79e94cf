// The sound of the gate room where the canceller cannot run: aplay and arecord, and the microphone is
// turned off while the loudspeaker speaks, or the dispatcher would hear himself. Needs no library but ALSA's.

import { readFileSync } from 'node:fs';
import type { Sound, SoundFrame, SoundListener } from '../../ports.ts';
import { type SoundOptions, soundEnv, troublesOf } from './cancelled.ts';
import { bytesOf, FrameCutter, frameBytes, frameMs, frameSamples, Meter, peakOf } from './frame.ts';
import type { SoundDevice } from './holder.ts';
import { Kept, type KeptEnd } from './kept.ts';
import type { Troubles } from './troubles.ts';

const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '48000', '-c', '1', '--period-time=10000'];
const playing = [...form, '--buffer-time=40000'];
const recording = [...form, '--buffer-time=100000'];
const queueMax = 6;
const queueKept = 2;
/** In aplay's pipe, beside the 40 ms of the card. */
const aheadFrames = 2;
/** aplay has read its configuration when it has read nothing for so long. */
const settledMs = 100;
/** -46 dBFS: the loudspeaker speaks. */
const loud = 164;
/** From a frame that is written to its last echo: pipe, card, room. */
const echoMs = 60 + 300;
const silence = new Int16Array(frameSamples);

export class DuckedSound implements Sound {
  readonly #options: SoundOptions;
  readonly #troubles: Troubles;
  readonly #played: Meter;
  readonly #captured: Meter;
  readonly #speaker: Kept;
  readonly #microphone: Kept;
  #listener: SoundListener | null = null;
  #cutter = new FrameCutter();
  #queue: SoundFrame[] = [];
  #loudUntilMs = 0;
  #written = 0;
  #read = new ReadBytes();
  #cancel: () => void = () => undefined;
  readonly #words = { speaker: '', microphone: '' };

  constructor(options: SoundOptions) {
    this.#options = options;
    this.#troubles = troublesOf(options);
    this.#played = new Meter(options.clock);
    this.#captured = new Meter(options.clock);
    this.#speaker = this.#keep('speaker', ['aplay', ...playing, '-D', options.speaker, '-'], {
      started: () => this.#speakerStarted(),
      heard: () => undefined,
    });
    this.#microphone = this.#keep(
      'microphone',
      ['arecord', ...recording, '-D', options.microphone],
      {
        started: () => {
          this.#cutter = new FrameCutter();
        },
        heard: (bytes) => this.#heard(bytes),
      },
    );
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
    this.#troubles.open(listener);
    this.#speaker.open();
    this.#microphone.open();
    const tick = (): void => {
      this.#cancel = this.#options.clock.after(frameMs, tick);
      this.#feed();
    };
    tick();
  }

  play(frame: SoundFrame): void {
    this.#played.add(frame);
    this.#queue.push(frame);
    if (this.#queue.length > queueMax) this.#queue = this.#queue.slice(-queueKept);
  }

  levels() {
    return { speaker: this.#played.dbfs, microphone: this.#captured.dbfs };
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.#cancel();
    this.#troubles.close();
    await Promise.all([this.#speaker.close(), this.#microphone.close()]);
  }

  #keep(
    device: SoundDevice,
    command: readonly [string, ...string[]],
    calls: { readonly started: () => void; readonly heard: (bytes: Buffer) => void },
  ): Kept {
    return new Kept({
      ...calls,
      command,
      env: soundEnv(this.#options.env),
      clock: this.#options.clock,
      said: (line) => {
        this.#words[device] = /error: (.*)$/.exec(line)?.[1] ?? this.#words[device];
      },
      ended: (end) => this.#ended(device, end),
    });
  }

  #ended(device: SoundDevice, { why, detail }: KeptEnd): void {
    const said = this.#words[device] || `ended with ${detail}`;
    this.#words[device] = '';
    this.#troubles.failed(device, why === 'silent' ? 'stalled' : why === 'missing' ? detail : said);
  }

  #speakerStarted(): void {
    this.#written = 0;
    this.#read = new ReadBytes();
  }

  /** As much as aplay has taken since the last time: so it goes by the card's clock, whatever ours does. */
  #feed(): void {
    const { pid } = this.#speaker;
    const nowMs = this.#options.clock.now().monoMs;
    if (pid === null || !this.#read.look(pid, this.#written, nowMs)) return;
    if (this.#read.hasMoved) {
      this.#speaker.alive();
      if (this.#written > 0) this.#troubles.well('speaker');
    }
    while (this.#written - this.#read.bytes < aheadFrames * frameBytes) {
      const frame = this.#queue.shift() ?? silence;
      if (!this.#speaker.write(bytesOf(frame))) return;
      this.#written += frameBytes;
      if (peakOf(frame) >= loud) this.#loudUntilMs = nowMs + echoMs;
    }
  }

  #heard(bytes: Buffer): void {
    this.#microphone.alive();
    this.#troubles.well('microphone');
    const isDucked = this.#options.clock.now().monoMs < this.#loudUntilMs;
    for (const frame of this.#cutter.push(bytes)) {
      this.#troubles.heard(Math.max(...frame) - Math.min(...frame));
      const captured = isDucked ? silence.slice() : frame;
      this.#captured.add(captured);
      this.#listener?.captured(captured);
    }
  }
}

/** How much of its input a process has read. The kernel counts what it reads elsewhere, too, its
 * configuration above all, so counting begins when that has come to rest. */
class ReadBytes {
  bytes = 0;
  hasMoved = false;
  #all = 0;
  #elsewhere = 0;
  #restingSinceMs: number | null = null;

  /** False while there is nothing to go by yet. */
  look(pid: number, written: number, nowMs: number): boolean {
    const all = readBytesOf(pid);
    if (all === null) return false;
    this.hasMoved = all !== this.#all;
    this.#all = all;
    if (written === 0) {
      if (this.hasMoved) this.#restingSinceMs = nowMs;
      this.#elsewhere = all;
    }
    // It cannot have read more than was written.
    this.#elsewhere = Math.max(this.#elsewhere, all - written);
    this.bytes = all - this.#elsewhere;
    return written > 0 || nowMs - (this.#restingSinceMs ?? nowMs) >= settledMs;
  }
}

/** Null where the process has gone. */
function readBytesOf(pid: number): number | null {
  try {
    return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EACCES') throw error;
    return null;
  }
}
