// What is wrong with the sound, each fault in one sentence, told once and again only when it changes;
// and a microphone that runs and hears nothing at all.

import type { Clock, SoundListener } from '../../ports.ts';
import type { SoundDevice } from './holder.ts';

export type SoundFault = SoundDevice | 'canceller';

export interface DeviceNames {
  readonly speaker: string;
  readonly microphone: string;
}

export interface TroublesOptions {
  readonly names: DeviceNames;
  readonly clock: Clock;
  readonly holder: (device: SoundDevice) => string | null;
  readonly deafMs: number;
}

const words = { speaker: 'loudspeaker', microphone: 'microphone' } as const;
const stalled = {
  speaker: 'takes no sound any more: its driver has stalled',
  microphone: 'gives no sound any more: its driver has stalled',
} as const;
/** Between two samples of it the quietest of working microphones differs by more. */
const flatRange = 1;

export class Troubles {
  readonly #options: TroublesOptions;
  readonly #told = new Map<SoundFault, string>();
  #listener: SoundListener | null = null;
  #flatSinceMs: number | null = null;
  #isDeaf = false;

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
  }

  close(): void {
    this.#listener = null;
    this.#told.clear();
  }

  tell(fault: SoundFault, detail: string): void {
    if (this.#told.get(fault) === detail) return;
    this.#told.set(fault, detail);
    this.#listener?.trouble(`sound.${fault}`, detail);
  }

  well(fault: SoundFault): void {
    if (this.#told.delete(fault)) this.#listener?.trouble(`sound.${fault}`, null);
  }

  /** `why`: ALSA's own words, or `stalled`. */
  failed(device: SoundDevice, why: string): void {
    this.#flatSinceMs = null;
    this.#isDeaf = false;
    this.tell(
      device,
      `the ${words[device]} "${this.#options.names[device]}" ${this.#what(device, why)}`,
    );
  }

  /** Range of the microphone's samples since the last call, before anything is done to them. */
  heard(range: number): void {
    const nowMs = this.#options.clock.now().monoMs;
    if (range > flatRange) {
      this.#flatSinceMs = null;
      if (this.#isDeaf) this.well('microphone');
      this.#isDeaf = false;
      return;
    }
    this.#flatSinceMs ??= nowMs;
    const { deafMs, names } = this.#options;
    if (nowMs - this.#flatSinceMs < deafMs) return;
    this.#isDeaf = true;
    const name = `the microphone "${names.microphone}"`;
    this.tell('microphone', `${name} hears nothing at all: it is muted or dead`);
  }

  #what(device: SoundDevice, why: string): string {
    if (why === 'stalled') return stalled[device];
    if (/^No such (device|file)/.test(why))
      return 'is not there: it is unplugged, or has another name';
    if (!/busy/.test(why)) return `fails: ${why}`;
    return `is in use by ${this.#options.holder(device) ?? 'another program'}`;
  }
}
