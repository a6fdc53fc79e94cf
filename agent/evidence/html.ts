// The report as one printable A4 page in one language: no script, nothing from outside, lists cut to what a
// page holds (all of it is in report.json). Whatever comes from the case goes through `text`.

import { kindWords, ladderWords } from '../contract.ts';
import { after, clockOf, lengthOf, signed, sizeOf, wall, who } from './figures.ts';
import { documentOf, type Html, join, tag, text } from './markup.ts';
import type { Report, ReportDeed, ReportFile, ReportHop, ReportTime } from './report-model.ts';
import { css } from './style.ts';
import { type Language, markWord, type Name, say, words } from './words.ts';

/** Rows of each list on the page. */
const rowsMax = { people: 9, files: 10, missing: 3, faults: 3 } as const;
const whatNames: { readonly [what: string]: Name } = {
  ...{ clip: 'clip', snapshot: 'snapshot', talk: 'talkFile', record: 'record' },
};

/** One page; `language` of the words, the case's own texts are as they are. */
export function htmlOf(report: Report, language: Language): string {
  const page = new Page(report, language);
  const { school, gate } = report.terminal;
  const title = `${page.say('title')} ${school} ${gate}`;
  return documentOf({ language, title, css, body: page.body() });
}

class Page {
  readonly #report: Report;
  readonly #language: Language;

  constructor(report: Report, language: Language) {
    this.#report = report;
    this.#language = language;
  }

