// The dispatcher's call with the gate room: answer, mute, end; levels both ways, and who has the floor.

import type { BrowserClient } from '../../../web/client/browser.ts';
import { Microphone, type MicrophoneState } from '../../../web/client/rtc/microphone.ts';
import type { Talk } from '../../../web/client/rtc/talk.ts';
import { byId, detailOf, type Keys, play, playerIn, say } from './dom.ts';
import { type Text, t } from './texts.ts';

export interface CallSetup {
  readonly client: BrowserClient;
  readonly terminal: () => string;
  readonly incident: () => string | null;
  readonly failed: (error: unknown) => void;
  /** To be drawn anew. */
  readonly changed: () => void;
}

const silence = -100;
const microphoneSays: { readonly [S in MicrophoneState]?: Text } = {
  asking: 'microphoneAsking',
  denied: 'microphoneDenied',
  missing: 'microphoneMissing',
  busy: 'microphoneBusy',
};

export class Call {
  readonly #keys: Keys;
  readonly #setup: CallSetup;
  readonly #sound = playerIn(byId('talk'), 'call-sound');
  #talk: Talk | null = null;
  #microphone = new Microphone();
  /** Who talks instead of us; null: we may. */
  #floor: string | null = null;

  constructor(keys: Keys, setup: CallSetup) {
    this.#keys = keys;
    this.#setup = setup;
  }

  /** Our voice goes to the gate room now. */
  get speaks(): boolean {
    return this.#microphone.speaks;
  }

  open(): void {
    this.#levels(silence, silence);
    const row = byId('talk-keys');
    const isOn = () => this.#talk !== null;
    this.#keys.add(row, {
      ...{ key: 'a', text: () => t('answer'), can: () => !isOn() },
      press: () => this.#answer(),
    });
    this.#keys.add(row, {
      ...{ key: 'm', text: () => t(this.#microphone.muted ? 'unmute' : 'mute') },
      can: () => isOn() && this.#microphone.track !== null,
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
    play(this.#sound, this.#talk?.sound ?? null);
    const floor = this.#floor === null ? '' : `${t('otherFloor')} ${this.#floor}`;
    const parts = [`${t('answer')}: ${t(state)}${detailOf(status)}`, this.#microphoneSays, floor];
    say(says, parts.filter(Boolean).join(' · '));
  }

  get #microphoneSays(): string {
    const { state, muted } = this.#microphone;
    const says = microphoneSays[state] ?? (muted && state === 'open' ? 'muted' : null);
    return says === null ? '' : t(says);
  }

  #answer(): void {
    const { client, terminal, incident, failed } = this.#setup;
    const talk = client.talk(terminal(), { incident: incident(), microphone: null });
    this.#talk = talk;
    talk.on('status', (status) => {
      if (status.state === 'over') this.#ended(talk);
      this.#setup.changed();
    });
    talk.on('floor', ({ yours, role, user }) => {
      this.#floor = yours || role === null ? null : `${role}/${user}`;
      this.#setup.changed();
    });
    talk.on('levels', ({ room, caller }) => this.#levels(room, caller));
    // Asked for while the call is being made: the gate room is heard before the browser has asked.
    const microphone = new Microphone();
    this.#microphone = microphone;
    microphone.on('track', (track) => void talk.microphone(track).catch(failed));
    microphone.on('changed', () => this.#setup.changed());
    microphone.open();
  }

  #ended(talk: Talk): void {
    if (this.#talk !== talk) return;
    this.#microphone.close();
    this.#floor = null;
    this.#talk = null;
    const { status } = talk;
    if (status.state === 'over' && status.reason !== 'closed')
      this.#setup.failed(new Error(`${status.reason}: ${status.detail}`));
    this.#levels(silence, silence);
  }

  #toggleMute(): void {
    this.#microphone.muted = !this.#microphone.muted;
  }

  #takeFloor(): void {
    this.#talk?.takeFloor().catch(this.#setup.failed);
  }

  #levels(room: number, caller: number): void {
    byId('level-room', HTMLMeterElement).value = room;
    byId('level-caller', HTMLMeterElement).value = caller;
  }
}
