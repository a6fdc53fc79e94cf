// The table of faults, for a terminal and for the README.

import type { Outcome } from './fault.ts';
import type { Kept } from './results.ts';

const wordsShown = 9;
const heads = ['fault', 'the guard saw', 'the platform got', 'ms', 'lost', 'doubled'] as const;

function cellsOf(row: Outcome): string[] {
  const { alarms, presses, told, alarm_ms: alarmMs, after_ms: afterMs } = row;
  const repeats = presses > alarms ? `, ${presses} presses` : '';
  const faults = told.length > 0 ? `; ${told.join(', ')}` : '';
  return [
    row.what,
    shortened(row.guard).join(' > '),
    `${alarms} ${alarms === 1 ? 'alarm' : 'alarms'}${repeats}${faults}`,
    `${alarmMs ?? '-'}${afterMs === null ? '' : ` (${afterMs})`}`,
    `${row.lost}`,
    `${row.doubled}`,
  ];
}

/** A lamp that goes to and fro for long is told by its first and last words. */
function shortened(words: readonly string[]): readonly string[] {
  if (words.length <= wordsShown) return words;
  return [...words.slice(0, wordsShown - 3), '..', ...words.slice(-2)];
}

/** Columns under each other, the row's name in front; rows that are wrong are marked. */
export function printed(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    `${one.wrong.length > 0 ? '! ' : ''}${one.fault}`,
    ...cellsOf(one).slice(1),
  ]);
  const table = [[...heads], ...rows];
  const widths = heads.map((_, n) => Math.max(...table.map((row) => row[n]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdown(rows: readonly Kept[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const places = [...new Set(rows.map(({ date, commit }) => `${date} at ${commit}`))];
  return [
    line(heads),
    '|---|---|---|---|---|---|',
    ...rows.map((row) => line(cellsOf(row).map((cell) => cell.replaceAll('|', '\\|')))),
    '',
    `${rows.length} rows, played ${places.join(' and ')}.`,
  ].join('\n');
}
