// The third region: all terminals, searched and filtered, by jurisdiction; or the cases of the past.

import { useComputed } from '@preact/signals';
import type { Ref } from 'preact';
import { language } from '../../page/language.ts';
import { clockText, momentText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import type { CaseLog } from '../model/log.ts';
import { type Filter, filters, passesFilter, type RollRow, rollOf } from '../model/roll.ts';
import { said, type Text, t } from '../texts.ts';
import { Ago, KindSign } from './parts.tsx';
import type { Ui } from './ui.ts';
import { VirtualList } from './virtual.tsx';

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly search: Ref<HTMLInputElement>;
}

const filterTexts: { readonly [F in Filter]: Text } = {
  ...{ all: 'all', open: 'filterOpen', silent: 'filterSilent', fault: 'filterFault' },
};

export function Side({ desk, ui, search }: Props) {
  const isPast = ui.side.value === 'past';
  return (
    <aside class="side" aria-label={t(isPast ? 'past' : 'terminals')}>
      <div class="section-head">
        {(['terminals', 'past'] as const).map((side) => (
          <button
            key={side}
            type="button"
            class="tab"
            aria-pressed={ui.side.value === side}
            onClick={() => {
              ui.side.value = side;
            }}
          >
            {t(side)}
          </button>
        ))}
      </div>
      {isPast ? <Past desk={desk} /> : <Terminals desk={desk} ui={ui} search={search} />}
    </aside>
  );
}

function Terminals({ desk, ui, search }: Props) {
  const views = useComputed(() => [...desk.watch.terminals.value.values()]);
  const roll = useComputed(() => rollOf(views.value, ui.filter.value, ui.search.value));
  return (
    <>
      <label class="search" data-key="/">
        <span class="hidden">{t('search')}</span>
        <input
          ref={search}
          type="search"
          placeholder={t('search')}
          value={ui.search.value}
          onInput={(event) => {
            ui.search.value = event.currentTarget.value;
          }}
        />
      </label>
      <div class="filters">
        {filters.map((filter) => (
          <button
            key={filter}
            type="button"
            class="chip"
            aria-pressed={ui.filter.value === filter}
            onClick={() => {
              ui.filter.value = filter;
            }}
          >
            {t(filterTexts[filter])}{' '}
            <b>{views.value.filter((view) => passesFilter(view, filter)).length}</b>
          </button>
        ))}
      </div>
      {roll.value.length === 0 ? (
        <p class="quiet">{t('nothingFound')}</p>
      ) : (
        <VirtualList
          rows={roll.value}
          label={t('terminals')}
          keyOf={({ key }) => key}
          draw={(row) => <Row desk={desk} row={row} />}
        />
      )}
    </>
  );
}

function Row({ desk, row }: { readonly desk: Desk; readonly row: RollRow }) {
  if (row.what === 'head')
    return (
      <p class="roll-head">
        <b>{row.jurisdiction || row.division || '—'}</b> <small>{row.division}</small>
        <span>{row.count}</span>
      </p>
    );
  const { view } = row;
  const { id, online, birth, incidents } = view;
  const faults = birth?.faults ?? [];
  const [first] = incidents;
  const goneMs = desk.watch.goneMs(id);
  const state = first ? 'open' : !online ? 'gone' : faults.length > 0 ? 'fault' : 'ready';
  const body = (
    <>
      <span class="dot" aria-hidden="true" />
      <span class="roll-name">
        {birth?.identity.school ?? id} <small>{birth?.identity.gate}</small>
      </span>
      <span class="roll-state" title={faults.map(({ detail }) => detail).join('\n')}>
        {first ? t(first.step) : online ? '' : t('gone')}
        {!online && goneMs !== null && <Ago desk={desk} atMs={goneMs} />}
        {birth?.window && (
          <b class="mark">
            {t(birth.window.mark)} {t('windowOpen')}{' '}
            {clockText(birth.window.untilWallMs, language.value)}
          </b>
        )}
        {online && !first && (faults.length > 0 ? `${faults.length} ${t('faults')}` : t('ready'))}
      </span>
    </>
  );
  return (
    <button
      type="button"
      class={`roll-row roll-${state}`}
      aria-current={desk.hand.terminal.value === id ? 'true' : undefined}
      onClick={() => (first ? desk.hand.choose(first.id) : desk.hand.look(id))}
    >
      {body}
    </button>
  );
}

function Past({ desk }: { readonly desk: Desk }) {
  const past = desk.book.ended.value;
  if (past.length === 0) return <p class="quiet">{t('noPast')}</p>;
  return (
    <VirtualList
      rows={past}
      label={t('past')}
      keyOf={({ id }) => id}
      draw={(log) => <PastRow desk={desk} log={log} />}
    />
  );
}

function PastRow({ desk, log }: { readonly desk: Desk; readonly log: CaseLog }) {
  const { id, kind, mark, identity, terminal, raisedMs, resolved } = log;
  return (
    <button type="button" class="roll-row roll-past" onClick={() => desk.hand.choose(id)}>
      <KindSign kind={kind} />
      <span class="roll-name">
        {identity?.school ?? terminal} {mark && <b class="mark">{t(mark)}</b>}
      </span>
      <span class="roll-state">
        <time>{momentText(raisedMs, language.value)}</time> {resolved && said(resolved.reason)}
      </span>
    </button>
  );
}
