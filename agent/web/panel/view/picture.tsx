// The dome's picture, a fresh one every two seconds. It stops by itself when nobody touches the page, for
// each fetch would keep the session open.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Text } from '../../../panel/api.ts';
import { language } from '../../page/language.ts';
import { clockText, spanText } from '../../page/time.ts';
import { isProblem } from '../asks.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';

const everyMs = 2_000;
/** Then somebody has to ask for more. */
const picturesMax = 60;

export function DomePicture({ panel }: { readonly panel: Panel }) {
  const shown = useSignal<{ readonly url: string; readonly takenWallMs: number | null } | null>(
    null,
  );
  const wrong = useSignal<Text | null>(null);
  const round = useSignal(0);
  const isOver = useSignal(false);
  useEffect(() => {
    let isOpen = true;
    let next: () => void = () => {};
    let left = picturesMax;
    const look = async () => {
      const answer = await panel.asks.picture();
      if (!isOpen) return;
      if (isProblem(answer)) wrong.value = answer.problem.text;
      else {
        wrong.value = null;
        if (shown.value) URL.revokeObjectURL(shown.value.url);
        const { jpeg, takenWallMs } = answer.body;
        shown.value = { url: URL.createObjectURL(jpeg), takenWallMs };
      }
      left--;
      isOver.value = left === 0;
      if (left > 0) next = panel.clock.after(everyMs, () => void look());
    };
    void look();
    return () => {
      isOpen = false;
      next();
    };
  }, [panel, round.value, shown, wrong, isOver]);
  useEffect(
    () => () => {
      if (shown.value) URL.revokeObjectURL(shown.value.url);
    },
    [shown],
  );
  const now = panel.stream.nowWallMs.value;
  const taken = shown.value?.takenWallMs ?? null;
  return (
    <div class="dome">
      {shown.value && <img src={shown.value.url} alt={t('picture')} />}
      <p role="status">
        {taken !== null &&
          `${t('pictureOf')} ${clockText(taken, language.value)} · ${spanText(now - taken, language.value)}`}
        {wrong.value && <span class="outcome-wrong"> {say(wrong.value)}</span>}
      </p>
      {isOver.value && (
        <button type="button" class="act" onClick={() => round.value++}>
          {t('refresh')}
        </button>
      )}
    </div>
  );
}
