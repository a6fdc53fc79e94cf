// The installer's part: one thing at a time, chosen in a row of tabs.

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { language } from '../../page/language.ts';
import { clockText } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { type Own, t } from '../texts.ts';
import { Control } from './control.tsx';
import { Inputs } from './inputs.tsx';
import { scrolls } from './parts.tsx';
import { DomePicture } from './picture.tsx';
import { System } from './system.tsx';
import { Tests } from './tests.tsx';
import { Windows } from './windows.tsx';

const tabs = [
  'control',
  'inputs',
  'picture',
  'tests',
  'windows',
  'system',
] as const satisfies Own[];
const places = {
  control: Control,
  inputs: Inputs,
  picture: DomePicture,
  tests: Tests,
  windows: Windows,
  system: System,
} as const;

const steps: { readonly [key: string]: number } = {
  ...{ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 },
};

export function Work({ panel }: { readonly panel: Panel }) {
  const tab = useSignal<(typeof tabs)[number]>('control');
  const list = useRef<HTMLDivElement>(null);
  const Place = places[tab.value];
  const session = panel.stream.session.value?.session;
  const turn = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = (tabs.indexOf(tab.value) + step + tabs.length) % tabs.length;
    tab.value = tabs[at] ?? 'control';
    list.current?.querySelectorAll('button')[at]?.focus();
  };
  return (
    <section class="work" aria-label={t('work')}>
      <div class="tabs" role="tablist" aria-label={t('work')} ref={list} onKeyDown={turn}>
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab.value === name}
            aria-controls="tab-place"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => {
              tab.value = name;
            }}
          >
            {t(name)}
          </button>
        ))}
      </div>
      <div
        class="tab-place"
        id="tab-place"
        role="tabpanel"
        aria-labelledby={`tab-${tab.value}`}
        ref={scrolls}
      >
        <Place panel={panel} />
        {session && (
          <p class="quiet session">
            {session.name && `${session.name} · `}
            {t('untilIdle')} {clockText(session.idleUntilWallMs, language.value)}
          </p>
        )}
      </div>
    </section>
  );
}
