// The small parts that all views are made of: a button with its key, the sign of a kind, a time that runs.

import type { ComponentChildren } from 'preact';
import type { Identity } from '../../../contract.ts';
import { language } from '../../page/language.ts';
import { momentText, spanText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import type { Kind } from '../model/case.ts';
import { t } from '../texts.ts';
import type { Act } from './acts.ts';

const keyNames: { readonly [key: string]: string } = {
  ' ': '␣',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
};

export const keyName = (key: string): string => keyNames[key] ?? key.toUpperCase();

/** A button that stays where it is and keeps its focus when it may not be pressed. */
export function ActButton({ act, look = '' }: { readonly act: Act; readonly look?: string }) {
  const can = act.can();
  const press = () => {
    if (act.can()) act.press();
  };
  const held = act.release && {
    onPointerDown: press,
    onPointerUp: act.release,
    onPointerLeave: act.release,
    onPointerCancel: act.release,
  };
  return (
    <button
      type="button"
      class={`act ${look}`}
      data-key={keyName(act.key)}
      aria-disabled={!can}
      aria-pressed={act.on ? act.on() : undefined}
      aria-keyshortcuts={act.key === ' ' ? 'Space' : act.key}
      {...(held ?? { onClick: press })}
    >
      <span>{act.text()}</span>
    </button>
  );
}

const shapes: { readonly [K in Kind]: string } = {
  // An octagon, a sealed mouth, a flame, a cross, a ring: told apart without any colour.
  emergency: 'M8 2h8l6 6v8l-6 6H8l-6-6V8z',
  silent: 'M3 3h18v18H3z',
  fire: 'M12 1c1 5 7 7 7 14a7 7 0 0 1-14 0c0-4 2-5 3-8 1 2 2 3 3 3 1-3 0-6 1-9z',
  medical: 'M9 2h6v7h7v6h-7v7H9v-7H2V9h7z',
  test: 'M12 2a10 10 0 1 0 .01 0zm0 5a5 5 0 1 1-.01 0z',
};
const letters: { readonly [K in Kind]: string } = {
  ...{ emergency: '!', silent: '—', fire: '', medical: '', test: '' },
};

export function KindSign({ kind }: { readonly kind: Kind }) {
  return (
    <svg class={`kind-sign kind-${kind}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={shapes[kind]} />
      <text x="12" y="17.500">
        {letters[kind]}
      </text>
    </svg>
  );
}

/** How long ago, running; when exactly is its title. */
export function Ago({ desk, atMs }: { readonly desk: Desk; readonly atMs: number }) {
  const moment = momentText(atMs, language.value);
  return (
    <time class="ago" dateTime={new Date(atMs).toISOString()} title={moment}>
      {spanText(desk.watch.nowMs.value - atMs, language.value)}
    </time>
  );
}

export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What scrolls is reached by the keyboard, too. */
export const scrolls = (element: HTMLElement | null): void => {
  if (element) element.tabIndex = 0;
};

/** Whom to call, and where it is: what every terminal says of itself. */
export function IdentityFacts({ identity }: { readonly identity: Identity }) {
  return (
    <>
      <Fact name={t('gateRoomPhone')}>
        <b class="phone">{identity.gateRoomPhone}</b>
      </Fact>
      <Fact name={t('address')}>{identity.address}</Fact>
      <Fact name={t('contacts')}>
        {identity.contacts.map(({ name, phone }) => (
          <span key={phone + name} class="contact">
            {name} <b class="phone">{phone}</b>
          </span>
        ))}
      </Fact>
      <Fact name={t('jurisdiction')}>
        {identity.jurisdiction} <small>{identity.divisionCode}</small>
      </Fact>
    </>
  );
}
