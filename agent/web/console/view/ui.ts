// What only this page knows: which panel is open, what is typed, light or dark.

import { signal } from '@preact/signals';
import { keep, kept } from '../desk/kept.ts';
import type { Filter } from '../model/roll.ts';

export type Theme = 'auto' | 'dark' | 'light';
const themes: readonly Theme[] = ['auto', 'dark', 'light'];

export class Ui {
  /** Id of the case whose end is being chosen. */
  readonly resolving = signal<string | null>(null);
  readonly note = signal('');
  readonly search = signal('');
  readonly filter = signal<Filter>('all');
  readonly side = signal<'terminals' | 'past'>('terminals');
  readonly gateSound = signal(false);
  readonly theme = signal<Theme>('auto');
  /** Silences that somebody at this desk has taken note of. */
  readonly noted = signal<ReadonlySet<string>>(new Set());

  open(): void {
    const chosen = kept('theme');
    this.#show(themes.find((theme) => theme === chosen) ?? 'auto');
  }

  nextTheme(): void {
    const next = themes[(themes.indexOf(this.theme.value) + 1) % themes.length] ?? 'auto';
    keep('theme', next);
    this.#show(next);
  }

  /** Begins to choose the end of a case; what was noted before stays where it is the same case. */
  beginResolve(id: string): void {
    this.resolving.value = id;
  }

  endResolve(): void {
    this.resolving.value = null;
  }

  #show(theme: Theme): void {
    this.theme.value = theme;
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}
