// `gate-agent watch`: the status as it changes, redrawn once a second on a terminal, plain lines elsewhere.

import type { Clock } from './ports.ts';
import type { StatusReport } from './status.ts';
import { statusText } from './status-text.ts';

export interface StatusWatch {
  /** The report; null: the daemon does not answer. */
  readonly look: () => Promise<StatusReport | null>;
  readonly out: (text: string) => void;
  readonly clock: Clock;
  /** Of the screen; null: there is none, and what has changed is written below. */
  readonly size: (() => { readonly rows: number; readonly columns: number }) | null;
  readonly ended: Promise<void>;
}

const everyMs = 1_000;
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';
const noAnswer = '守护进程没有应答  the daemon does not answer: gate-agent doctor\n';

/** Until `ended`. */
export async function watchStatus({ look, out, clock, size, ended }: StatusWatch): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  let before = '';
  if (size) out(`\x1b[2J${home}`);
  while (!isOver) {
    const report = await look();
    const text = report ? statusText(report, clock.now().wallMs) : noAnswer;
    const key = report ? keyOf(report) : '';
    if (size) out(screen(text, size()));
    else if (key !== before || before === '') out(`${text}\n`);
    before = key;
    await Promise.race([ended, new Promise<void>((next) => void clock.after(everyMs, next))]);
  }
}

/** What is news: ages and figures that rise by themselves are none. */
function keyOf({ uptimeS: _, store, ...report }: StatusReport): string {
  return JSON.stringify({ ...report, unsent: store?.outboxRows ?? 0 });
}

function screen(text: string, { rows, columns }: { rows: number; columns: number }): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(0, rows - 1);
  return `${home}${lines.map((line) => `${cut(line, columns)}${restOfLine}\n`).join('')}${restOfScreen}`;
}

/** A Chinese character takes two columns. */
function cut(line: string, columns: number): string {
  let left = columns;
  let kept = '';
  for (const char of line) {
    left -= char > '\u2e7f' ? 2 : 1;
    if (left < 0) break;
    kept += char;
  }
  return kept;
}
