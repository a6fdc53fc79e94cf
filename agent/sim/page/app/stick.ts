// The stick on the page: arrows and zoom turn the dome for as long as they are held; the first of them
// takes the stick. Who has it is shown, whoever that is.

import type { BrowserClient } from '../../../web/client/browser.ts';
import type { Stick, Velocity } from '../../../web/client/stick.ts';
import { byId, type Keys, messageOf, say } from './dom.ts';
import { type Text, t } from './texts.ts';

const speed = 0.6;
const directions: readonly (readonly [key: string, text: Text, velocity: Velocity])[] = [
  ['ArrowLeft', 'left', { pan: -speed }],
  ['ArrowRight', 'right', { pan: speed }],
  ['ArrowUp', 'up', { tilt: speed }],
  ['ArrowDown', 'down', { tilt: -speed }],
  ['+', 'closer', { zoom: speed }],
  ['-', 'wider', { zoom: -speed }],
];

export class StickPad {
  readonly #keys: Keys;
  readonly #client: BrowserClient;
  readonly #note: (what: string) => void;
  #stick: Stick | null = null;
  #wiper = false;

  constructor(keys: Keys, client: BrowserClient, note: (what: string) => void) {
    this.#keys = keys;
    this.#client = client;
    this.#note = note;
  }

  open(terminal: string): void {
    const stick = this.#client.stick(terminal);
    this.#stick = stick;
    stick.on('lease', ({ why }) => {
      if (why) this.#note(why.kind === 'stick.lost' ? `${why.kind}: ${why.reason}` : why.kind);
      this.draw();
    });
    const row = byId('stick-keys');
    const can = () => this.#client.up;
    for (const [key, text, velocity] of directions)
      this.#keys.add(row, {
        ...{ key, text: () => t(text), can },
        press: () => this.#try(stick.move(velocity)),
        release: () => stick.stop(),
      });
    this.#keys.add(row, {
      ...{ key: 'h', text: () => t('home'), can },
      press: () => this.#try(stick.do({ op: 'home' })),
    });
    this.#keys.add(row, {
      ...{ key: 'w', text: () => t('wiper'), can },
      press: () => this.#wipe(stick),
    });
    this.#keys.add(row, {
      ...{ key: 'g', text: () => t(stick.mine ? 'giveStick' : 'takeStick'), can },
      press: () => this.#try(stick.mine ? stick.release() : stick.take()),
    });
  }

  draw(): void {
    const stick = this.#stick;
    if (!stick) return;
    const holder = this.#client.terminal(stick.terminal)?.birth?.stick ?? null;
    const who = stick.mine ? t('mine') : holder ? `${holder.role}/${holder.user}` : t('free');
    byId('stick').dataset.state = stick.mine ? 'mine' : holder ? 'taken' : 'free';
    say(byId('stick-says'), `${t('stick')}: ${who}`);
  }

  #wipe(stick: Stick): void {
    this.#wiper = !this.#wiper;
    this.#try(stick.do({ op: 'wiper', on: this.#wiper }));
  }

  #try(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.#note(messageOf(error)));
  }
}
