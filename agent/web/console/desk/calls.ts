// Calls with gate rooms: one is active, with sound and microphone; others may be on hold, connected and
// silent both ways. The microphone is asked for at the first answer, and one for all.

import { computed, type Signal, signal } from '@preact/signals';
import { CommandRefused } from '../../client/commands.ts';
import type { Levels } from '../../client/rtc/channel.ts';
import { Microphone, type MicrophoneState } from '../../client/rtc/microphone.ts';
import type { Talk } from '../../client/rtc/talk.ts';
import type { FloorState, SessionStatus } from '../../client/session.ts';
import { keep, kept } from '../../page/kept.ts';
import type { Case } from '../model/case.ts';
import { said } from '../texts.ts';
import type { Desk } from './desk.ts';

export interface Call {
  readonly terminal: string;
  readonly talk: Talk;
  readonly status: Signal<SessionStatus>;
  /** As told last; null: nothing yet. */
  readonly floor: Signal<FloorState | null>;
  readonly levels: Signal<Levels>;
}

const silence: Levels = { room: -100, caller: -100 };

export class Calls {
  readonly all = signal<ReadonlyMap<string, Call>>(new Map());
  readonly #active = signal<string | null>(null);
  readonly active = computed(() => this.all.value.get(this.#active.value ?? '') ?? null);
  readonly microphone = signal<MicrophoneState>('closed');
  /** `hold`: silent but while a key is held. */
  readonly mode = signal<'open' | 'hold'>(kept('talk') === 'hold' ? 'hold' : 'open');
  /** Our voice leaves this machine now. */
  readonly speaks = signal(false);
  readonly #desk: Desk;
  readonly #microphone = new Microphone();
  #isHeld = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#microphone.on('changed', (state) => {
      this.microphone.value = state;
      this.speaks.value = this.#microphone.speaks;
    });
    this.#microphone.on('track', (track) => this.#give(track));
  }

  close(): void {
    for (const { talk } of this.all.value.values()) talk.close();
    this.#microphone.close();
  }

  /** The call of a terminal becomes the active one; made where there is none. */
  answer({ terminal, id }: Case): void {
    const before = this.active.value;
    if (before && before.terminal !== terminal) this.#set(before, null);
    this.#active.value = terminal;
    if (!this.all.value.has(terminal)) this.#begin(terminal, id);
    this.#microphone.open();
    this.#mute();
    this.#give(this.#microphone.track);
  }

  hangUp(): void {
    this.active.value?.talk.close();
  }

  /** Has it at once from a lower role or from nobody; else whoever has it is told that we ask. */
  async wantFloor(): Promise<void> {
    const talk = this.active.value?.talk;
    if (!talk) return;
    try {
      await talk.takeFloor();
    } catch (error) {
      if (!(error instanceof CommandRefused && error.reason === 'busy'))
        return this.#desk.refused(error);
      await talk.askFloor().catch((no: unknown) => this.#desk.refused(no));
    }
  }

  /** Hands it to who asks first, else leaves it to whoever is next. */
  passFloor(): void {
    const call = this.active.value;
    const next = call?.floor.value?.asking[0];
    const passed = next ? call?.talk.giveFloor(next.session) : call?.talk.leaveFloor();
    passed?.catch((error: unknown) => this.#desk.refused(error));
  }

  switchMode(): void {
    this.mode.value = this.mode.value === 'open' ? 'hold' : 'open';
    keep('talk', this.mode.value);
    this.#mute();
  }

  /** Held down to talk, or let go. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#mute();
  }

  #begin(terminal: string, incident: string): void {
    const talk = this.#desk.client.talk(terminal, { incident, microphone: null });
    const call: Call = {
      ...{ terminal, talk, levels: signal(silence), status: signal(talk.status) },
      floor: signal(talk.floor),
    };
    talk.on('status', (status) => {
      call.status.value = status;
      if (status.state === 'over') this.#ended(call, status);
    });
    talk.on('floor', (floor) => {
      call.floor.value = floor;
    });
    talk.on('levels', (levels) => {
      call.levels.value = levels;
    });
    this.all.value = new Map(this.all.value).set(terminal, call);
  }

  #ended(call: Call, status: Extract<SessionStatus, { state: 'over' }>): void {
    this.all.value = new Map([...this.all.value].filter(([, one]) => one !== call));
    if (this.#active.value === call.terminal) this.#active.value = null;
    if (this.all.value.size === 0) this.#microphone.close();
    if (status.reason !== 'closed' && status.reason !== 'resolved')
      this.#desk.notes.say(`${said(status.reason)}: ${status.detail}`, 'refused');
  }

  #mute(): void {
    this.#microphone.muted = this.mode.value === 'hold' && !this.#isHeld;
  }

  #give(track: MediaStreamTrack | null): void {
    const call = this.active.value;
    if (call) this.#set(call, track);
  }

  #set({ talk }: Call, track: MediaStreamTrack | null): void {
    talk.microphone(track).catch((error: unknown) => {
      // A connection that went away at that very moment; the next one begins with what is wanted.
      if (!(error instanceof DOMException)) throw error;
    });
  }
}
