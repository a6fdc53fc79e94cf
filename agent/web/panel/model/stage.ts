// What stands on the stage: the lamp's word as big as it goes, what it looks like, since when and what to
// do. What is not known is said as such, in place of what was known last. Pure.

import type { Mark } from '../../../core/mark.ts';
import type { LampTarget } from '../../../core/target.ts';
import type { GuardView, PanelWord, Text } from '../../../panel/api.ts';

/** `unknown`: the page does not know how things are. */
export type Tone = 'calm' | 'warn' | 'arrived' | 'answered' | 'over' | 'danger' | 'unknown';
/** Told apart without any colour. */
export type Sign = PanelWord | 'link-down' | 'unknown';

export interface Shown {
  readonly tone: Tone;
  readonly sign: Sign;
  /** In one or two parts: the second says what to do about the first. */
  readonly word: Text;
  readonly advice: Text;
  readonly urgency: GuardView['advice']['urgency'];
  /** Null: since nobody knows when. */
  readonly sinceWallMs: number | null;
  readonly mark: Mark | null;
  /** What the lamp shows; null: nobody knows. */
  readonly lamp: LampTarget | null;
}

/** Yellow while it has not arrived, white once it has, green when a person has it (lamp/faces.ts). */
const tones: { readonly [W in PanelWord]: Tone } = {
  ready: 'calm',
  unstored: 'danger',
  stored: 'warn',
  sent: 'warn',
  received: 'arrived',
  seen: 'arrived',
  taken: 'answered',
  talking: 'answered',
  resolved: 'over',
  undelivered: 'danger',
};

export function shownOf(view: GuardView): Shown {
  const { lamp, advice } = view;
  const { word, text, mark, fault, linkDown } = lamp;
  const about = { word: text, advice: advice.text, urgency: advice.urgency };
  if (word === null || !view.daemon)
    return { ...about, ...unknown, sinceWallMs: lamp.sinceWallMs || null };
  const isCut = word === 'ready' && linkDown;
  return {
    ...about,
    tone: isCut ? 'warn' : tones[word],
    sign: isCut ? 'link-down' : word,
    sinceWallMs: lamp.sinceWallMs,
    mark,
    lamp: { word, silent: null, fault, linkDown, mark },
  };
}

const unknown = { tone: 'unknown', sign: 'unknown', mark: null, lamp: null } as const;

/** The page itself does not know. */
export const notKnown = (word: Text, advice: Text, sinceWallMs: number | null): Shown => ({
  ...{ word, advice, urgency: 'look', sinceWallMs, ...unknown },
});

/** The word that is seen from the door, and what follows it in smaller letters. */
export function parted(said: string): readonly [head: string, tail: string] {
  const [, head = said, tail = ''] = /^([^,,;;]+)[,,;;]\s*(.+)$/.exec(said) ?? [];
  return [head, tail];
}

/** Where a word may be broken when the screen is narrow: between words; in Chinese before the last three or
 * in the middle. */
export function piecesOf(head: string): readonly string[] {
  if (!/^[\u3400-\u9fff]{4,}$/.test(head)) return head.split(' ');
  const at = head.length % 2 ? head.length - 3 : head.length / 2;
  return [head.slice(0, at), head.slice(at)];
}

/** What the advice says beyond the word. */
export function beyond(word: string, advice: string): string {
  if (word.includes(advice)) return '';
  const [, tail] = parted(word);
  return tail === '' ? advice : advice.replace(tail, '').replace(/^[\s,,;;。.]+/, '');
}
