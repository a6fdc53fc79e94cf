// What an acceptance certificate says: the body of a signed record. Figures stand beside those that ask for
// them.

import * as z from 'zod';

const word = z.tuple([z.string().max(400), z.string().max(400)]).readonly();

export const figure = z.strictObject({
  what: z.string().max(32),
  /** Milliseconds. */
  ms: z.number().nonnegative(),
  limitMs: z.number().nullable(),
  /** Who asks for the limit. */
  source: z.string().max(100).nullable(),
});
export type Figure = z.infer<typeof figure>;

export const checkResult = z.strictObject({
  check: z.string().max(32),
  /** Which of several: a button's name. */
  of: z.string().max(64).nullable(),
  result: z.enum(['passed', 'failed', 'waived']),
  /** Chinese, English. */
  detail: word,
  figures: z.array(figure).max(8),
  /** Why it was not tried, and who says so. */
  waived: z.strictObject({ by: z.string().max(64), why: z.string().max(200) }).nullable(),
});
export type CheckResult = z.infer<typeof checkResult>;

export const certificate = z.strictObject({
  v: z.literal(1),
  site: z.strictObject({
    ...{ school: z.string(), gate: z.string(), address: z.string(), jurisdiction: z.string() },
    ...{ divisionCode: z.string(), gateRoomPhone: z.string() },
  }),
  version: z.string(),
  /** `hand`: a person pressed, looked and listened. `simulated`: nobody was there. */
  how: z.enum(['hand', 'simulated']),
  by: z.string().max(64),
  startedWallMs: z.number(),
  endedWallMs: z.number(),
  checks: z.array(checkResult).max(64),
});
export type Certificate = z.infer<typeof certificate>;

/** REQUIREMENTS, Figures. */
export const limits = {
  stored: { limitMs: 50, source: '产品指标 own figure' },
  received: { limitMs: 2_000, source: 'DB15/T 3968-2025; GA/T 368' },
  row: { limitMs: 50, source: '产品指标 own figure' },
  pulse: { limitMs: 400, source: 'EN 50131-1' },
  lost: { limitMs: 30_000, source: 'ONVIF Uplink; EN 50136 (90 s)' },
} as const;
const none = { limitMs: null, source: null } as const;

export const measured = (what: string, ms: number): Figure => ({
  ...{ what, ms: Math.round(ms * 10) / 10 },
  ...(Object.hasOwn(limits, what) ? limits[what as keyof typeof limits] : none),
});

/** Over its limit. */
export const isOver = ({ ms, limitMs }: Figure): boolean => limitMs !== null && ms > limitMs;

/** `21 passed, 1 failed (siren), 0 waived`. */
export function summaryOf(checks: readonly CheckResult[]): string {
  const of = (result: CheckResult['result']) => checks.filter((one) => one.result === result);
  const names = (all: readonly CheckResult[]) =>
    all.length === 0 ? '' : ` (${all.map(({ check, of: which }) => which ?? check).join(', ')})`;
  const [failed, waived] = [of('failed'), of('waived')];
  const told = (all: readonly CheckResult[], word: string) => `${all.length} ${word}${names(all)}`;
  return [`${of('passed').length} passed`, told(failed, 'failed'), told(waived, 'waived')].join(
    ', ',
  );
}
