// The certificate as one printable A4 page in one language. All of it is in the signed JSON beside it,
// which is what `gate-agent verify` checks; the page names its hash and key.

import type { Word } from '../../contract.ts';
import { clockOf } from '../../evidence/figures.ts';
import { fingerprintOf } from '../../evidence/manifest.ts';
import { documentOf, type Html, join, tag, text } from '../../evidence/markup.ts';
import { css } from '../../evidence/style.ts';
import { type Language, say } from '../../evidence/words.ts';
import type { SignedFile } from '../../records/record.ts';
import {
  type Certificate,
  type CheckResult,
  certificate,
  type Figure,
  isOver,
} from './certificate.ts';
import { checkWords, figureWords, resultWords } from './words.ts';

const words = {
  title: ['校园一键报警终端验收证书', 'School gate alarm: acceptance certificate'],
  ...{ school: ['学校', 'School'], gate: ['校门', 'Gate'], address: ['地址', 'Address'] },
  ...{ jurisdiction: ['辖区', 'Jurisdiction'], division: ['行政区划代码', 'Division code'] },
  ...{ phone: ['门卫室电话', 'Gate room'], terminal: ['一键报警终端', 'Terminal'] },
  ...{ version: ['软件版本', 'Version'], by: ['验收人', 'Accepted by'], how: ['方式', 'How'] },
  hand: ['现场人工操作', 'by hand, on the spot'],
  simulated: ['模拟按下,无人值守', 'presses simulated, nobody there'],
  ...{ from: ['开始(北京时间)', 'From (UTC+8)'], to: ['结束(北京时间)', 'To (UTC+8)'] },
  clock: ['时钟未对时', 'by a clock that nobody had set'],
  ...{ check: ['项目', 'Check'], result: ['结果', 'Result'], found: ['说明', 'What was found'] },
  ...{ figures: ['实测', 'Measured'], limit: ['指标与依据', 'Figure and source'] },
  ...{ waivedBy: ['免检', 'waived by'], sha: ['SHA-256', 'SHA-256'] },
  key: ['证据密钥', 'Evidence key'],
  sign: ['验收人签字', 'Signature'],
  verify: [
    '校验:gate-agent verify 证书的 JSON 文件;请将密钥指纹与平台登记的指纹核对。',
    'Check its JSON with gate-agent verify; compare the fingerprint with the one the platform knows.',
  ],
} as const satisfies { readonly [name: string]: Word };

const extra = `
.checks :is(td, th) { width: 16%; white-space: normal; }
.checks :is(td, th):nth-child(2) { width: 9%; }
.checks :is(td, th):nth-child(3) { width: 33%; }
.checks :is(td, th):nth-child(4) { width: 18%; }
.checks :is(td, th):nth-child(5) { width: 24%; }
.checks tr.failed td { font-weight: 700; background: #eee; }
.line { margin-top: 9mm; border-top: 0.2mm solid #111; width: 70mm; padding-top: 0.5mm; }
`;

/** Pages of a signed acceptance, by what follows its name. */
export function pagesOf(record: SignedFile): { readonly [suffix: string]: string } {
  return { 'zh.html': pageOf(record, 'zh'), 'en.html': pageOf(record, 'en') };
}

export function pageOf(record: SignedFile, language: Language): string {
  const told = certificate.parse(record.body);
  const page = new Page(record, told, language);
  const title = `${say(language, words.title)} ${told.site.school} ${told.site.gate}`;
  return documentOf({ language, title, css: css + extra, body: page.body() });
}

class Page {
  readonly #record: SignedFile;
  readonly #told: Certificate;
  readonly #language: Language;

  constructor(record: SignedFile, told: Certificate, language: Language) {
    this.#record = record;
    this.#told = told;
    this.#language = language;
  }

  body(): Html {
    const checks = this.#told.checks.map((one) => this.#check(one));
    const heads = (['check', 'result', 'found', 'figures', 'limit'] as const).map((name) =>
      tag('th', this.#say(words[name])),
    );
    const table = tag('table', join([tag('tr', join(heads)), ...checks]));
    return join([
      this.#head(),
      this.#facts(),
      tag('section', table, ' class="checks"'),
      this.#foot(),
    ]);
  }

  #say = (word: Word): string => say(this.#language, word);

  #head(): Html {
    const { result } = this.#record;
    const stamp = tag(
      'strong',
      this.#say(resultWords[result]),
      result === 'failed' ? ' class="mark"' : '',
    );
    return tag('header', join([tag('h1', this.#say(words.title)), stamp]));
  }

  #facts(): Html {
    const { site, version, by, how, startedWallMs, endedWallMs } = this.#told;
    const unset = this.#record.clock === 'good' ? '' : ` (${this.#say(words.clock)})`;
    const time = (ms: number) => `${clockOf(ms).slice(0, 19)}${unset}`;
    const pairs: readonly (readonly [Word, string])[] = [
      [words.school, site.school],
      [words.gate, site.gate],
      [words.address, site.address],
      [words.jurisdiction, site.jurisdiction],
      [words.division, site.divisionCode],
      [words.phone, site.gateRoomPhone],
      [words.terminal, this.#record.terminal],
      [words.version, version],
      [words.by, by],
      [words.how, this.#say(words[how])],
      [words.from, time(startedWallMs)],
      [words.to, time(endedWallMs)],
    ];
    const rows = pairs.map(([name, value]) =>
      join([tag('dt', this.#say(name)), tag('dd', text(value, 90))]),
    );
    return tag('dl', join(rows));
  }

  #check({ check, of, result, detail, figures, waived }: CheckResult): Html {
    const name = this.#say(checkWords[check as keyof typeof checkWords] ?? [check, check]);
    const found = waived
      ? `${this.#say(words.waivedBy)} ${waived.by}: ${waived.why}`
      : this.#say(detail);
    const cells = [
      tag('b', of === null ? name : `${name} ${of}`),
      this.#say(resultWords[result]),
      text(found, 200),
      join(figures.map((one) => tag('div', this.#measured(one)))),
      join(figures.map((one) => tag('div', this.#limit(one)))),
    ].map((cell) => tag('td', cell));
    return tag('tr', join(cells), ` class="${result}"`);
  }

  #measured({ what, ms }: Figure): string {
    const name = figureWords[what as keyof typeof figureWords] ?? [what, what];
    return `${this.#say(name)} ${ms} ms`;
  }

  #limit(figure: Figure): string {
    const { limitMs, source } = figure;
    if (limitMs === null) return '–';
    return `${isOver(figure) ? '> ' : '≤ '}${limitMs} ms, ${source ?? ''}`;
  }

  #foot(): Html {
    const { sha256, signature } = this.#record;
    const key = `${signature.keyId} (${fingerprintOf(signature.publicKey)})`;
    const named = (word: Word, value: string) =>
      tag('p', join([tag('b', this.#say(word)), ' ', tag('code', value)]));
    const lines = [
      named(words.sha, sha256),
      named(words.key, key),
      tag('p', this.#say(words.verify)),
    ];
    const signed = tag('p', this.#say(words.sign), ' class="line"');
    return tag('footer', join([...lines, signed]));
  }
}
