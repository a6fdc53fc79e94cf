// The door to the installer's part: a pad of digits for fingers, and the same by keyboard. A wrong PIN and
// the pause after it are told in the server's words.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Text } from '../../../panel/api.ts';
import { isProblem } from '../asks.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';

/** The server's own limit. */
const digitsMax = 12;
const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'erase', '0', 'enter'] as const;

export function Door({ panel }: { readonly panel: Panel }) {
  const { stream } = panel;
  if (stream.session.value?.pinSet === false)
    return (
      <section class="door">
        <p class="outcome outcome-wrong" role="alert">
          {t('pinMissing')}
        </p>
      </section>
    );
  return <Pad panel={panel} />;
}

function Pad({ panel }: { readonly panel: Panel }) {
  const pin = useSignal('');
  const name = useSignal('');
  const wrong = useSignal<Text | null>(null);
  /** By the server's clock, as all times here. */
  const freeWallMs = useSignal(0);
  const isAsking = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const { nowWallMs } = panel.stream;
  const leftS = Math.ceil((freeWallMs.value - nowWallMs.value) / 1000);
  const isHeldBack = leftS > 0;
  const type = (digits: string) => {
    pin.value = digits.replace(/\D/g, '').slice(0, digitsMax);
    panel.atDoor();
  };
  const enter = async () => {
    if (pin.value === '' || isAsking.value || isHeldBack) return;
    panel.atDoor();
    isAsking.value = true;
    wrong.value = null;
    const answer = await panel.signIn(pin.value, name.value.trim());
    isAsking.value = false;
    pin.value = '';
    if (!isProblem(answer)) return;
    wrong.value = answer.problem.text;
    freeWallMs.value = nowWallMs.value + (answer.problem.retryAfterMs ?? 0);
    field.current?.focus();
  };
  const press = (key: (typeof keys)[number]) => {
    if (isHeldBack || isAsking.value || key === 'enter') return;
    type(key === 'erase' ? pin.value.slice(0, -1) : pin.value + key);
  };
  return (
    <form
      class="door"
      aria-label={t('pinTitle')}
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
      onKeyDown={({ key }) => {
        if (key === 'Escape') panel.leave();
      }}
    >
      <div class="door-says">
        <h2>{t('pinTitle')}</h2>
        <label>
          <span>{t('pin')}</span>
          <input
            ref={field}
            name="pin"
            type="password"
            // The pad is the keyboard; another one would cover it.
            inputMode="none"
            autocomplete="off"
            value={pin.value}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </label>
        <p class="outcome outcome-wrong" role="alert">
          {wrong.value && say(wrong.value)}
        </p>
        <p class="quiet" role="timer">
          {isAsking.value && t('looking')}
          {isHeldBack && `${leftS} ${t('tryIn')}`}
        </p>
        <label>
          <span>{t('name')}</span>
          <input
            name="name"
            autocomplete="off"
            maxLength={40}
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
              panel.atDoor();
            }}
          />
        </label>
      </div>
      <div class="pad">
        {keys.map((key) => (
          <button
            key={key}
            type={key === 'enter' ? 'submit' : 'button'}
            class={key === 'enter' ? 'act act-main' : 'act'}
            aria-disabled={isHeldBack || isAsking.value}
            data-pad={key}
            onClick={() => press(key)}
          >
            {key === 'enter' || key === 'erase' ? t(key) : key}
          </button>
        ))}
      </div>
    </form>
  );
}
