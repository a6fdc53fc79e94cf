// What the levels of an input's lines mean: a make contact, a break contact, or both in one button. With
// both, a press counts as soon as the make contact closes, whatever the other says; that they
// contradict each other is told beside it. A line that cannot be had leaves the other to tell alone.

import type { Contact } from '../core/fact.ts';

export type Wiring = 'no' | 'nc' | 'pair';

/** Closed, open, or not known. */
export interface Contacts {
  readonly no: boolean | null;
  readonly nc: boolean | null;
}

export const unknown: Contacts = { no: null, nc: null };

/** What is to be made of a change, oldest first; nothing where nothing is known. */
export function contactsOf(before: Contacts, after: Contacts): Contact[] {
  const { no, nc } = after;
  if (no === null && nc === null) return [];
  if (nc === null) return [no ? 'pressed' : 'normal'];
  if (no === null) return [nc ? 'normal' : 'pressed'];
  if (no !== nc) return [no ? 'pressed' : 'normal'];
  return no && !before.no ? ['pressed', 'tamper'] : ['tamper'];
}
