// The case in hand: who, where, since when, how far; its picture, its call, what may be done, what happened.
// It fits on the smallest screen without scrolling but for the lists at its foot.

import { language } from '../../page/language.ts';
import { momentText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import { type Case, stepSinceMs } from '../model/case.ts';
import type { CaseLog } from '../model/log.ts';
import { said, t, whoText } from '../texts.ts';
import type { Acts } from './acts.ts';
import { EvidenceList } from './evidence.tsx';
import { MapPlace } from './map.tsx';
import { ActButton, Ago, Fact, IdentityFacts, KindSign } from './parts.tsx';
import { PicturePlace } from './picture.tsx';
import { Resolve } from './resolve.tsx';
import { TalkPlace } from './talk.tsx';
import { TerminalPlace } from './terminal.tsx';
import { Timeline } from './timeline.tsx';
import type { Ui } from './ui.ts';

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly acts: Acts;
}

export function CaseInHand({ desk, ui, acts }: Props) {
  const one = desk.hand.current.value;
  const log = desk.book.logs.value.get(desk.hand.id.value ?? '');
  const looked = desk.watch.terminals.value.get(desk.hand.terminal.value ?? '');
  return (
    <main class={`case ${one?.mark ? 'is-marked' : ''}`} aria-label={t('caseInHand')}>
      {one ? (
        <Open desk={desk} ui={ui} acts={acts} one={one} log={log} />
      ) : log ? (
        <Ended desk={desk} log={log} />
      ) : looked ? (
        <TerminalPlace desk={desk} ui={ui} acts={acts} view={looked} />
      ) : (
        <div class="nothing">
          <p>{t('noCase')}</p>
          <p>{t('noCaseSays')}</p>
          <MapPlace desk={desk} terminal={null} />
        </div>
      )}
    </main>
  );
}

interface OpenProps extends Props {
  readonly one: Case;
  readonly log: CaseLog | undefined;
}

function Open({ desk, ui, acts, one, log }: OpenProps) {
  return (
    <>
      <Head desk={desk} acts={acts} one={one} />
      <PicturePlace desk={desk} ui={ui} acts={acts} one={one} />
      <Facts desk={desk} one={one} />
      <div class="acts">
        <ActButton act={acts.answer} look="act-main" />
        <ActButton act={acts.take} />
        <ActButton act={acts.strobe} />
        <ActButton act={acts.siren} />
        <ActButton act={acts.resolve} look="act-end" />
      </div>
      <TalkPlace desk={desk} acts={acts} one={one} />
      {ui.resolving.value === one.id ? (
        <Resolve ui={ui} acts={acts} />
      ) : (
        <div class="foot">
          <Timeline log={log} />
          <EvidenceList desk={desk} log={log} />
          <MapPlace desk={desk} terminal={one.terminal} />
        </div>
      )}
    </>
  );
}

function Head({ desk, acts, one }: Pick<OpenProps, 'desk' | 'acts' | 'one'>) {
  const { kind, mark, identity, terminal, step, taken, course } = one;
  const sinceMs = stepSinceMs(one);
  return (
    <header class={`case-head head-${mark ? 'marked' : kind}`}>
      <KindSign kind={kind} />
      <div class="case-title">
        <h2>
          {t(kind)} · {identity?.school ?? terminal} {identity?.gate}
        </h2>
        <p class="case-step">
          <span class={`step step-${step}`}>{t(step)}</span>
          {sinceMs !== null && <Ago desk={desk} atMs={sinceMs} />}
          {taken && (
            <span class="taker">
              {t('inHandOf')} <b>{desk.isMe(taken) ? t('mine') : whoText(taken)}</b>
            </span>
          )}
          {course?.undeliveredWallMs && <span class="claim">{t('undelivered')}</span>}
        </p>
      </div>
      <p class="case-age">
        <Ago desk={desk} atMs={one.raisedMs} />
        <small>{t('sincePress')}</small>
      </p>
      {mark && (
        <p class="mark-banner">
          <b>{t(mark)}</b> {t('markSays')}
          <ActButton act={acts.makeReal} look="act-danger" />
        </p>
      )}
      {kind === 'silent' && <p class="warning">{t('silentWarning')}</p>}
      {course?.falseAlarmWallMs && (
        <p class="warning">
          <b>{t('claim')}</b> {t('claimSays')}
        </p>
      )}
      {!one.online && (
        <p class="warning warning-danger">
          <b>{t('offlineCase')}</b> {identity?.gateRoomPhone}
        </p>
      )}
    </header>
  );
}

function Facts({ desk, one }: { readonly desk: Desk; readonly one: Case }) {
  const { identity, terminal, inputName, presses, clock } = one;
  const faults = desk.watch.terminals.value.get(terminal)?.birth?.faults ?? [];
  return (
    <dl class="facts">
      {identity && <IdentityFacts identity={identity} />}
      <Fact name={t('button')}>
        {inputName}
        {presses > 1 && ` · ${presses} ${t('presses')}`}
      </Fact>
      <Fact name={t('raised')}>
        {momentText(one.raisedMs, language.value)}
        {clock !== 'good' && <small class="claim">{t('clockUnknown')}</small>}
      </Fact>
      {faults.length > 0 && (
        <Fact name={t('fault')}>
          {faults.map(({ fault, detail }) => (
            <span key={fault} class="fault" title={detail}>
              {fault}
            </span>
          ))}
        </Fact>
      )}
    </dl>
  );
}

/** It stays to be read until another is in hand. */
function Ended({ desk, log }: { readonly desk: Desk; readonly log: CaseLog }) {
  const { kind, identity, terminal, resolved } = log;
  return (
    <>
      <header class="case-head head-ended">
        <KindSign kind={kind} />
        <div class="case-title">
          <h2>
            {t('resolved')} · {identity?.school ?? terminal} {identity?.gate}
          </h2>
          {resolved && (
            <p class="case-step">
              <span>
                {t('resolvedBy')} <b>{desk.isMe(resolved) ? t('mine') : whoText(resolved)}</b>:{' '}
                {said(resolved.reason)} {resolved.note}
              </span>
              <Ago desk={desk} atMs={resolved.atMs} />
            </p>
          )}
        </div>
      </header>
      <div class="foot foot-ended">
        <Timeline log={log} />
        <EvidenceList desk={desk} log={log} />
      </div>
    </>
  );
}
