// `gate-agent drill`: the score of the last drill, as words, as JSON, or as a page to print.

import type { DrillHop, DrillScore } from '../core/drill.ts';
import type { LastDrill } from './drill-control.ts';
import { drillPage } from './drill-page.ts';
import { clockOf, lengthOf } from './figures.ts';

/** Exit codes beside those of the command line. */
export const notMet = { missed: 1, none: 2 } as const;

/** Of the same version, or none that we know. */
export const isLastDrill = (answer: unknown): answer is LastDrill =>
  typeof answer === 'object' && answer !== null && 'score' in answer && 'terminal' in answer;

export interface DrillCommand {
  /** What the daemon says of the last one. */
  readonly last: LastDrill;
  readonly as: 'text' | 'json' | 'zh.html' | 'en.html';
}

/** Null: there has been none. */
export function drillText({ last: { score, terminal }, as }: DrillCommand): string | null {
  if (!score) return null;
  switch (as) {
    case 'text':
      return textOf(score);
    case 'json':
      return `${JSON.stringify({ mark: 'drill', terminal, ...score }, null, 2)}\n`;
    case 'zh.html':
    case 'en.html':
      return drillPage(score, terminal, as === 'zh.html' ? 'zh' : 'en');
  }
}

function textOf({ sinceWallMs, role, user, cases, within, judged, passed }: DrillScore): string {
  const verdict = passed === null ? 'nothing to judge' : passed ? 'all targets met' : 'NOT all met';
  const lines = [
    `Drill of ${clockOf(sinceWallMs).slice(0, 19)} (UTC+8), opened by ${role}/${user}: ` +
      `${verdict} (${within} of ${judged})`,
    ...cases.flatMap(({ inputName, madeReal, hops }) => [
      `  ${inputName}${madeReal ? `: became real (${madeReal}), not scored` : ''}`,
      ...hops.map((hop) => `    ${hopText(hop)}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function hopText({ step, ms, targetMs, isWithin, role, user }: DrillHop): string {
  const time = ms === null ? '-' : lengthOf(ms);
  const target = targetMs === null ? '' : `of ${lengthOf(targetMs)}`;
  const verdict = isWithin === false ? 'MISSED' : '';
  const by = role === null ? '' : `by ${role}/${user}`;
  const said = [step.padEnd(9), time.padStart(10), target, verdict, by].filter((one) => one !== '');
  return said.join(' ');
}
