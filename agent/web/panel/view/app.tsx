// The page as a whole. The word is always there, also above the installer's part: an alarm may come while
// somebody works.

import { useErrorBoundary } from 'preact/hooks';
import { beyond, type Shown } from '../model/stage.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';
import { Bar } from './bar.tsx';
import { Door } from './door.tsx';
import { Guard } from './guard.tsx';
import { MarkBand } from './mark.tsx';
import { Stage, shownNow } from './stage.tsx';
import { Work } from './work.tsx';

const againMs = 5_000;

interface Props {
  readonly panel: Panel;
  readonly anew: () => void;
}

export function App({ panel, anew }: Props) {
  const [broken] = useErrorBoundary(() => void panel.clock.after(againMs, anew));
  return broken ? <Broken /> : <Page panel={panel} />;
}

function Broken() {
  return (
    <main class="page at-guard">
      <section class="stage tone-unknown" role="alert">
        <h1 class="word">{t('broken')}</h1>
        <p class="advice">{t('brokenSays')}</p>
      </section>
    </main>
  );
}

function Page({ panel }: { readonly panel: Panel }) {
  const place = panel.place.value;
  const shown = shownNow(panel);
  return (
    <div class={`page at-${place}`}>
      <Bar panel={panel} />
      <main>
        <MarkBand panel={panel} />
        <Stage panel={panel} shown={shown} isTight={place !== 'guard'} />
        {place === 'guard' && <Guard panel={panel} shown={shown} />}
        {place === 'door' && <Door panel={panel} />}
        {place === 'work' && <Work panel={panel} />}
      </main>
      <Spoken shown={shown} />
    </div>
  );
}

/** For who hears the screen: the word when it changes, before all else. */
function Spoken({ shown }: { readonly shown: Shown }) {
  const mark = shown.mark ? `${t(shown.mark)}: ` : '';
  return (
    <p class="hidden" id="spoken" aria-live="assertive" aria-atomic="true">
      {`${mark}${say(shown.word)}. ${beyond(say(shown.word), say(shown.advice))}`}
    </p>
  );
}
