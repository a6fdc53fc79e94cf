// What only this page knows: which panel is open, what is typed.

import { signal } from '@preact/signals';
import type { Filter } from '../model/roll.ts';

export class Ui {
  /** Id of the case whose end is being chosen. */
  readonly resolving = signal<string | null>(null);
  /** Terminal whose window is being asked for. */
  readonly windowing = signal<string | null>(null);
  readonly note = signal('');
  readonly search = signal('');
  readonly filter = signal<Filter>('all');
  readonly side = signal<'terminals' | 'past'>('terminals');
  readonly gateSound = signal(false);
  /** Silences that somebody at this desk has taken note of. */
  readonly noted = signal<ReadonlySet<string>>(new Set());

  /** Begins to choose the end of a case; what was noted before stays where it is the same case. */
  beginResolve(id: string): void {
    this.resolving.value = id;
  }

  endResolve(): void {
    this.resolving.value = null;
  }
}
