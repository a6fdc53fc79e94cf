// The page of the rehearsal room: the gate on the left, a dispatcher on the right.

import { Desk } from './desk.ts';
import { byId, Keys } from './dom.ts';
import { Gate } from './gate.ts';
import { switchLanguage, t, writeTexts } from './texts.ts';

const keys = new Keys();
const desk = new Desk(keys);
let opened = false;
const gate = new Gate(keys, ({ terminal }) => {
  if (!opened) desk.open(terminal);
  opened = true;
});
const language = byId('language');

function write(): void {
  writeTexts();
  language.textContent = t('other');
  gate.draw();
  if (opened) desk.draw();
}

language.addEventListener('click', () => {
  switchLanguage();
  write();
});
write();
gate.open();
