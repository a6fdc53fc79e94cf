// What is kept of a case and what is not, for its report: every file that was ever told, with what became of
// it, and in words what could not be had.

import type { FactOf } from '../core/fact.ts';
import type { Recorded } from './case.ts';
import { plain, type Sight } from './report.ts';
import type { ReportFile, ReportMissing } from './report-model.ts';

type Stored = Recorded & { readonly fact: FactOf<'evidence.stored'> };

export function filesOf(sight: Sight): ReportFile[] {
  const purged = new Set(sight.of('evidence.purged').map(({ fact }) => fact.file));
  const absent = new Set(sight.source.absent.map(({ file }) => file));
  return storedOf(sight.of('evidence.stored')).map(({ fact }) => ({
    ...{ file: fact.file, what: fact.what, bytes: fact.bytes, sha256: fact.sha256 },
    ...{ fromWallMs: fact.wallMs, lengthMs: fact.lengthMs, missingMs: fact.missingMs },
    ...{ dueMs: fact.afterMs, mended: fact.mended, beforePressMs: beforePressMs(sight, fact) },
    state: purged.has(fact.file) ? 'purged' : absent.has(fact.file) ? 'absent' : 'here',
  }));
}

/** The last word on each file. */
export function storedOf(all: readonly Stored[]): readonly Stored[] {
  return [...new Map(all.map((one) => [one.fact.file, one])).values()];
}

/** By the monotonic time of its first fragment, which no wall clock can have moved. */
function beforePressMs(
  { row, source }: Sight,
  { file, wallMs }: FactOf<'evidence.stored'>,
): number {
  const first = source.records
    .flatMap(({ fact, at }) => (fact.kind === 'evidence.written' ? [{ fact, at }] : []))
    .find(({ fact }) => fact.file === file && fact.first === 1);
  const monoMs = first?.fact.fragments[0]?.monoMs;
  const isSameBoot = first?.at.bootId === row.raised.bootId;
  if (monoMs !== undefined && isSameBoot) return Math.round(row.raised.monoMs - monoMs);
  return Math.round(row.raised.wallMs - wallMs);
}

export function missingOf(sight: Sight): ReportMissing[] {
  const { pruned, isWhole, absent } = sight.source;
  const told = sight.of('evidence.missing').map(({ fact }): ReportMissing => {
    const which = fact.afterMs === null ? '' : `+${fact.afterMs / 1000} s: `;
    return { what: fact.what, detail: plain(`${which}${fact.detail}`, 400) };
  });
  const files = absent.map(
    ({ file, why }): ReportMissing => ({
      ...{ what: 'file', detail: plain(`${file}: ${why}`, 400) },
    }),
  );
  const purged = sight
    .of('evidence.purged')
    // Of a bundle nothing is lost: it can be made again.
    .filter(({ fact }) => !fact.file.endsWith('.zip'))
    .map(
      ({ fact }): ReportMissing => ({
        ...{ what: 'file', detail: plain(`${fact.file}: deleted by rule (${fact.reason})`, 400) },
      }),
    );
  const recording = sight.row.resolved
    ? []
    : [
        {
          what: 'clip' as const,
          detail: 'the case is open: what is being recorded now is not here',
        },
      ];
  const records = [
    ...(isWhole ? [] : ['the record of the press is no longer there']),
    ...(pruned > 0
      ? [`${pruned} records of that time are kept as hashes alone (older than a year)`]
      : []),
  ].map((detail): ReportMissing => ({ what: 'record', detail }));
  const mended = filesOf(sight).filter((file) => file.mended);
  const torn = mended.map(
    ({ file }): ReportMissing => ({
      ...{ what: 'file', detail: plain(`${file}: interrupted; its torn end was cut off`, 400) },
    }),
  );
  return [...told, ...files, ...purged, ...torn, ...recording, ...records];
}
