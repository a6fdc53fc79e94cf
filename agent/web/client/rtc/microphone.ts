// The browser's microphone, asked for once and then kept: refused, missing or pulled out it says so, and is
// there by itself when it is allowed or plugged in. Muted stays muted, whichever device it is.

import { Emitter } from '../emitter.ts';

/** `busy`: it is there, and cannot be opened. */
export type MicrophoneState = 'closed' | 'asking' | 'open' | 'denied' | 'missing' | 'busy';

export interface MicrophoneEvents {
  /** State, or muted. */
  changed: MicrophoneState;
  track: MediaStreamTrack | null;
}

/** What a voice needs, and no more. */
const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const;

const states: { readonly [name: string]: MicrophoneState } = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
};

export class Microphone extends Emitter<MicrophoneEvents> {
  #state: MicrophoneState = 'closed';
  #track: MediaStreamTrack | null = null;
  #isMuted = false;
  #permission: PermissionStatus | null = null;
  readonly #again = () => this.#retry();

  get state(): MicrophoneState {
    return this.#state;
  }

  /** Null unless the state is `open`. */
  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  set muted(isMuted: boolean) {
    this.#isMuted = isMuted;
    if (this.#track) this.#track.enabled = !isMuted;
    this.emit('changed', this.#state);
  }

  /** Something is spoken into it that leaves this machine. */
  get speaks(): boolean {
    return this.#track !== null && !this.#isMuted;
  }

  open(): void {
    if (this.#state !== 'closed') return;
    // Absent where a page came over plain http from elsewhere: such a page has no microphone.
    if (!navigator.mediaDevices) return this.#turn('denied');
    navigator.mediaDevices.addEventListener('devicechange', this.#again);
    this.#ask();
    void this.#watchPermission();
  }

  close(): void {
    if (this.#state === 'closed') return;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#again);
    this.#permission?.removeEventListener('change', this.#again);
    this.#track?.stop();
    this.#track = null;
    this.#turn('closed');
  }

  #ask(): void {
    this.#turn('asking');
    navigator.mediaDevices.getUserMedia({ audio: voice }).then(
      (stream) => this.#opened(stream.getAudioTracks()[0] ?? null),
      (error: unknown) => {
        if (this.#state !== 'asking') return;
        this.#turn(error instanceof DOMException ? (states[error.name] ?? 'busy') : 'busy');
      },
    );
  }

  #opened(track: MediaStreamTrack | null): void {
    if (this.#state !== 'asking') return track?.stop();
    if (!track) return this.#turn('missing');
    track.enabled = !this.#isMuted;
    track.addEventListener('ended', () => this.#pulled(track));
    this.#track = track;
    this.emit('track', track);
    this.#turn('open');
  }

  /** Unplugged, or forbidden in mid-call; another device may be there. */
  #pulled(track: MediaStreamTrack): void {
    if (this.#track !== track) return;
    this.#track = null;
    this.emit('track', null);
    this.#ask();
  }

  #retry(): void {
    const { state } = this;
    if (state === 'denied' || state === 'missing' || state === 'busy') this.#ask();
  }

  async #watchPermission(): Promise<void> {
    try {
      this.#permission = await navigator.permissions.query({ name: 'microphone' });
    } catch (error) {
      // A browser that does not tell: the next call asks again.
      if (error instanceof TypeError) return;
      throw error;
    }
    if (this.#state !== 'closed') this.#permission.addEventListener('change', this.#again);
  }

  #turn(state: MicrophoneState): void {
    this.#state = state;
    this.emit('changed', state);
  }
}
