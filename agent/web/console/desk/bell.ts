// The sounds of the desk, made and not played from a file: one a new alarm, a short one for a case that
// still waits, a low one for a terminal that has gone. A browser may keep a page silent until it is touched:
// then the page says so, and the first touch or key lets out what was to be heard.

import { signal } from '@preact/signals';

export type Ring = 'alarm' | 'marked' | 'waiting' | 'gone';

/** Frequency in Hz, length and pause after it in seconds. */
type Tone = readonly [hz: number, lengthS: number, pauseS: number];

const two: readonly Tone[] = [
  [932, 0.16, 0.02],
  [698, 0.16, 0.06],
];
const rings: { readonly [R in Ring]: readonly Tone[] } = {
  alarm: [...two, ...two, ...two],
  marked: [[523, 0.25, 0]],
  waiting: [
    [932, 0.12, 0.08],
    [932, 0.12, 0],
  ],
  gone: [
    [311, 0.3, 0.1],
    [247, 0.4, 0],
  ],
};
const loudness: { readonly [R in Ring]: number } = {
  alarm: 0.5,
  marked: 0.2,
  waiting: 0.35,
  gone: 0.35,
};
/** So far ahead the rings of several alarms follow one another; then they are one noise anyway. */
const aheadMaxS = 4;
const edgeS = 0.01;

export class Bell {
  readonly state = signal<'running' | 'held' | 'missing'>('held');
  #context: AudioContext | null = null;
  #freeS = 0;
  readonly #touched = () => this.#wake();

  open(): void {
    if (typeof AudioContext === 'undefined') {
      this.state.value = 'missing';
      return;
    }
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.#context = context;
    context.addEventListener('statechange', () => this.#look());
    for (const what of ['pointerdown', 'keydown'] as const)
      addEventListener(what, this.#touched, { capture: true });
    this.#wake();
    this.#look();
  }

  async close(): Promise<void> {
    for (const what of ['pointerdown', 'keydown'] as const)
      removeEventListener(what, this.#touched, { capture: true });
    await this.#context?.close();
    this.#context = null;
  }

  ring(what: Ring): void {
    const context = this.#context;
    if (!context) return;
    this.#wake();
    const startS = Math.max(context.currentTime, this.#freeS);
    if (startS - context.currentTime > aheadMaxS) return;
    let atS = startS;
    for (const [hz, lengthS, pauseS] of rings[what]) {
      this.#tone(context, hz, atS, lengthS, loudness[what]);
      atS += lengthS + pauseS;
    }
    this.#freeS = atS + 0.15;
  }

  #tone(context: AudioContext, hz: number, atS: number, lengthS: number, gain: number): void {
    const [oscillator, volume] = [context.createOscillator(), context.createGain()];
    oscillator.type = 'triangle';
    oscillator.frequency.value = hz;
    volume.gain.setValueAtTime(0, atS);
    volume.gain.linearRampToValueAtTime(gain, atS + edgeS);
    volume.gain.setValueAtTime(gain, atS + lengthS - edgeS);
    volume.gain.linearRampToValueAtTime(0, atS + lengthS);
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(atS);
    oscillator.stop(atS + lengthS);
  }

  #wake(): void {
    const context = this.#context;
    if (!context || context.state === 'running' || context.state === 'closed') return;
    context.resume().then(
      () => this.#look(),
      () => this.#look(),
    );
  }

  #look(): void {
    this.state.value = this.#context?.state === 'running' ? 'running' : 'held';
  }
}
