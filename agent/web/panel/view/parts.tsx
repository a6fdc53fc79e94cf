// Small parts of all views: a button that must be held, an act with its answer, what scrolls.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Text } from '../../../panel/api.ts';
import type { ClientClock } from '../../client/clock.ts';
import { type Answer, isProblem } from '../asks.ts';
import { say, t } from '../texts.ts';

/** What scrolls is reached by the keyboard, too. */
export const scrolls = (element: HTMLElement | null): void => {
  if (element) element.tabIndex = 0;
};

/** Long enough to be meant, short enough to be done. */
const holdMs = 1_200;

interface HoldProps {
  readonly clock: ClientClock;
  readonly text: string;
  readonly id?: string;
  readonly isOff?: boolean;
  readonly done: () => void;
}

/** One deliberate act: kept pressed by finger, mouse or key. Helpers of people who cannot hold (a screen
 * reader) click without either, and are believed. */
export function HoldButton({ clock, text, id, isOff = false, done }: HoldProps) {
  const isHeld = useSignal(false);
  const wasShort = useSignal(false);
  const end = useRef<(() => void) | null>(null);
  const letGo = () => {
    if (!end.current) return;
    end.current();
    end.current = null;
    isHeld.value = false;
    wasShort.value = true;
  };
  const begin = () => {
    if (isOff || end.current) return;
    isHeld.value = true;
    wasShort.value = false;
    end.current = clock.after(holdMs, () => {
      end.current = null;
      isHeld.value = false;
      done();
    });
  };
  useEffect(() => () => end.current?.(), []);
  const isKey = ({ key }: KeyboardEvent) => key === 'Enter' || key === ' ';
  return (
    <button
      type="button"
      class={`act hold${isHeld.value ? ' is-held' : ''}`}
      id={id}
      aria-disabled={isOff}
      style={{ '--hold': `${holdMs}ms` }}
      onPointerDown={begin}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      onPointerCancel={letGo}
      onBlur={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        // Or the key would click, which is what helpers do.
        event.preventDefault();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        letGo();
      }}
      onClick={({ detail }) => {
        if (detail === 0 && !isOff) done();
      }}
    >
      <span>{text}</span> <small class={wasShort.value ? 'was-short' : ''}>{t('claimHold')}</small>
    </button>
  );
}

/** What is being asked, and how it went. */
export type Going =
  | { readonly how: 'none' | 'going' }
  | { readonly how: 'done' | 'wrong'; readonly text: Text };

/** Runs one ask at a time; `done` words its answer. */
export function useAct<T>(ask: () => Promise<Answer<T>>, done: (body: T) => Text) {
  const going = useSignal<Going>({ how: 'none' });
  const run = async () => {
    if (going.value.how === 'going') return;
    going.value = { how: 'going' };
    const answer = await ask();
    going.value = isProblem(answer)
      ? { how: 'wrong', text: answer.problem.text }
      : { how: 'done', text: done(answer.body) };
  };
  return { going, run: () => void run() };
}

const goingSigns = { none: '', going: '…', done: '✓', wrong: '✕' } as const;

export function Outcome({ going, busy }: { readonly going: Going; readonly busy: string }) {
  return (
    <p class={`outcome outcome-${going.how}`} role="status" data-how={going.how}>
      <span aria-hidden="true">{goingSigns[going.how]}</span>{' '}
      {going.how === 'going' ? busy : 'text' in going ? say(going.text) : ''}
    </p>
  );
}
