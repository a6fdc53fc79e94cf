// The panel's page begins: language, theme, stream. Where drawing it fails it says so in big letters and
// begins anew, for a page that stands still shows an old truth.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { systemClock } from '../client/clock.ts';
import { startLanguage } from '../page/language.ts';
import { startTheme } from '../page/theme.ts';
import { Panel } from './panel.ts';
import { both, t } from './texts.ts';
import { App } from './view/app.tsx';
import '../page/colours.css';
import './style/base.css';
import '../page/controls.css';
import './style/stage.css';
import './style/guard.css';
import './style/work.css';

const place = document.getElementById('panel');
if (!place) throw new Error('no #panel on the page');
startLanguage('zh');
startTheme();
effect(() => {
  document.title = t('title');
});
const panel = new Panel(systemClock);
const anew = () => location.reload();
render(<App panel={panel} anew={anew} />, place);
panel.open(both('sessionOver'), anew);
