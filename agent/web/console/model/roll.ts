// The terminals as a list: searched, filtered, by jurisdiction; heads and rows in one line, so that a view
// may draw those that are on the screen and no others. Pure.

import type { TerminalView } from '../../client/terminals.ts';

export const filters = ['all', 'open', 'silent', 'fault'] as const;
export type Filter = (typeof filters)[number];

export type RollRow =
  | {
      readonly what: 'head';
      readonly key: string;
      readonly jurisdiction: string;
      readonly division: string;
      readonly count: number;
    }
  | { readonly what: 'terminal'; readonly key: string; readonly view: TerminalView };

const passes: { readonly [F in Filter]: (view: TerminalView) => boolean } = {
  all: () => true,
  open: ({ incidents }) => incidents.length > 0,
  silent: ({ online }) => !online,
  fault: ({ birth }) => (birth?.faults.length ?? 0) > 0,
};

export const passesFilter = (view: TerminalView, filter: Filter): boolean => passes[filter](view);

/** What is searched: school, gate, address, phone, district, name of the terminal. */
function wordsOf({ id, birth }: TerminalView): string {
  if (!birth) return id.toLowerCase();
  const { school, gate, address, jurisdiction, divisionCode, gateRoomPhone } = birth.identity;
  return [id, school, gate, address, jurisdiction, divisionCode, gateRoomPhone]
    .join(' ')
    .toLowerCase();
}

export function matches(view: TerminalView, search: string): boolean {
  const asked = search.trim().toLowerCase();
  if (asked === '') return true;
  const words = wordsOf(view);
  return asked.split(/\s+/).every((word) => words.includes(word));
}

const placeOf = ({ birth }: TerminalView) => ({
  division: birth?.identity.divisionCode ?? '',
  jurisdiction: birth?.identity.jurisdiction ?? '',
  school: birth?.identity.school ?? '',
});

const collator = new Intl.Collator('zh');

/** Their order in Chinese, found once for each that there is: comparing is dear, and many are alike. */
function ranksOf(words: readonly string[]): ReadonlyMap<string, number> {
  const sorted = [...new Set(words)].sort(collator.compare);
  return new Map(sorted.map((word, rank) => [word, rank]));
}

/** By division, jurisdiction, school; each jurisdiction under a head that counts it. */
export function rollOf(
  views: readonly TerminalView[],
  filter: Filter,
  search: string,
): readonly RollRow[] {
  const found = views
    .filter((view) => passesFilter(view, filter) && matches(view, search))
    .map((view) => ({ view, ...placeOf(view) }));
  const jurisdictions = ranksOf(found.map(({ jurisdiction }) => jurisdiction));
  const schools = ranksOf(found.map(({ school }) => school));
  const chosen = found
    .map((one) => {
      const ranks = [
        jurisdictions.get(one.jurisdiction) ?? 0,
        schools.get(one.school) ?? 0,
      ] as const;
      return { ...one, ranks };
    })
    .sort(
      (a, b) =>
        plain(a.division, b.division) ||
        a.ranks[0] - b.ranks[0] ||
        a.ranks[1] - b.ranks[1] ||
        plain(a.view.id, b.view.id),
    );
  const counts = new Map<string, number>();
  const keyOf = (one: (typeof chosen)[number]) => `${one.division}/${one.jurisdiction}`;
  for (const one of chosen) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  let last: string | null = null;
  return chosen.flatMap((one): RollRow[] => {
    const { view, division, jurisdiction } = one;
    const key = keyOf(one);
    const row: RollRow = { what: 'terminal', key: view.id, view };
    if (key === last) return [row];
    last = key;
    const count = counts.get(key) ?? 0;
    return [{ what: 'head', key: `head ${key}`, jurisdiction, division, count }, row];
  });
}

const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
