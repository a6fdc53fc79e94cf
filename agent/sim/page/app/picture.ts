// The gate's picture on the page: opens and closes it, shows snapshots in its place, and says so where it
// stands still, for a frozen picture must not look like a live one.

import type { BrowserClient } from '../../../web/client/browser.ts';
import type { Live } from '../../../web/client/rtc/live.ts';
import { byId, detailOf, type Keys, say } from './dom.ts';
import { GateSound } from './gate-sound.ts';
import { t } from './texts.ts';

const frozenMs = 2_000;

export class Picture {
  readonly #client: BrowserClient;
  readonly #video = byId('picture', HTMLVideoElement);
  readonly #image = byId('snapshot', HTMLImageElement);
  readonly #sound: GateSound;
  #live: Live | null = null;
  #frameMs = 0;

  /** `speaks`: our voice goes to the gate room now. */
  constructor(keys: Keys, client: BrowserClient, speaks: () => boolean) {
    this.#client = client;
    this.#sound = new GateSound(keys, speaks);
    const frame = () => {
      this.#frameMs = performance.now();
      this.#video.requestVideoFrameCallback(frame);
    };
    this.#video.requestVideoFrameCallback(frame);
  }

  /** Unless it is open already. */
  open(terminal: string): void {
    if (this.#live && this.#live.status.state !== 'over') return;
    const live = this.#client.live(terminal);
    this.#live = live;
    this.#frameMs = performance.now();
    this.#video.srcObject = live.video;
    live.on('status', () => this.draw());
    live.on('snapshot', (jpeg) => {
      const url = URL.createObjectURL(jpeg);
      this.#image.onload = () => URL.revokeObjectURL(url);
      this.#image.src = url;
    });
    this.draw();
  }

  toggle(terminal: string): void {
    if (!this.#live || this.#live.status.state === 'over') return this.open(terminal);
    this.#live.close();
    this.#live = null;
    this.draw();
  }

  draw(): void {
    const status = this.#live?.status ?? null;
    const state = status?.state ?? 'none';
    const frozen = state === 'connected' && performance.now() - this.#frameMs > frozenMs;
    const says = byId('live-says');
    byId('screen').dataset.state = state;
    this.#image.hidden = state !== 'snapshots';
    says.hidden = state === 'connected' && !frozen;
    say(says, `${t('picture')}: ${t(frozen ? 'frozen' : state)}${detailOf(status)}`);
    this.#sound.draw(this.#live);
  }
}
