// Tells the terminal that a case is on a dispatcher's screen, once it truly is: its card within the window,
// the page visible. Said again while the terminal has not heard it.

import { every } from '../../page/every.ts';
import type { Case } from '../model/case.ts';
import type { Desk } from './desk.ts';

const before: ReadonlySet<Case['step']> = new Set(['unstored', 'stored', 'sent', 'received']);
const againMs = 5_000;
const lookMs = 500;

export class SeenTeller {
  readonly #desk: Desk;
  readonly #inView = new Map<Element, string>();
  readonly #told = new Map<string, number>();
  #observer: IntersectionObserver | null = null;
  #end: (() => void) | null = null;
  readonly #looked = () => this.#look();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(): void {
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), {
      threshold: 0.5,
    });
    document.addEventListener('visibilitychange', this.#looked);
    this.#end = every(this.#desk.clock, lookMs, this.#looked);
  }

  close(): void {
    this.#observer?.disconnect();
    document.removeEventListener('visibilitychange', this.#looked);
    this.#end?.();
  }

  /** The place where a case is shown; null: no longer. Returns the end of it. */
  shows(element: HTMLElement): () => void {
    this.#observer?.observe(element);
    return () => {
      this.#observer?.unobserve(element);
      this.#inView.delete(element);
    };
  }

  #moved(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const id = target instanceof HTMLElement ? target.dataset.case : undefined;
      if (isIntersecting && id !== undefined) this.#inView.set(target, id);
      else this.#inView.delete(target);
    }
    this.#look();
  }

  #look(): void {
    if (document.visibilityState !== 'visible' || this.#inView.size === 0) return;
    const nowMs = this.#desk.clock.monoMs();
    for (const { id, terminal, step } of this.#desk.watch.cases.peek()) {
      if (!before.has(step) || ![...this.#inView.values()].includes(id)) continue;
      if (nowMs - (this.#told.get(id) ?? Number.NEGATIVE_INFINITY) < againMs) continue;
      this.#told.set(id, nowMs);
      void this.#desk.tryTo(terminal, 'seen', { incident: id }, 'quietly');
    }
  }
}
