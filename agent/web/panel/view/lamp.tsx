// The lamp as it hangs on the wall: the same colours in the same rhythm, and inside it a sign that tells the
// word without either.

import { useEffect, useRef } from 'preact/hooks';
import type { LampTarget } from '../../../core/target.ts';
import { signalOf } from '../../../lamp/patterns.ts';
import type { Sign } from '../model/stage.ts';
import { signs } from './signs.ts';

const colours: { readonly [colour: string]: string } = {
  ...{ R: '#ff5a4f', Y: '#ffd426', G: '#3ddc72', B: '#5aa9ff', W: '#ffffff', '-': '#39424c' },
};

interface Props {
  readonly sign: Sign;
  readonly target: LampTarget | null;
}

export function Lamp({ sign, target }: Props) {
  const lit = useRef<SVGPathElement>(null);
  const pattern = target ? signalOf(target).lamp : null;
  useEffect(() => {
    const element = lit.current;
    if (!element || pattern === null) return;
    const playing = play(element, pattern);
    return () => {
      playing?.cancel();
      element.style.fill = '';
    };
  }, [pattern]);
  const { shape, glyph } = signs[sign];
  return (
    <svg class="lamp" viewBox="0 0 100 100" aria-hidden="true" data-pattern={pattern ?? 'none'}>
      <circle class="housing" cx="50" cy="50" r="49" />
      <path class="lit" d={shape} ref={lit} />
      <path class="glyph" d={glyph} />
    </svg>
  );
}

/** `G3900.-100`: colours and milliseconds, over and over; for who asked for less motion the first colour. */
function play(element: SVGPathElement, pattern: string): Animation | null {
  const segments = pattern.split('.').map((segment) => {
    const [, colour = '-', ms = '0'] = /^(.)(\d+)$/.exec(segment) ?? [];
    return { fill: colours[colour] ?? '', ms: Number(ms) };
  });
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.style.fill = segments.find(({ fill }) => fill !== colours['-'])?.fill ?? '';
  const duration = segments.reduce((sum, { ms }) => sum + ms, 0);
  if (isCalm || duration === 0) return null;
  let at = 0;
  const frames = segments.map(({ fill, ms }) => {
    const offset = at / duration;
    at += ms;
    return { fill, offset, easing: 'steps(1, end)' };
  });
  const last = frames.at(-1)?.fill ?? '';
  return element.animate([...frames, { fill: last, offset: 1 }], {
    duration,
    iterations: Number.POSITIVE_INFINITY,
  });
}
