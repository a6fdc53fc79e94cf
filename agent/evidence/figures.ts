// How the report writes times, lengths and sizes.

import type { ReportTime, ReportWho } from './report-model.ts';

const east8Ms = 8 * 3_600_000;

/** `2026-11-21 15:41:09.482`, China Standard Time, which has no summer time. */
export const clockOf = (wallMs: number): string =>
  new Date(Math.min(Math.max(0, wallMs), 8.6e15 - east8Ms) + east8Ms)
    .toISOString()
    .slice(0, 23)
    .replace('T', ' ');

export const wall = ({ wallMs, clock }: ReportTime): string =>
  `${clockOf(wallMs)}${clock === 'good' ? '' : ' ?'}`;
export const after = ({ afterMs }: ReportTime): string => (afterMs === null ? '' : signed(afterMs));
export const signed = (ms: number): string => `${ms < 0 ? '−' : '+'}${lengthOf(Math.abs(ms))}`;
export const who = ({ role, user }: ReportWho): string => `${role}/${user}`;

/** `42 ms`, `1.21 s`, `3 min 5 s`, `2 h 4 min`. */
export function lengthOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  const s = Math.round(ms / 1000);
  if (s < 3_600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

export const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
