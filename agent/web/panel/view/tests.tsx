// Tries one part after the other, each with what the person on the spot should see or hear.

import { type TestPart, testParts } from '../../../core/command.ts';
import type { Panel } from '../panel.ts';
import { both, type Own, t } from '../texts.ts';
import { Outcome, useAct } from './parts.tsx';

const says = {
  strobe: 'strobeSays',
  siren: 'sirenSays',
  preset: 'presetSays',
  lamp: 'lampSays',
} as const satisfies { readonly [P in TestPart]: Own };

export function Tests({ panel }: { readonly panel: Panel }) {
  return (
    <div class="rows">
      {testParts.map((part) => (
        <Test key={part} panel={panel} part={part} />
      ))}
    </div>
  );
}

function Test({ panel, part }: { readonly panel: Panel; readonly part: TestPart }) {
  const { going, run } = useAct(
    () => panel.asks.test(part),
    () => both('testDone'),
  );
  return (
    <div class="do" data-part={part}>
      <h2>{t(part)}</h2>
      <p>{t(says[part])}</p>
      <button type="button" class="act" onClick={run} aria-disabled={going.value.how === 'going'}>
        {t('test')}
        <span class="hidden">: {t(part)}</span>
      </button>
      <Outcome going={going.value} busy={t('testing')} />
    </div>
  );
}
