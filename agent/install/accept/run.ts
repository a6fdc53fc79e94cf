// An acceptance from its first check to the signed certificate. Every check is tried, whatever came of those
// before; what was waived is not, and the certificate says by whom and why.

import * as z from 'zod';
import { recordShape, type SignedFile } from '../../records/record.ts';
import { type Certificate, type CheckResult, summaryOf } from './certificate.ts';
import { type Check, checksFor } from './checks.ts';
import { Context, type ContextParts, type Finding } from './context.ts';
import { endStrays } from './presses.ts';
import type { Began } from './wire.ts';
import { asIs, checkWords, figureWords, resultWords } from './words.ts';

export interface AcceptanceParts extends ContextParts {
  readonly out: (text: string) => void;
  /** Why a check is not tried, by its name. */
  readonly waived: ReadonlyMap<string, string>;
  readonly wallMs: () => number;
}

export interface Accepted {
  readonly record: SignedFile;
  /** At the terminal; null: its disk did not take it. */
  readonly file: string | null;
  readonly isAccepted: boolean;
}

const made = z.object({ record: recordShape, file: z.string().nullable() });

/** Throws what asking throws where it cannot begin, or cannot be signed. */
export async function accept(parts: AcceptanceParts): Promise<Accepted> {
  const { ask, user, out, wallMs } = parts;
  const context = new Context(parts);
  const startedWallMs = wallMs();
  const about = await context.begin();
  const checks: CheckResult[] = [];
  for (const check of checksFor(about)) {
    const result = await resultOf(check, context, about, parts);
    checks.push(result);
    out(lineOf(result));
  }
  const isAccepted = checks.every(({ result }) => result !== 'failed');
  const body: Certificate = {
    ...{ v: 1, site: about.identity, version: about.version, by: user, checks },
    how: parts.person ? 'hand' : 'simulated',
    ...{ startedWallMs, endedWallMs: wallMs() },
  };
  const result = isAccepted ? 'passed' : 'failed';
  const summary = summaryOf(checks).slice(0, 300);
  const signed = await ask('records.sign', { kind: 'acceptance', body, result, summary, user });
  await endStrays(context);
  await context.end();
  const { record, file } = made.parse(signed);
  out(`\n${resultWords[result].join(' ')}: ${summary}\n`);
  return { record, file, isAccepted };
}

async function resultOf(
  check: Check,
  context: Context,
  about: Began,
  { waived, user }: AcceptanceParts,
): Promise<CheckResult> {
  const { name, of } = check;
  const why = waived.get(name);
  const which = { check: name, of };
  if (why !== undefined)
    return {
      ...{ ...which, result: 'waived', detail: ['未检', 'not tried'], figures: [] },
      waived: { by: user, why },
    };
  const { result, detail, figures = [] } = await tried(check, context, about);
  if (result !== 'absent') return { ...which, result, detail, figures: [...figures], waived: null };
  const absent = { by: '配置 configuration', why: detail[1] };
  return { ...which, result: 'waived', detail, figures: [], waived: absent };
}

/** What stands in the way of one check is what that check has found. */
async function tried(check: Check, context: Context, about: Began): Promise<Finding> {
  try {
    // Whatever came before may have left something open, or ended it.
    await endStrays(context);
    if (!(await context.look()).window) await context.begin();
    return await check.run(context, about);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ControlFailed') throw error;
    return { result: 'failed', detail: asIs(error.message) };
  }
}

function lineOf({ check, of, result, detail, figures, waived }: CheckResult): string {
  const [zh, en] = checkWords[check as keyof typeof checkWords] ?? [check, check];
  const told = figures.map(({ what, ms, limitMs }) => {
    const [, name] = figureWords[what as keyof typeof figureWords] ?? ['', what];
    return `${name} ${ms} ms${limitMs === null ? '' : ` (≤ ${limitMs})`}`;
  });
  const why = waived ? `${waived.by}: ${waived.why}` : detail.filter(unlike).join(' ');
  const name = `${zh} ${en}${of === null ? '' : `: ${of}`}`;
  return `${resultWords[result].join(' ')}  ${name}  ${[why, ...told].join('  ')}\n`;
}

const unlike = (word: string, n: number, all: readonly string[]): boolean =>
  all.indexOf(word) === n;
