// Three ways to show a teach-in: redrawn in place on a terminal, the changes as lines of text without one,
// and as JSON, one object a line, for scripts. Each is given one look after the other.

import { calm, Looks, type Result, stampOf, textOf } from './looks.ts';
import { placeText, type Row, rowsOf } from './rows.ts';
import { yamlOf } from './suggest.ts';
import type { TeachView } from './view.ts';

export interface Screen {
  show(view: TeachView): void;
  /** The last word: what was found stays readable. */
  end(): void;
}

type Out = (text: string) => void;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const asking = 'Press the button now, and let go. 请按一下按钮再松开。';
const ending = 'Ctrl-C ends 结束';

export class TerminalScreen implements Screen {
  readonly #out: Out;
  readonly #size: () => Size;
  readonly #looks = new Looks();
  #drawn = 0;
  #results: readonly Result[] = [];

  constructor(out: Out, size: () => Size) {
    this.#out = out;
    this.#size = size;
  }

  show(view: TeachView): void {
    const { columns, rows } = this.#size();
    this.#results = this.#looks.results(view);
    const found = textOf(this.#results);
    const head = [`${asking}  ${ending}`, ...view.troubles, ''];
    const room = rows - 1 - head.length - Math.min(found.length, Math.floor(rows / 2));
    const text = [...head, ...tableOf(rowsOf(view), Math.max(4, room)), ...found];
    // One row more and the terminal would scroll.
    const lines = text.slice(0, rows - 1).map((line) => `${cut(line, columns - 1)}\x1b[K\n`);
    this.#out(`${this.#home()}${lines.join('')}\x1b[J`);
    this.#drawn = lines.length;
  }

  end(): void {
    const found = textOf(this.#results).slice(1);
    this.#out(`${this.#home()}\x1b[J${found.map((line) => `${line}\n`).join('')}`);
    this.#drawn = 0;
  }

  #home(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\r`;
  }
}

/** Where there is no room for all rows, those that have something to tell. */
function tableOf(rows: readonly Row[], room: number): string[] {
  const isCut = rows.length > room;
  const byNews = [...rows].sort((a, b) => Number(b.isActive) - Number(a.isActive));
  const shown = isCut ? byNews.slice(0, room - 1) : rows;
  const nameColumns = Math.max(0, ...shown.map(({ name }) => columnsOf(name)));
  const text = shown.map(({ name, level, edges, note }) => {
    const filled = name + ' '.repeat(nameColumns - columnsOf(name));
    return [filled, level.padStart(1), edges.padStart(6), note].join('  ').trimEnd();
  });
  return isCut ? [...text, `and ${rows.length - shown.length} more 其余未显示`] : text;
}

/** A Chinese character takes two columns of a terminal. */
const widthOf = (char: string): number => (char > '\u2e7f' ? 2 : 1);
const columnsOf = (text: string): number => [...text].reduce((sum, c) => sum + widthOf(c), 0);

function cut(text: string, columns: number): string {
  let left = columns;
  let fitting = '';
  for (const char of text) {
    left -= widthOf(char);
    if (left < 0) break;
    fitting += char;
  }
  return fitting;
}

/** What differs from what was told last under the same key. */
class News {
  readonly #told = new Map<string, string>();

  isNew(key: string, stamp: string): boolean {
    const isNew = this.#told.get(key) !== stamp;
    this.#told.set(key, stamp);
    return isNew;
  }
}

export class TextScreen implements Screen {
  readonly #out: Out;
  readonly #looks = new Looks();
  readonly #news = new News();

  constructor(out: Out) {
    this.#out = out;
    out(`${asking}\n`);
  }

  show(view: TeachView): void {
    for (const trouble of view.troubles)
      if (this.#news.isNew(trouble, '')) this.#out(`${trouble}\n`);
    const stamps = rowsOf(calm(view));
    for (const [n, { key, name, level, edges, note }] of rowsOf(view).entries())
      if (this.#news.isNew(key, JSON.stringify(stamps[n])))
        this.#out(`${[name, level, edges, note].filter(Boolean).join('  ')}\n`);
    const results = this.#looks.results(view);
    if (this.#news.isNew('found', stampOf(results)) && results.length > 0)
      this.#out(`${textOf(results).join('\n')}\n\n`);
  }

  end(): void {}
}

/** `line` and `port` as in view.ts, at first and at each change; `found`, most likely first. */
export class JsonScreen implements Screen {
  readonly #out: Out;
  readonly #looks = new Looks();
  readonly #news = new News();

  constructor(out: Out) {
    this.#out = out;
  }

  show(view: TeachView): void {
    for (const trouble of view.troubles)
      if (this.#news.isNew(trouble, '')) this.#say({ kind: 'trouble', detail: trouble });
    const { lines, ports } = calm(view);
    for (const [n, line] of view.lines.entries())
      if (this.#news.isNew(`line ${line.chip} ${line.offset}`, JSON.stringify(lines[n])))
        this.#say({ kind: 'line', ...line });
    for (const [n, port] of view.ports.entries())
      if (this.#news.isNew(`port ${port.path}`, JSON.stringify(ports[n])))
        this.#say({ kind: 'port', ...port });
    const results = this.#looks.results(view);
    if (this.#news.isNew('found', stampOf(results)) && results.length > 0)
      this.#say({ kind: 'found', found: results.map(resultOf) });
  }

  end(): void {}

  #say(event: { readonly [field: string]: unknown }): void {
    this.#out(`${JSON.stringify(event)}\n`);
  }
}

const resultOf = ({ found, suggestion }: Result) => ({
  what: found.what,
  where: placeText(found),
  press: found.signal?.press ?? null,
  config: suggestion?.config ?? null,
  yaml: suggestion && yamlOf(suggestion),
  remarks: suggestion?.remarks ?? [],
});
