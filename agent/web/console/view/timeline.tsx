// What happened in a case, the newest above: the ladder, presses, people, evidence.

import { language } from '../../page/language.ts';
import { clockText, momentText } from '../../page/time.ts';
import type { CaseLog, Line } from '../model/log.ts';
import { said, type Text, t, whoText } from '../texts.ts';
import { scrolls } from './parts.tsx';

export function Timeline({ log }: { readonly log: CaseLog | undefined }) {
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <h3 id="timeline-title">{t('timeline')}</h3>
      <ol ref={scrolls} aria-labelledby="timeline-title" data-arrows>
        {(log?.lines ?? []).toReversed().map((line) => (
          <Row key={line.key} line={line} raisedMs={log?.raisedMs ?? 0} />
        ))}
      </ol>
    </section>
  );
}

function Row({ line, raisedMs }: { readonly line: Line; readonly raisedMs: number }) {
  const { atMs, what, who, detail } = line;
  const lang = language.value;
  const after = Math.round((atMs - raisedMs) / 100) / 10;
  return (
    <li class={`line-${what}`}>
      <time title={momentText(atMs, lang)}>{clockText(atMs, lang)}</time>
      <span class="after">{after >= 0 ? `+${after.toFixed(1)} s` : ''}</span>
      <span title={detail}>
        <b>{t(what as Text)}</b> {who && whoText(who)} {said(detail)}
      </span>
    </li>
  );
}
