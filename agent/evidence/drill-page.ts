// The score of a drill as one printable page in one language, marked as what it is: each case, each step
// after the press beside its target, and who it was.

import { kindWords, ladderWords } from '../contract.ts';
import type { DrillCase, DrillHop, DrillScore } from '../core/drill.ts';
import { clockOf, lengthOf } from './figures.ts';
import { documentOf, type Html, join, tag, text } from './markup.ts';
import type { ReportTerminal } from './report-model.ts';
import { css } from './style.ts';
import { type Language, markWord, say } from './words.ts';

const words = {
  title: ['校园一键报警演练报告', 'School gate alarm: drill report'],
  terminal: ['终端', 'Terminal'],
  school: ['学校', 'School'],
  gate: ['校门', 'Gate'],
  from: ['演练时段(北京时间)', 'Window (UTC+8)'],
  opened: ['开启人', 'Opened by'],
  siren: ['警笛', 'Siren'],
  on: ['鸣响', 'sounded'],
  off: ['未鸣响', 'silent'],
  result: ['结果', 'Result'],
  passed: ['全部达标', 'all targets met'],
  failed: ['未全部达标', 'not all targets met'],
  nothing: ['无可评定内容', 'nothing to judge'],
  step: ['环节', 'Step'],
  after: ['距按下', 'After the press'],
  target: ['目标', 'Target'],
  by: ['人员', 'Who'],
  within: ['达标', 'met'],
  over: ['未达标', 'missed'],
  never: ['未发生', 'did not happen'],
  untold: ['时间不明', 'when is not known'],
  presses: ['按下次数', 'presses'],
  undelivered: ['10 秒内未获平台回执', '10 s without a receipt'],
  madeReal: ['已转为真实警情,不评定', 'became real: not scored'],
  nobody: ['时段内无人按下', 'nobody pressed'],
  ends: ['结束方式', 'It ended'],
  asked: ['人工结束', 'was closed'],
  over15: ['到时', 'its time was over'],
  restart: ['终端重启', 'the terminal restarted'],
  real: ['发生真实警情', 'a case became real'],
} as const;
type Name = keyof typeof words;

const steps = { ...ladderWords, talked: ladderWords.talking } as const;
const ends: { readonly [E in DrillScore['end']]: Name } = {
  ...{ asked: 'asked', over: 'over15', restart: 'restart', real: 'real' },
};

type Place = Pick<ReportTerminal, 'id' | 'school' | 'gate'>;

export function drillPage(score: DrillScore, terminal: Place, language: Language): string {
  const page = new DrillPage(score, language);
  const title = `${page.say('title')} ${terminal.school} ${terminal.gate}`;
  return documentOf({ language, title, css, body: page.body(terminal) });
}

/** Pages of a signed record of one, by what follows its name. */
export function drillPages({
  body,
  terminal: id,
}: {
  readonly terminal: string;
  readonly body: { readonly [key: string]: unknown };
}): { readonly [suffix: string]: string } {
  // As install/drill-record.ts makes it.
  const { identity, ...score } = body as unknown as DrillScore & { readonly identity: Place };
  const place = { id, school: identity.school, gate: identity.gate };
  return { 'zh.html': drillPage(score, place, 'zh'), 'en.html': drillPage(score, place, 'en') };
}

class DrillPage {
  readonly #score: DrillScore;
  readonly #language: Language;

  constructor(score: DrillScore, language: Language) {
    this.#score = score;
    this.#language = language;
  }

  say = (name: Name): string => say(this.#language, words[name]);

  body(terminal: Place): Html {
    const { cases } = this.#score;
    const mark = tag('strong', markWord(this.#language, 'drill'), ' class="mark"');
    return join([
      tag('header', join([tag('h1', this.say('title')), mark])),
      this.#facts(terminal),
      ...(cases.length === 0
        ? [tag('p', this.say('nobody'))]
        : cases.map((one) => this.#case(one))),
    ]);
  }

  #facts({ id, school, gate }: Place): Html {
    const { sinceWallMs, closedWallMs, role, user, siren, end, judged, within, passed } =
      this.#score;
    const verdict = passed === null ? 'nothing' : passed ? 'passed' : 'failed';
    const pairs: readonly (readonly [Name, string])[] = [
      ['school', school],
      ['gate', gate],
      ['terminal', id],
      ['opened', `${role}/${user}`],
      ['from', `${clockOf(sinceWallMs).slice(0, 19)} – ${clockOf(closedWallMs).slice(11, 19)}`],
      ['ends', this.say(ends[end])],
      ['siren', this.say(siren ? 'on' : 'off')],
      ['result', `${this.say(verdict)} (${within}/${judged})`],
    ];
    const rows = pairs.map(([name, value]) =>
      join([tag('dt', this.say(name)), tag('dd', text(value, 90))]),
    );
    return tag('dl', join(rows));
  }

  #case({ inputName, alarm, presses, raisedWallMs, undelivered, madeReal, hops }: DrillCase): Html {
    const kind = say(this.#language, kindWords[alarm]);
    const at = clockOf(raisedWallMs).slice(0, 19);
    const head = `${inputName} · ${kind} · ${at} · ${presses} ${this.say('presses')}`;
    const notes = [
      ...(undelivered ? [this.say('undelivered')] : []),
      ...(madeReal ? [this.say('madeReal')] : []),
    ];
    const columns = (['step', 'after', 'target', 'by'] as const).map(this.say);
    const table = join([this.#row('th', columns), ...hops.map((hop) => this.#hop(hop))]);
    return tag(
      'section',
      join([
        tag('h2', text(head)),
        ...notes.map((note) => tag('p', tag('b', note))),
        ...(hops.length > 0 ? [tag('table', table)] : []),
      ]),
    );
  }

  #hop({ step, ms, targetMs, isWithin, role, user }: DrillHop): Html {
    const unknown = isWithin === false ? 'never' : 'untold';
    const verdict = isWithin === null ? '' : ` ${this.say(isWithin ? 'within' : 'over')}`;
    return this.#row('td', [
      tag('b', say(this.#language, steps[step])),
      ms === null ? this.say(unknown) : lengthOf(ms),
      targetMs === null ? '–' : `≤ ${lengthOf(targetMs)}${verdict}`,
      role === null ? '' : `${role}/${user ?? ''}`,
    ]);
  }

  #row(cell: 'td' | 'th', cells: readonly (Html | string)[]): Html {
    return tag('tr', join(cells.map((one) => tag(cell, one))));
  }
}
