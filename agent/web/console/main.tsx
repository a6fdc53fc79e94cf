// The console begins: configuration, language, login, desk. What is wrong before that is said in words.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { startLanguage } from '../page/language.ts';
import { startTheme } from '../page/theme.ts';
import { readConfig } from './config.ts';
import { Entrance } from './login.ts';
import { narrow } from './policy.ts';
import { t } from './texts.ts';
import { App, Wrong } from './view/app.tsx';
import { Ui } from './view/ui.ts';
import '../page/colours.css';
import './style/base.css';
import '../page/controls.css';
import './style/desk.css';
import './style/cards.css';
import './style/roll.css';
import './style/case.css';
import './style/picture.css';
import './style/facts.css';
import './style/talk.css';
import './style/foot.css';

const place = document.getElementById('console');
if (!place) throw new Error('no #console on the page');
const ui = new Ui();
startTheme();
effect(() => {
  document.title = t('title');
});
try {
  const config = await readConfig();
  narrow(config);
  startLanguage(config.language);
  const entrance = new Entrance(config);
  render(<App config={config} entrance={entrance} ui={ui} />, place);
  await entrance.open();
} catch (error) {
  startLanguage('zh');
  render(<Wrong detail={error instanceof Error ? error.message : String(error)} />, place);
}
