// Whether clips, snapshots and talks are what the chain recorded: each file as a whole, and each fragment
// of a film as it was hashed when it was written, seconds after it had happened.

import type { FactOf } from '../../core/fact.ts';
import type { Recorded } from '../case.ts';
import { names } from '../manifest.ts';
import { storedOf } from '../report-files.ts';
import type { SeenFragment } from './fragments.ts';

export interface Problem {
  readonly file: string;
  /** Which part of it: a record, a fragment. */
  readonly where: string | null;
  readonly what: string;
}

/** A file of the bundle as it is. */
export interface Seen {
  readonly bytes: number;
  readonly sha256: string;
  readonly fragments: readonly SeenFragment[];
}

type Stored = FactOf<'evidence.stored'>;

export function mediaProblems(
  files: readonly { readonly name: string }[],
  seen: ReadonlyMap<string, Seen>,
  records: readonly Recorded[],
): Problem[] {
  const papers: ReadonlySet<string> = new Set(Object.values(names));
  const told = records.flatMap(({ fact, ...one }) =>
    fact.kind === 'evidence.stored' ? [{ ...one, fact }] : [],
  );
  const stored = new Map(storedOf(told).map(({ fact }) => [fact.file, fact]));
  return files.flatMap(({ name: file }): Problem[] => {
    const found = seen.get(file);
    if (papers.has(file) || !found) return [];
    const fact = stored.get(file);
    if (!fact) return [{ file, where: null, what: 'the chain does not know it' }];
    const isIt = found.bytes === fact.bytes && found.sha256 === fact.sha256;
    const other = { file, where: null, what: 'it is not the file that the chain recorded' };
    return [...fragmentProblems(found, fact, records), ...(isIt ? [] : [other])];
  });
}

/** The first fragment that is another. */
function fragmentProblems(found: Seen, stored: Stored, records: readonly Recorded[]): Problem[] {
  const { file, fragments: kept, mended } = stored;
  for (const { fact, seq } of records) {
    if (fact.kind !== 'evidence.written' || fact.file !== file) continue;
    for (const [n, { sha256, bytes }] of fact.fragments.entries()) {
      const number = fact.first + n;
      // A power cut may take the last ones with it after they were told.
      if (mended && number > kept) continue;
      const one = found.fragments[number - 1];
      if (one?.sha256 === sha256 && one.bytes === bytes) continue;
      const where = `fragment ${number} of ${kept}`;
      return [{ file, where, what: `it is not what was recorded (record ${seq})` }];
    }
  }
  return [];
}
