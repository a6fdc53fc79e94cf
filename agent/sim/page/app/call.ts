// The dispatcher's call with the gate room: answer, mute, end; levels both ways, and who has the floor.

import type { BrowserClient } from '../../../web/client/browser.ts';
import type { Talk } from '../../../web/client/rtc/talk.ts';
import { byId, detailOf, type Keys, say } from './dom.ts';
import { t } from './texts.ts';

export interface CallSetup {
  readonly client: BrowserClient;
  readonly terminal: () => string;
  readonly incident: () => string | null;
  readonly failed: (error: unknown) => void;
}

/** What a voice needs, and no more. */
const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const;
const silence = -100;

export class Call {
  readonly #keys: Keys;
  readonly #setup: CallSetup;
  readonly #sound = document.createElement('audio');
  #talk: Talk | null = null;
  #microphone: MediaStreamTrack | null = null;
  /** Who talks instead of us; null: we may. */
  #floor: string | null = null;

  constructor(keys: Keys, setup: CallSetup) {
    this.#keys = keys;
    this.#setup = setup;
  }

  open(): void {
    this.#sound.autoplay = true;
    byId('talk').append(this.#sound);
    this.#levels(silence, silence);
    const row = byId('talk-keys');
    const isOn = () => this.#talk !== null;
    this.#keys.add(row, {
      ...{ key: 'a', text: () => t('answer'), can: () => !isOn() },
      press: () => this.#answer(),
    });
    this.#keys.add(row, {
      ...{ key: 'm', text: () => t(this.#muted ? 'unmute' : 'mute') },
      can: () => isOn() && this.#microphone !== null,
      press: () => this.#toggleMute(),
    });
    this.#keys.add(row, {
      ...{ key: 'f', text: () => t('floor'), can: () => isOn() && this.#floor !== null },
      press: () => this.#takeFloor(),
    });
    this.#keys.add(row, {
      ...{ key: 'e', text: () => t('hangUp'), can: isOn },
      press: () => this.#talk?.close(),
    });
  }

  draw(): void {
    const status = this.#talk?.status ?? null;
    const state = status?.state ?? 'none';
    const says = byId('talk-says');
    says.dataset.state = state;
    const floor = this.#floor === null ? '' : `${t('otherFloor')} ${this.#floor}`;
    const microphone = !this.#talk
      ? ''
      : !this.#microphone
        ? t('noMicrophone')
        : this.#muted
          ? t('muted')
          : '';
    const parts = [`${t('answer')}: ${t(state)}${detailOf(status)}`, microphone, floor];
    say(says, parts.filter(Boolean).join(' · '));
  }

  get #muted(): boolean {
    return this.#microphone?.enabled === false;
  }

  #answer(): void {
    const { client, terminal, incident, failed } = this.#setup;
    const talk = client.talk(terminal(), { incident: incident(), microphone: null });
    this.#talk = talk;
    this.#sound.srcObject = talk.sound;
    talk.on('status', (status) => {
      if (status.state === 'over') this.#ended(talk);
      this.#redraw();
    });
    talk.on('floor', ({ yours, role, user }) => {
      this.#floor = yours || role === null ? null : `${role}/${user}`;
      this.#redraw();
    });
    talk.on('levels', ({ room, caller }) => this.#levels(room, caller));
    // Asked for while the call is being made: the gate room is heard before the browser has asked.
    this.#openMicrophone(talk).catch(failed);
    this.#redraw();
  }

  async #openMicrophone(talk: Talk): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: voice });
    const [track = null] = stream.getAudioTracks();
    if (this.#talk !== talk) return track?.stop();
    this.#microphone = track;
    this.#redraw();
    await talk.microphone(track);
  }

  #ended(talk: Talk): void {
    if (this.#talk !== talk) return;
    this.#microphone?.stop();
    this.#microphone = null;
    this.#floor = null;
    this.#talk = null;
    const { status } = talk;
    if (status.state === 'over' && status.reason !== 'closed')
      this.#setup.failed(new Error(`${status.reason}: ${status.detail}`));
    this.#levels(silence, silence);
  }

  #toggleMute(): void {
    if (this.#microphone) this.#microphone.enabled = this.#muted;
    this.#redraw();
  }

  #takeFloor(): void {
    this.#talk?.takeFloor().catch(this.#setup.failed);
  }

  #levels(room: number, caller: number): void {
    byId('level-room', HTMLMeterElement).value = room;
    byId('level-caller', HTMLMeterElement).value = caller;
  }

  #redraw(): void {
    this.draw();
    this.#keys.draw();
  }
}
