// The `patrol` group: when the terminal looks after itself.

import type { PatrolRules } from '../core/patrol.ts';
import { group, text, whole } from './words.ts';

const time = /^([01]\d|2[0-3]):([0-5]\d)$/;
const offset = /^([+-])(0\d|1[0-4]):([0-5]\d)$/;

export const patrol = group({
  at: text('HH:MM, or off', 5, (value) => value === 'off' || time.test(value)).default('03:30'),
  jitterMinutes: whole('minutes', 0, 120).default(30),
  utcOffset: text('+08:00', 6, (value) => offset.test(value)).default('+08:00'),
});

/** Null: none by itself. */
export function patrolRules({
  at,
  jitterMinutes,
  utcOffset,
}: {
  readonly at: string;
  readonly jitterMinutes: number;
  readonly utcOffset: string;
}): PatrolRules | null {
  const [, hours, minutes] = time.exec(at) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const [, sign, east = '0', rest = '0'] = offset.exec(utcOffset) ?? [];
  const away = (Number(east) * 60 + Number(rest)) * 60_000;
  return {
    minute: Number(hours) * 60 + Number(minutes),
    jitterMs: jitterMinutes * 60_000,
    utcOffsetMs: sign === '-' ? -away : away,
  };
}
