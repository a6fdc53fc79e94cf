// What the dome's microphone hears at the gate: played once the dispatcher asks for it, and not over an open
// microphone of ours: our voice comes out of the gate room, back in by the dome, and nothing cancels it.

import type { Live } from '../../../web/client/rtc/live.ts';
import { byId, type Keys, play, playerIn, say } from './dom.ts';
import { t } from './texts.ts';

export class GateSound {
  readonly #sound = playerIn(byId('screen'), 'gate-sound');
  readonly #speaks: () => boolean;
  #wanted = false;
  #live: Live | null = null;

  /** `speaks`: our voice goes to the gate room now. */
  constructor(keys: Keys, speaks: () => boolean) {
    this.#speaks = speaks;
    keys.add(byId('sound-keys'), {
      ...{ key: 's', text: () => t(this.#wanted ? 'soundOff' : 'soundOn') },
      can: () => this.#live !== null,
      press: () => {
        this.#wanted = !this.#wanted;
        this.draw(this.#live);
        keys.draw();
      },
    });
  }

  /** Plays what is to be heard of this picture, and says so. */
  draw(live: Live | null): void {
    this.#live = live;
    const state = this.#state(live);
    play(this.#sound, state === 'soundOn' ? (live?.sound ?? null) : null);
    const says = byId('sound-says');
    says.dataset.state = state;
    say(says, t(state === 'soundOn' ? 'soundPlays' : state === 'soundOff' ? 'soundQuiet' : state));
  }

  #state(live: Live | null): 'soundOff' | 'soundNone' | 'soundHeld' | 'soundOn' {
    if (!this.#wanted) return 'soundOff';
    const comes = live?.sound?.getAudioTracks().some(({ readyState }) => readyState === 'live');
    if (live?.status.state !== 'connected' || !comes) return 'soundNone';
    return this.#speaks() ? 'soundHeld' : 'soundOn';
  }
}