  say = (name: Name): string => say(this.#language, words[name]);

  body(): Html {
    return join([
      this.#head(),
      this.#facts(),
      this.#section('hops', this.#hops()),
      this.#section('people', this.#people()),
      this.#section('files', this.#files()),
      this.#section('missing', this.#missing()),
      this.#section('faults', this.#faults()),
      this.#foot(),
    ]);
  }

  #head(): Html {
    const { incident } = this.#report;
    const marks = [
      ...(incident.mark
        ? [tag('strong', markWord(this.#language, incident.mark), ' class="mark"')]
        : []),
      ...(incident.madeReal
        ? [
            tag(
              'strong',
              `${markWord(this.#language, incident.madeReal.was)} → ${this.say('madeReal')}`,
            ),
          ]
        : []),
    ];
    return tag('header', join([tag('h1', this.say('title')), ...marks]));
  }

  #facts(): Html {
    const { terminal, incident } = this.#report;
    const { divisionCode, jurisdiction, school, gate, address, gateRoomPhone } = terminal;
    const { raised, resolution } = incident;
    const kind = say(this.#language, kindWords[incident.kind]);
    const pairs: readonly (readonly [Name, string])[] = [
      ['school', school],
      ['gate', gate],
      ['address', address],
      ['terminal', terminal.id],
      ['divisionCode', divisionCode],
      ['jurisdiction', jurisdiction],
      ['phone', gateRoomPhone],
      ['incident', incident.id],
      ['kind', incident.isUnreadable ? `${kind}. ${this.say('unreadable')}` : kind],
      ['button', `${incident.inputName} (${incident.input})`],
      ['raised', wall(raised)],
      ['clock', this.say(raised.clock)],
      ['presses', String(incident.presses)],
      ['resolution', resolution ? resolution.reason : this.say('notOver')],
      ...(resolution?.note ? ([['note', resolution.note]] as const) : []),
    ];
    const rows = pairs.map(([name, value]) =>
      name === 'note'
        ? join([tag('dt', this.say(name)), tag('dd', text(value, 400), ' class="note"')])
        : join([tag('dt', this.say(name)), tag('dd', text(value, 90))]),
    );
    return tag('dl', join(rows));
  }

  #hops(): Html {
    const head = this.#row('th', [
      ...(['step', 'time', 'afterPress', 'figure', 'source', 'record'] as const).map(this.say),
    ]);
    return tag('table', join([head, ...this.#report.hops.map((hop) => this.#hop(hop))]));
  }

  #hop(hop: ReportHop): Html {
    const { step, time, atLatest, limitMs, limitFrom, isWithin } = hop;
    const verdict = isWithin === null ? '' : ` ${this.say(isWithin ? 'within' : 'over')}`;
    const by = atLatest && time ? `${this.say('atLatest')} ` : '';
    const from = limitFrom === 'own' ? this.say('own') : (limitFrom ?? '');
    const none = step === 'stored' ? this.say('notStored') : '–';
    return this.#row('td', [
      tag('b', say(this.#language, ladderWords[step])),
      time ? `${by}${wall(time)}` : none,
      time ? `${by}${after(time)}` : '',
      limitMs === null ? '' : `≤ ${lengthOf(limitMs)}${verdict}`,
      from,
      time ? (time.seq === null ? this.say('rowOnly') : String(time.seq)) : '',
    ]);
  }

  #people(): Html {
    const { deeds, sessions, turns, incident } = this.#report;
    const lasted = (ms: number | null) => (ms === null ? this.say('notOver') : lengthOf(ms));
    const rows: { readonly time: ReportTime; readonly cells: readonly string[] }[] = [
      ...deeds.map((deed) => ({ time: deed.time, cells: [this.#deed(deed), who(deed), ''] })),
      ...sessions.map((one) => {
        const what = one.media === 'live' ? 'live' : one.mode === 'listen' ? 'listen' : 'talk';
        return { time: one.time, cells: [this.say(what), who(one), lasted(one.lastedMs)] };
      }),
      ...turns.map((one) => {
        const how = `${lasted(one.lastedMs)}, ${one.moves} ${this.say('moves')}`;
        return { time: one.time, cells: [this.say('turned'), who(one), how] };
      }),
      ...incident.resets.map((time) => ({ time, cells: [this.say('reset'), '', ''] })),
      ...incident.pressedAgain.map((time) => ({ time, cells: [this.say('again'), '', ''] })),
      ...(incident.falseAlarm
        ? [{ time: incident.falseAlarm, cells: [this.say('claim'), '', ''] }]
        : []),
      ...(incident.madeReal
        ? [
            {
              time: incident.madeReal.time,
              cells: [this.say('madeReal'), '', incident.madeReal.reason],
            },
          ]
        : []),
      ...this.#report.restarts.map((time) => ({ time, cells: [this.say('restart'), '', ''] })),
    ];
    const inOrder = rows
      .sort((a, b) => a.time.wallMs - b.time.wallMs)
      .map(({ time, cells }) => this.#row('td', [wall(time), after(time), ...cells]));
    return this.#list(inOrder, rowsMax.people);
  }

  #deed({ what }: ReportDeed): string {
    if (what === 'seen' || what === 'taken' || what === 'resolved')
      return say(this.#language, ladderWords[what]);
    return this.say(what);
  }

  #files(): Html {
    const rows = this.#report.files.map((file) =>
      this.#row('td', [
        this.say(whatNames[file.what] ?? 'file'),
        // The case's id stands above; whole names are in report.json.
        tag('code', file.file.length <= 20 ? file.file : `…${file.file.slice(-18)}`),
        tag('code', file.sha256),
        this.#span(file),
        file.state === 'here' ? sizeOf(file.bytes) : this.say(file.state),
      ]),
    );
    return this.#list(rows, rowsMax.files);
  }

  #span({ what, fromWallMs, lengthMs, beforePressMs }: ReportFile): string {
    const from = clockOf(fromWallMs).slice(11, 19);
    if (what === 'snapshot') return from;
    const side = this.say(beforePressMs >= 0 ? 'beforePress' : 'afterIt');
    return `${from}, ${lengthOf(lengthMs)}; ${lengthOf(Math.abs(beforePressMs))} ${side}`;
  }

  #missing(): Html {
    const rows = this.#report.missing.map(({ what, detail }) =>
      this.#row('td', [this.say(whatNames[what] ?? 'file'), detail]),
    );
    return this.#list(rows, rowsMax.missing);
  }

  #faults(): Html {
    const rows = this.#report.faults.map(({ fault, detail, time, before, clearedAfterMs }) => {
      const from = before ? this.say('before') : after(time);
      const to =
        clearedAfterMs === null
          ? this.say('lasting')
          : `${this.say('cleared')} ${signed(clearedAfterMs)}`;
      return this.#row('td', [tag('code', fault), text(detail, 110), `${from}; ${to}`]);
    });
    return this.#list(rows, rowsMax.faults);
  }

  #foot(): Html {
    const { chain, made } = this.#report;
    const records = `${this.say('records')} ${chain.fromSeq}–${chain.headSeq}; ${this.say('head')} `;
    const role = made.role === 'local' ? this.say('local') : made.role;
    const by = `${wall(made.time)}, ${role}/${made.user}; ${this.say('reason')}: `;
    return tag(
      'footer',
      join([
        tag('p', join([tag('b', this.say('chain')), ' ', records, tag('code', chain.headHash)])),
        tag(
          'p',
          join([
            tag('b', this.say('key')),
            ' ',
            tag('code', `${chain.keyId} (${chain.fingerprint})`),
          ]),
        ),
        tag('p', join([tag('b', this.say('made')), ' ', text(by, 120), text(made.reason, 160)])),
        tag('p', this.say('check')),
      ]),
    );
  }

  #section(name: Name, inner: Html): Html {
    return tag('section', join([tag('h2', this.say(name)), inner]), ` class="${name}"`);
  }

  #row(cell: 'td' | 'th', cells: readonly (Html | string)[]): Html {
    return tag('tr', join(cells.map((one) => tag(cell, one))));
  }

  #list(rows: readonly Html[], most: number): Html {
    if (rows.length === 0) return tag('p', this.say('none'));
    const shown = tag('table', join(rows.slice(0, most)));
    if (rows.length <= most) return shown;
    const rest = `${this.say('more')} ${rows.length - most}, ${this.say('seeJson')}`;
    return join([shown, tag('p', rest)]);
  }
}
