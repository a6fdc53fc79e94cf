// Every input as it is now. What changed last stands out, for the installer presses and looks.

import { language } from '../../page/language.ts';
import { dayClock } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';

const freshMs = 5_000;

export function Inputs({ panel }: { readonly panel: Panel }) {
  const { inputs, view, nowWallMs } = panel.stream;
  const all = inputs.value?.inputs ?? [];
  const isService = view.value?.window?.mark === 'service';
  return (
    <>
      {!isService && <p class="warning">{t('inputsSays')}</p>}
      {all.length === 0 && <p class="quiet">{t('noInputs')}</p>}
      <ul class="inputs">
        {all.map(({ id, name, role, contact, contactText, sinceWallMs }) => (
          <li
            key={id}
            data-input={id}
            data-contact={contact ?? 'unknown'}
            data-fresh={sinceWallMs !== null && nowWallMs.value - sinceWallMs < freshMs}
          >
            <span class="contact-sign" aria-hidden="true" />
            <span>
              <b>{name}</b> <small>{t(role)}</small>
            </span>
            <span class="contact" aria-live="polite">
              <b>{say(contactText)}</b>{' '}
              {sinceWallMs !== null && (
                <small>
                  {t('since')} {dayClock(sinceWallMs, nowWallMs.value, language.value)}{' '}
                  {t('sinceEnd')}
                </small>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
