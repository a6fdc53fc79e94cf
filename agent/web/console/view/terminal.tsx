// A terminal that is looked at while it has no case: where it is, whom to call, what is out of order, and its
// window for drills and service.

import { useEffect } from 'preact/hooks';
import type { TerminalView } from '../../client/terminals.ts';
import { language } from '../../page/language.ts';
import { momentText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import { t } from '../texts.ts';
import type { Acts } from './acts.ts';
import { MapPlace } from './map.tsx';
import { ActButton, Fact, IdentityFacts } from './parts.tsx';
import type { Ui } from './ui.ts';
import { WindowForm, WindowSays } from './window.tsx';

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly acts: Acts;
  readonly view: TerminalView;
}

export function TerminalPlace({ desk, ui, acts, view }: Props) {
  const { id, online, birth } = view;
  const open = desk.windows.of(id);
  useEffect(
    () => () => {
      ui.windowing.value = null;
    },
    [id, ui],
  );
  return (
    <div class="terminal-place">
      <header class="case-head head-ended">
        <div class="case-title">
          <h2>
            {birth?.identity.school ?? id} {birth?.identity.gate}
          </h2>
          <p class="case-step">
            <span class="step">{t(online ? 'ready' : 'gone')}</span>
            <small>{id}</small>
          </p>
        </div>
        {open ? <WindowSays open={open} act={acts.window} /> : <ActButton act={acts.window} />}
      </header>
      {!open && ui.windowing.value === id && <WindowForm desk={desk} ui={ui} terminal={id} />}
      <Facts view={view} />
      <MapPlace desk={desk} terminal={id} />
    </div>
  );
}

function Facts({ view: { birth, id } }: { readonly view: TerminalView }) {
  if (!birth) return null;
  const { identity, faults, version } = birth;
  return (
    <dl class="facts">
      <IdentityFacts identity={identity} />
      <Fact name={t('terminal')}>
        {id} <small>{version}</small>
      </Fact>
      {faults.map(({ fault, detail, sinceWallMs }) => (
        <Fact key={fault} name={t('fault')}>
          <span class="claim">{fault}</span> {detail}{' '}
          <small>{momentText(sinceWallMs, language.value)}</small>
        </Fact>
      ))}
    </dl>
  );
}
