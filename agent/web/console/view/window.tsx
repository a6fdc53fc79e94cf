// The window of a terminal in which presses dispatch nobody: said so that nobody mistakes it, with the time
// that is left; opened by a form, closed by one key.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Mark, windowMinutesMax } from '../../../core/mark.ts';
import type { Desk } from '../desk/desk.ts';
import type { OpenWindow } from '../desk/windows.ts';
import { t, whoText } from '../texts.ts';
import type { Act } from './acts.ts';
import { ActButton } from './parts.tsx';
import type { Ui } from './ui.ts';

const minute = 60_000;

/** `14:05` */
export function leftText(leftMs: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return `${two(leftMs / minute)}:${two((leftMs % minute) / 1000)}`;
}

export function WindowSays({ open, act }: { readonly open: OpenWindow; readonly act: Act }) {
  const { mark, leftMs } = open;
  return (
    <p class="mark-banner window-says" data-mark={mark}>
      <b>{t(mark)}</b> {t('windowSays')} {t('left-time')}{' '}
      <time class="window-left">{leftText(leftMs)}</time> <small>{whoText(open)}</small>
      <ActButton act={act} look="act-danger" />
    </p>
  );
}

const shownMax = 3;

/** Above everything, wherever the desk is at. */
export function WindowBanner({ desk }: { readonly desk: Desk }) {
  const open = desk.windows.open.value;
  if (open.length === 0) return null;
  return (
    <ul class="banner banner-window" aria-label={t('windowSays')}>
      {open.slice(0, shownMax).map(({ view, mark, leftMs }) => (
        <li key={view.id}>
          <b class="mark">{t(mark)}</b> {view.birth?.identity.school ?? view.id}{' '}
          {view.birth?.identity.gate} · {t('left-time')} {leftText(leftMs)}
        </li>
      ))}
      {open.length > shownMax && <li>+{open.length - shownMax}</li>}
    </ul>
  );
}

interface FormProps {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly terminal: string;
}

export function WindowForm({ desk, ui, terminal }: FormProps) {
  const { mine } = desk.windows;
  const mark = useSignal<Mark>(mine[0] ?? 'drill');
  const minutes = useSignal(windowMinutesMax[mine[0] ?? 'drill']);
  const siren = useSignal(false);
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const begin = (event: Event) => {
    event.preventDefault();
    ui.windowing.value = null;
    void desk.windows.begin(terminal, mark.value, minutes.value, siren.value);
  };
  return (
    <form class="window-form" aria-label={t('windowBegin')} onSubmit={begin}>
      <label>
        {t('windowKind')}
        <select
          ref={first}
          name="mark"
          value={mark.value}
          onChange={(event) => {
            const chosen = mine.find((one) => one === event.currentTarget.value);
            if (!chosen) return;
            mark.value = chosen;
            minutes.value = windowMinutesMax[chosen];
          }}
        >
          {mine.map((one) => (
            <option key={one} value={one}>
              {t(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('minutes')}
        <input
          name="minutes"
          type="number"
          required
          min={1}
          max={windowMinutesMax[mark.value]}
          value={minutes.value}
          onInput={(event) => {
            minutes.value = event.currentTarget.valueAsNumber;
          }}
        />
      </label>
      {mark.value === 'drill' && (
        <label class="check">
          <input
            name="siren"
            type="checkbox"
            checked={siren.value}
            onChange={(event) => {
              siren.value = event.currentTarget.checked;
            }}
          />
          {t('withSiren')}
        </label>
      )}
      <p class="window-warns">{t('windowWarns')}</p>
      <button type="submit" class="act act-danger">
        <span>{t('begin')}</span>
      </button>
      <button
        type="button"
        class="plain"
        onClick={() => {
          ui.windowing.value = null;
        }}
      >
        {t('back')}
      </button>
    </form>
  );
}
