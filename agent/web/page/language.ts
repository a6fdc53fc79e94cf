// The language that a page speaks: its own, unless somebody has chosen the other in this browser.

import { signal } from '@preact/signals';
import type { Word } from '../../contract/words.ts';
import { keep, kept } from './kept.ts';

export type Language = 'zh' | 'en';

export const language = signal<Language>('zh');

/** In the language that is chosen; a component that says it is drawn anew with the language. */
export const inWords = ([zh, en]: Word): string => (language.value === 'zh' ? zh : en);

/** As chosen once in this browser, else `fallback`. */
export function startLanguage(fallback: Language): void {
  const chosen = kept('language');
  speak(chosen === 'zh' || chosen === 'en' ? chosen : fallback);
}

export function switchLanguage(): void {
  speak(language.value === 'zh' ? 'en' : 'zh');
  keep('language', language.value);
}

function speak(to: Language): void {
  language.value = to;
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
}
