// The guard's card: one printed page that says what the lamp says and what to do. Made from the lamp's own
// table, so that it never says something else. Nothing of silent alarms is on it: it hangs where anybody can
// read it.

import { lampTable } from '../agent/lamp/patterns.ts';

export const languages = ['zh', 'en'] as const;
type Language = (typeof languages)[number];
type Both = { readonly [L in Language]: string };

/** The rows of the card in the order of an alarm, and what the guard does at each. */
const rows: readonly { readonly word: string; readonly todo: Both; readonly calls?: true }[] = [
  { word: 'ready', todo: { zh: '一切正常,无需操作。', en: 'All is well. Nothing to do.' } },
  {
    word: 'stored',
    todo: { zh: '按下已登记,正在发出。', en: 'Your press is registered and on its way.' },
  },
  { word: 'sent', todo: { zh: '报警已发出,请等待。', en: 'The alarm has been sent. Wait.' } },
  {
    word: 'received',
    todo: {
      zh: '平台已收到。保护自己和学生。',
      en: 'The platform has it. Keep yourself and the pupils safe.',
    },
  },
  {
    word: 'seen',
    todo: { zh: '警方已在屏幕上看到。', en: 'The police have it on their screen.' },
  },
  {
    word: 'taken',
    todo: { zh: '民警已接警,请保持通话。', en: 'The police have answered. Stay in the call.' },
  },
  {
    word: 'talking',
    todo: { zh: '直接说话,民警听得到您。', en: 'Just speak. The police hear you.' },
  },
  { word: 'resolved', todo: { zh: '警情已解除。', en: 'The case is closed.' } },
  {
    word: 'undelivered',
    todo: { zh: '立即用电话拨打 110!', en: 'Call 110 by telephone, now!' },
    calls: true,
  },
  {
    word: 'link down',
    todo: {
      zh: '按钮仍可用。按下后请同时拨打 110。',
      en: 'The button works. After pressing, call 110 as well.',
    },
    calls: true,
  },
  {
    word: 'fault',
    todo: {
      zh: '报警仍可用。请拨打下方维护电话。',
      en: 'Alarms still work. Call the service number below.',
    },
  },
  {
    word: 'drill',
    todo: {
      zh: '正在演练。真有险情:按住 3 秒。',
      en: 'A drill. If it is real: hold the button for 3 s.',
    },
  },
  {
    word: 'service',
    todo: {
      zh: '正在检修。真有险情:按住 3 秒。',
      en: 'Service. If it is real: hold the button for 3 s.',
    },
  },
];

const texts = {
  title: { zh: '一键报警 · 门卫卡片', en: 'Panic button · the guard’s card' },
  press: {
    zh: '遇到危险:按下按钮。按一次就够,灯会告诉您报警到了哪一步。',
    en: 'In danger: press the button. Once is enough; the lamp shows how far the alarm has got.',
  },
  lamp: { zh: '灯(6 秒)', en: 'Lamp (6 s)' },
  means: { zh: '含义', en: 'It means' },
  todo: { zh: '您要做的', en: 'What you do' },
  rules: {
    zh: [
      '误报?按“误报”键。是否结束由接警员决定。',
      '复位钥匙只停灯和警笛,警情仍在。',
      '再按一次不会有坏处。',
      '说明的颜色看不清时,请看闪烁的节奏。',
    ],
    en: [
      'A false alarm? Press the false-alarm key. The dispatcher decides.',
      'The reset key stops light and siren only; the case stays open.',
      'Pressing again does no harm.',
      'Where you cannot tell the colours, the rhythm tells the same.',
    ],
  },
  phones: {
    zh: ['维护电话', '学校保卫', '辖区派出所'],
    en: ['Service', 'School security', 'Police station'],
  },
} as const;

const shownMs = 6000;
const colours: { readonly [letter: string]: string } = {
  ...{ G: '#1a8a34', Y: '#e0a000', R: '#c81e1e', W: '#ffffff', B: '#1c4fc4' },
};

/** Some seconds of a pattern as one sees them, dark in between. */
function strip(pattern: string): string {
  const cycle = [...pattern.matchAll(/([GYRWB-])(\d+)/g)].map(([, letter = '-', ms]) => ({
    letter,
    ms: Number(ms),
  }));
  const total = cycle.reduce((sum, { ms }) => sum + ms, 0);
  const lights: string[] = [];
  for (let from = 0; from < shownMs && total > 0; from += total) {
    let at = from;
    for (const { letter, ms } of cycle) {
      const width = Math.min(ms, shownMs - at);
      if (letter !== '-' && width > 0)
        lights.push(`<rect x="${at}" width="${width}" height="900" fill="${colours[letter]}"/>`);
      at += ms;
    }
  }
  return `<svg viewBox="0 0 ${shownMs} 900" preserveAspectRatio="none">${lights.join('')}</svg>`;
}

const style = `
  @page { size: A4; margin: 12mm }
  body { font: 11pt/1.35 "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif; color: #000;
    max-width: 186mm; margin: auto }
  h1 { font-size: 22pt; margin: 0 0 2mm } p.press { font-size: 14pt; font-weight: bold; margin: 0 0 3mm }
  table { border-collapse: collapse; width: 100% }
  th { text-align: left; font-size: 9pt } td, th { border-bottom: .3mm solid #888; padding: 1.2mm 2mm }
  td:first-child { width: 48mm } td.word { font-weight: bold; width: 46mm }
  tr.calls td { background: #ffe3e0; font-weight: bold; font-size: 13pt }
  svg { display: block; width: 46mm; height: 7mm; background: #333; border: .3mm solid #333 }
  ul { margin: 3mm 0; padding-left: 6mm } .phones { display: flex; gap: 6mm }
  .phones div { flex: 1; border-bottom: .4mm solid #000; padding-bottom: 9mm; font-size: 9pt }
`.trim();

/** The whole page. */
export function guardCard(language: Language): string {
  const table = new Map(lampTable().map((row) => [row.word as string, row]));
  const line = ({ word, todo, calls }: (typeof rows)[number]): string => {
    const row = table.get(word);
    if (!row) throw new Error(`the lamp has no word ${word}`);
    const cells = `<td>${strip(row.lamp)}</td><td class="word">${row[language]}</td>`;
    return `<tr${calls ? ' class="calls"' : ''}>${cells}<td>${todo[language]}</td></tr>`;
  };
  const { title, press, lamp, means, todo, rules, phones } = texts;
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
    `<title>${title[language]}</title><style>${style}</style></head><body>`,
    `<h1>${title[language]}</h1><p class="press">${press[language]}</p>`,
    `<table><tr><th>${lamp[language]}</th><th>${means[language]}</th><th>${todo[language]}</th></tr>`,
    ...rows.map(line),
    `</table><ul>${rules[language].map((rule) => `<li>${rule}</li>`).join('')}</ul>`,
    `<div class="phones">${phones[language].map((name) => `<div>${name}</div>`).join('')}</div>`,
    '</body></html>',
    '',
  ].join('\n');
}
