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
  readonly #failures = new Map<SoundFault, string>();
  readonly #told = new Map<SoundFault, string>();
  #listener: SoundListener | null = null;
  #flatSinceMs: number | null = null;
  #deaf: string | null = null;

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
  }

  close(): void {
    this.#listener = null;
    this.#failures.clear();
    this.#told.clear();
    this.#flatSinceMs = null;
    this.#deaf = null;
  }

  tell(fault: SoundFault, detail: string): void {
    this.#failures.set(fault, detail);
    this.#show(fault);
  }

  well(fault: SoundFault): void {
    if (this.#failures.delete(fault)) this.#show(fault);
  }

  /** `why`: ALSA's own words, or `stalled`. */
  failed(device: SoundDevice, why: string): void {
    if (device === 'microphone') this.#deaf = this.#flatSinceMs = null;
    const name = `the ${words[device]} "${this.#options.names[device]}"`;
    const what = this.#what(device, why);
    // A device that has stalled or gone fails in many ways from then on; the first word says most.
    if (what.startsWith('fails') && this.#failures.has(device)) return;
    this.tell(device, `${name} ${what}`);
  }

  /** Range of the microphone's samples since the last call, before anything is done to them. */
  heard(range: number): void {
    const { clock, deafMs, names } = this.#options;
    const nowMs = clock.now().monoMs;
    if (range > flatRange) this.#deaf = this.#flatSinceMs = null;
    else this.#flatSinceMs ??= nowMs;
    if (this.#flatSinceMs !== null && nowMs - this.#flatSinceMs >= deafMs)
      this.#deaf = `the microphone "${names.microphone}" hears nothing at all: it is muted or dead`;
    this.#show('microphone');
  }

  #show(fault: SoundFault): void {
    const detail = this.#failures.get(fault) ?? (fault === 'microphone' ? this.#deaf : null);
    if ((this.#told.get(fault) ?? null) === detail) return;
    if (detail === null) this.#told.delete(fault);
    else this.#told.set(fault, detail);
    this.#listener?.trouble(`sound.${fault}`, detail);
  }

  #what(device: SoundDevice, why: string): string {
    if (why === 'stalled') return stalled[device];
    if (/^No such (device|file)/.test(why))
      return 'is not there: it is unplugged, or has another name';
    if (!/busy/.test(why)) return `fails: ${why}`;
    return `is in use by ${this.#options.holder(device) ?? 'another program'}`;
  }
}
