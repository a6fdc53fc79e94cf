// How a case ends: one number, and it has ended. No question whether one is sure; Escape goes back and
// loses nothing that was typed.

import { t } from '../texts.ts';
import type { Acts } from './acts.ts';
import { ActButton } from './parts.tsx';
import type { Ui } from './ui.ts';

export function Resolve({ ui, acts }: { readonly ui: Ui; readonly acts: Acts }) {
  return (
    <section class="resolve" aria-label={t('resolve')}>
      <p>
        <b>{t('resolveTitle')}</b>
      </p>
      <div class="resolve-ends">
        {[acts.end1, acts.end2, acts.end3, acts.end4, acts.end5, acts.end6].map((act) => (
          <ActButton key={act.key} act={act} look="act-end" />
        ))}
        <ActButton act={acts.back} />
      </div>
      <label>
        {t('note')}
        <textarea
          rows={1}
          maxLength={2000}
          value={ui.note.value}
          onInput={(event) => {
            ui.note.value = event.currentTarget.value;
          }}
        />
      </label>
    </section>
  );
}
