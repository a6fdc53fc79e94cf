// The sound of the gate room where the canceller cannot run: aplay and arecord, and the microphone is
// turned off while the loudspeaker speaks, or the dispatcher would hear himself. Needs no library but ALSA's.

import { readFileSync } from 'node:fs';
import type { Sound, SoundFrame, SoundListener } from '../../ports.ts';
import { type SoundOptions, troublesOf } from './cancelled.ts';
import { bytesOf, FrameCutter, frameBytes, frameMs, frameSamples, Meter, peakOf } from './frame.ts';
import type { SoundDevice } from './holder.ts';
import { Kept, type KeptEnd } from './kept.ts';
import type { Troubles } from './troubles.ts';

const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '48000', '-c', '1', '--period-time=10000'];
const playing = [...form, '--buffer-time=80000'];
const recording = [...form, '--buffer-time=100000'];
const queueMax = 6;
const queueKept = 2;
const lateMsMax = 60;
/** -46 dBFS: the loudspeaker speaks. */
const loud = 164;
/** From a frame that is written to its last echo: card, room. */
const echoMs = 100 + 300;
/** Our clock and the card's differ, and what aplay has not taken yet cannot be seen. So in a pause it is
 * left without sound for a moment: the card runs dry, and the delay begins anew. */
const quietMs = 1_000;
const dryEveryMs = 10_000;
const dryMs = 200;
/** Ticks of 10 ms between two looks at aplay, and what it reads meanwhile, at least. */
const looksEvery = 25;
const movedBytes = 10 * frameBytes;
const wellLooks = 4;
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
  #loudMs = -Infinity;
  #dryMs = -Infinity;
  #ticks = 0;
  #readBytes = 0;
  #movedLooks = 0;
  #cancel: () => void = () => undefined;
  readonly #words = { speaker: '', microphone: '' };
  /** Since its program was started. */
  readonly #wasWell = { speaker: false, microphone: false };

  constructor(options: SoundOptions) {
    this.#options = options;
    this.#troubles = troublesOf(options);
    this.#played = new Meter(options.clock);
    this.#captured = new Meter(options.clock);
    this.#speaker = this.#keep('speaker', ['aplay', ...playing, '-D', options.speaker, '-'], {
      started: () => {
        this.#movedLooks = 0;
      },
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
    this.#tick(this.#options.clock.now().monoMs);
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
      ...(this.#options.env && { env: this.#options.env }),
      clock: this.#options.clock,
      said: (line) => {
        this.#words[device] = /error: (.*)$/.exec(line)?.[1] ?? this.#words[device];
      },
      ended: (end) => this.#ended(device, end),
    });
  }

  #isWell(device: SoundDevice): void {
    this.#wasWell[device] = true;
    this.#troubles.well(device);
  }

  #ended(device: SoundDevice, { why, detail }: KeptEnd): void {
    const said = this.#words[device] || `ended with ${detail}`;
    const wasWell = this.#wasWell[device];
    this.#words[device] = '';
    this.#wasWell[device] = false;
    if (why === 'silent') this.#troubles.failed(device, 'stalled');
    // It ends after an underrun, too, and is back in no time: a card that has gone fails at once again.
    else if (!wasWell) this.#troubles.failed(device, why === 'missing' ? detail : said);
  }

  /** By the clock, not by the timer, which is late now and then. */
  #tick(dueMs: number): void {
    const { clock } = this.#options;
    const nowMs = clock.now().monoMs;
    let nextMs = Math.max(dueMs, nowMs - lateMsMax);
    for (; nextMs <= nowMs; nextMs += frameMs) this.#feed();
    this.#cancel = clock.after(nextMs - nowMs, () => this.#tick(nextMs));
  }

  #feed(): void {
    const frame = this.#queue.shift() ?? silence;
    const nowMs = this.#options.clock.now().monoMs;
    if (peakOf(frame) >= loud) this.#loudMs = nowMs;
    else if (nowMs - this.#loudMs > quietMs && nowMs - this.#dryMs > dryEveryMs)
      this.#dryMs = nowMs;
    if (nowMs - this.#dryMs >= dryMs) this.#speaker.write(bytesOf(frame));
    if (++this.#ticks % looksEvery === 0) this.#look();
  }

  /** aplay says nothing while it plays, nor when its card has stalled: we see whether it reads on. At its
   * start it reads its configuration, so one such look is not enough to call it well. */
  #look(): void {
    const { pid } = this.#speaker;
    const bytes = pid === null ? null : readBytesOf(pid);
    const hasMoved = bytes !== null && bytes - this.#readBytes >= movedBytes;
    this.#readBytes = bytes ?? 0;
    this.#movedLooks = hasMoved ? this.#movedLooks + 1 : 0;
    if (hasMoved) this.#speaker.alive();
    if (this.#movedLooks >= wellLooks) this.#isWell('speaker');
  }

  #heard(bytes: Buffer): void {
    this.#microphone.alive();
    this.#isWell('microphone');
    const isDucked = this.#options.clock.now().monoMs - this.#loudMs < echoMs;
    for (const frame of this.#cutter.push(bytes)) {
      this.#troubles.heard(Math.max(...frame) - Math.min(...frame));
      const captured = isDucked ? silence.slice() : frame;
      this.#captured.add(captured);
      this.#listener?.captured(captured);
    }
  }
}

/** Bytes that a process has read, its configuration too; null where it has gone. */
function readBytesOf(pid: number): number | null {
  try {
    return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EACCES') throw error;
    return null;
  }
}
