// The stage: sign and rhythm of the lamp, its word as big as the screen allows, since when, what to do, who
// is on the line.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { GuardView } from '../../../panel/api.ts';
import { language } from '../../page/language.ts';
import { dayClock, spanText } from '../../page/time.ts';
import { beyond, notKnown, parted, piecesOf, type Shown, shownOf } from '../model/stage.ts';
import type { Panel } from '../panel.ts';
import { both, say, t } from '../texts.ts';
import { fitWord } from './fit.ts';
import { Lamp } from './lamp.tsx';

/** As things are now, or that nobody knows. */
export function shownNow({ stream }: Panel): Shown {
  const view = stream.view.value;
  if (stream.isStale.value)
    return notKnown(both('stale'), both('staleSays'), view && stream.heardWallMs.value);
  if (!view) return notKnown(both('connecting'), both('connectingSays'), null);
  return shownOf(view);
}

interface Props {
  readonly panel: Panel;
  readonly shown: Shown;
  /** Beside the installer's part: one row. */
  readonly isTight: boolean;
}

export function Stage({ panel, shown, isTight }: Props) {
  const [head, tail] = parted(say(shown.word));
  const advice = beyond(say(shown.word), say(shown.advice));
  const view = shown.lamp && panel.stream.view.value;
  return (
    <section
      class={`stage tone-${shown.tone}${isTight ? ' is-tight' : ''}`}
      data-word={shown.sign}
      data-mark={shown.mark ?? 'none'}
      aria-label={t('now')}
    >
      <div class="sign">
        <Lamp sign={shown.sign} target={shown.lamp} />
        {shown.mark && <p class="mark-tag">{t(shown.mark)}</p>}
      </div>
      <div class="says">
        <Word head={head} tail={tail} isTight={isTight} />
        {advice && <p class={`advice urgency-${shown.urgency}`}>{advice}</p>}
        <p class="since">
          <Since panel={panel} shown={shown} />
        </p>
        {view && <Callers panel={panel} view={view} />}
      </div>
    </section>
  );
}

interface WordProps {
  readonly head: string;
  readonly tail: string;
  readonly isTight: boolean;
}

function Word({ head, tail, isTight }: WordProps) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const letters = place.current;
    const room = letters?.parentElement;
    if (!letters || !room) return;
    const observer = new ResizeObserver(() => fitWord(letters, isTight));
    fitWord(letters, isTight);
    observer.observe(room);
    observer.observe(document.documentElement);
    return () => observer.disconnect();
  }, [head, isTight]);
  return (
    <h1 class="word">
      <span class="hidden">{tail ? `${head}, ${tail}` : head}</span>
      <span class="head" aria-hidden="true" ref={place}>
        {piecesOf(head).flatMap((piece, at) => [
          at > 0 && language.value === 'en' ? ' ' : '',
          <span key={piece} class="piece">
            {piece}
          </span>,
        ])}
      </span>
      {tail && (
        <span class="tail" aria-hidden="true">
          {tail}
        </span>
      )}
    </h1>
  );
}

function Since({ panel, shown }: Pick<Props, 'panel' | 'shown'>) {
  const { nowWallMs, isStale } = panel.stream;
  if (shown.sinceWallMs === null) return null;
  const at = dayClock(shown.sinceWallMs, nowWallMs.value, language.value);
  if (isStale.value) return `${t('lastHeard')} ${at}`;
  const span = spanText(nowWallMs.value - shown.sinceWallMs, language.value);
  return (
    <>
      {t('since')} <time dateTime={new Date(shown.sinceWallMs).toISOString()}>{at}</time>{' '}
      {t('sinceEnd')} · {span}
    </>
  );
}

/** Who is on the line, the one who is heard first. */
function Callers({ panel, view }: { readonly panel: Panel; readonly view: GuardView }) {
  if (view.callers.length === 0) return null;
  const now = panel.stream.nowWallMs.value;
  return (
    <ul class="callers" aria-label={t('onLine')}>
      {view.callers.map(({ text, speaks, sinceWallMs }) => (
        <li key={`${text.zh}${sinceWallMs}`} data-speaks={speaks}>
          <b>{say(text)}</b> {t(speaks ? 'heard' : 'listens')} ·{' '}
          {spanText(now - sinceWallMs, language.value)}
        </li>
      ))}
    </ul>
  );
}
