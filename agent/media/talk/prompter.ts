// What is said in the gate room by itself: a prompt twice for each id, lower while a caller speaks; and the
// announcement of a call that nobody in the room has asked for, a tone and words before his microphone.

import { join } from 'node:path';
import type { Prompt } from '../../core/target.ts';
import type { SoundFrame } from '../../ports.ts';
import { mixInto, silence } from '../frames.ts';
import { notes } from './tone.ts';

export interface PrompterOptions {
  readonly read: (path: string) => readonly SoundFrame[];
  readonly trouble: (detail: string | null) => void;
  /** All of it is on its way. */
  readonly said: (id: string) => void;
}

const times = 2;
const pauseFrames = 60;
/** Under a voice: 20 dB down. */
const ducked = 0.1;
const tone = notes({ hz: [660, 880], frames: 30, amplitude: 6_000 });

interface Speech {
  readonly frames: readonly SoundFrame[];
  readonly done: () => void;
}

export class Prompter {
  readonly #options: PrompterOptions;
  #folder: string | null = null;
  #said: string | null = null;
  #prompt: Speech | null = null;
  #announcement: Speech | null = null;
  #at = 0;

  constructor(options: PrompterOptions) {
    this.#options = options;
  }

  get isSpeaking(): boolean {
    return this.#announcement !== null || this.#prompt !== null;
  }

  set folder(folder: string | null) {
    this.#folder = folder;
  }

  /** Says it twice, once for each id; null: what is being said is not true any more. */
  say(wanted: { readonly id: string; readonly prompt: Prompt } | null): void {
    if (wanted?.id === this.#said) return;
    this.#said = wanted?.id ?? null;
    if (!this.#announcement) this.#at = 0;
    const words = wanted ? this.#words(wanted.prompt) : [];
    const pause = Array.from({ length: pauseFrames }, silence);
    const frames = Array.from({ length: times }, () => [...words, ...pause]).flat();
    const done = () => wanted && this.#options.said(wanted.id);
    this.#prompt = words.length > 0 ? { frames, done } : null;
  }

  /** `done` when all of it is on its way. It goes before any prompt, which then begins anew. */
  announce(done: () => void): void {
    this.#at = 0;
    this.#announcement = { frames: [...tone, ...this.#words('announce')], done };
  }

  /** Nobody is left whom it would announce. */
  stopAnnouncing(): void {
    if (!this.#announcement) return;
    this.#announcement = null;
    this.#at = 0;
  }

  /** Adds the next 10 ms to `frame`. */
  addTo(frame: SoundFrame, whileSpoken: boolean): void {
    const speech = this.#announcement ?? this.#prompt;
    if (!speech) return;
    const next = speech.frames[this.#at++];
    if (next) mixInto(frame, next, whileSpoken ? ducked : 1);
    if (this.#at < speech.frames.length) return;
    this.#at = 0;
    if (this.#announcement) this.#announcement = null;
    else this.#prompt = null;
    speech.done();
  }

  #words(prompt: Prompt): readonly SoundFrame[] {
    if (this.#folder === null) return [];
    try {
      const words = this.#options.read(join(this.#folder, `${prompt}.wav`));
      this.#options.trouble(null);
      return words;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.trouble(`the prompt ${prompt} cannot be read (${why})`);
      return [];
    }
  }
}
