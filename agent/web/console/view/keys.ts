// Keys of the whole page: each presses the act that bears it, or holds it down. What is typed into a field
// is text and no command; Escape leaves the field and ends nothing.

import type { Act } from './acts.ts';

const isField = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;

/** Lists keep the arrows for themselves while they have the focus. */
const keepsArrows = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[data-arrows]') !== null;

export class Keys {
  readonly #acts: readonly Act[];
  readonly #search: () => void;
  readonly #held = new Set<Act>();
  readonly #ends: (() => void)[] = [];

  /** `search`: puts the cursor into the search field. */
  constructor(acts: readonly Act[], search: () => void) {
    this.#acts = acts;
    this.#search = search;
  }

  open(): void {
    const on = <K extends keyof WindowEventMap>(
      kind: K,
      call: (event: WindowEventMap[K]) => void,
    ) => {
      addEventListener(kind, call);
      this.#ends.push(() => removeEventListener(kind, call));
    };
    on('keydown', (event) => this.#down(event));
    on('keyup', (event) => this.#up(event));
    on('blur', () => this.#letGo());
  }

  close(): void {
    this.#letGo();
    for (const end of this.#ends.splice(0)) end();
  }

  #down(event: KeyboardEvent): void {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isField(target)) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    if (event.key === '/') {
      event.preventDefault();
      return this.#search();
    }
    if (event.key.startsWith('Arrow') && keepsArrows(target)) return;
    const act = this.#actOf(event.key);
    if (!act) return;
    event.preventDefault();
    if (event.repeat) return;
    if (act.release) this.#held.add(act);
    act.press();
  }

  #up(event: KeyboardEvent): void {
    for (const act of this.#held) {
      if (act.key !== nameOf(event.key)) continue;
      // Or the button that has the focus would be pressed by its end.
      event.preventDefault();
      this.#held.delete(act);
      act.release?.();
    }
  }

  #letGo(): void {
    for (const act of this.#held) act.release?.();
    this.#held.clear();
  }

  #actOf(key: string): Act | undefined {
    return this.#acts.find((act) => act.key === nameOf(key) && act.can());
  }
}

/** `=` is the plus without its shift. */
const nameOf = (key: string): string => (key === '=' ? '+' : key.toLowerCase());
