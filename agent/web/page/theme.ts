// Light or dark: as the system has it, unless somebody has chosen in this browser.

import { signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

export type Theme = 'auto' | 'dark' | 'light';
const themes: readonly Theme[] = ['auto', 'dark', 'light'];

export const theme = signal<Theme>('auto');

export function startTheme(): void {
  const chosen = kept('theme');
  show(themes.find((one) => one === chosen) ?? 'auto');
}

export function nextTheme(): void {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
  keep('theme', next);
  show(next);
}

function show(to: Theme): void {
  theme.value = to;
  if (to === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = to;
}
