// Under the word, for the guard: how far the alarm has got, whether all parts work, the last alarms.

import type { GuardView } from '../../../panel/api.ts';
import { language } from '../../page/language.ts';
import { dayClock } from '../../page/time.ts';
import { rungsOf } from '../model/ladder.ts';
import type { Shown } from '../model/stage.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';
import { Alarms } from './alarms.tsx';
import { scrolls } from './parts.tsx';

/** Nothing of what was known before is shown once nobody knows. */
export function Guard({ panel, shown }: { readonly panel: Panel; readonly shown: Shown }) {
  const view = shown.lamp && panel.stream.view.value;
  if (!view) return null;
  return (
    <div class="guard">
      <Ladder word={view.lamp.word} />
      <Works panel={panel} view={view} />
      <Alarms panel={panel} view={view} />
    </div>
  );
}

const rungSigns = { reached: '✓', now: '▶', blocked: '✕', open: '' } as const;
const rungSays = { reached: 'reached', now: 'isNow', blocked: 'isNow', open: 'notYet' } as const;

function Ladder({ word }: { readonly word: GuardView['lamp']['word'] }) {
  const rungs = rungsOf(word);
  if (!rungs) return null;
  return (
    <ol class="ladder" aria-label={t('ladder')}>
      {rungs.map(({ step, state }) => (
        <li key={step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="rung-sign" aria-hidden="true">
            {rungSigns[state]}
          </span>
          {t(state === 'blocked' ? 'notReceived' : step)}
          <span class="hidden">{` (${t(rungSays[state])})`}</span>
        </li>
      ))}
    </ol>
  );
}

/** Does it work? Each fault with what to do; else that nothing is wrong, in as many words. */
function Works({ panel, view }: { readonly panel: Panel; readonly view: GuardView }) {
  const { faults, link } = view;
  const now = panel.stream.nowWallMs.value;
  const isWell = faults.length === 0 && link.up;
  return (
    <section class="card works" data-well={isWell}>
      <h2>
        {t('works')}
        {faults.length > 0 && <span class="count">{faults.length}</span>}
      </h2>
      <div class="scroll" ref={scrolls}>
        {isWell && (
          <p class="well">
            <Tick />{' '}
            <span>
              <b>{t('allWell')}</b> {t('allWellSays')}
            </span>
          </p>
        )}
        {(link.up || faults.length === 0) && (
          <p class={link.up ? 'well' : 'ill'}>
            {link.up ? <Tick /> : <Cross />} {say(link.text)}
          </p>
        )}
        <ul>
          {faults.map(({ fault, text, todo, sinceWallMs }) => (
            <li key={fault} class="ill" data-fault={fault}>
              <Cross />
              <span>
                <b>{say(text)}</b> <span class="todo">{say(todo)}</span>{' '}
                <small>
                  {t('since')} {dayClock(sinceWallMs, now, language.value)} {t('sinceEnd')}
                </small>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

const Tick = () => (
  <span class="tick" aria-hidden="true">
    ✓
  </span>
);
const Cross = () => (
  <span class="cross" aria-hidden="true">
    ▲
  </span>
);
