// The gate: the dome as it turns and flashes, the guard's lamp, the buttons.

import type { Sight } from '../sight.ts';
import { byId, type Keys, say } from './dom.ts';
import { isText, languageNow, t } from './texts.ts';

/** Of the dome's view on the drawing. */
const reach = 52;

export class Gate {
  readonly #keys: Keys;
  readonly #seen: (sight: Sight) => void;
  #sight: Sight | null = null;

  /** `seen` is told of each sight of the room. */
  constructor(keys: Keys, seen: (sight: Sight) => void) {
    this.#keys = keys;
    this.#seen = seen;
  }

  /** Looks on for as long as the page is there; the browser connects again by itself. */
  open(): void {
    new EventSource('sight').addEventListener('message', ({ data }) => {
      const first = this.#sight === null;
      // From this page's own server, in this very program.
      const sight = JSON.parse(data) as Sight;
      this.#sight = sight;
      if (first) this.#makeButtons(sight);
      this.#seen(sight);
      this.draw();
    });
  }

  draw(): void {
    const sight = this.#sight;
    if (!sight) return;
    const { lamp, dome, runs } = sight;
    const down = [runs.agent ? '' : t('agentDown'), runs.broker ? '' : t('brokerDown')];
    say(byId('runs'), down.filter(Boolean).join(' · ') || t('allRuns'));
    const [bulb, word, signs] = byId('lamp').children;
    byId('lamp').dataset.word = lamp.word;
    if (bulb instanceof HTMLElement) bulb.dataset.colour = lamp.colour;
    if (word) say(word, lamp[languageNow()]);
    const beside = [
      lamp.mark ? t(lamp.mark) : '',
      lamp.linkDown ? t('linkDown') : '',
      lamp.fault ? t('fault') : '',
    ];
    if (signs) say(signs, beside.filter(Boolean).join(' · '));
    byId('dome').classList.toggle('strobe', dome.strobe);
    const state = (on: boolean) => t(on ? 'on' : 'off');
    say(
      byId('dome-says'),
      `${t('strobe')} ${state(dome.strobe)} · ${t('siren')} ${state(dome.siren)} · ` +
        `${t('preset')} ${dome.preset || '-'} · ${dome.pan}° ${dome.tilt}°`,
    );
    const half = (Math.PI / 180) * (dome.view / 2);
    const [x, y] = [reach * Math.sin(half), -reach * Math.cos(half)];
    const view = byId('dome-view', SVGPathElement);
    view.setAttribute('d', `M0 0 L${-x} ${y} A${reach} ${reach} 0 0 1 ${x} ${y} Z`);
    view.setAttribute('transform', `rotate(${dome.pan})`);
    this.#keys.draw();
  }

  #makeButtons({ buttons }: Sight): void {
    for (const { number, name, what } of buttons)
      this.#keys.add(
        byId('buttons'),
        {
          key: String(number),
          text: () =>
            languageNow() === 'zh' ? name : `${number}: ${isText(what) ? t(what) : what}`,
          can: () => true,
          press: () => void fetch(`press?button=${number}`, { method: 'POST' }),
        },
        'press',
      );
  }
}
