// Listeners by kind, with types: `E` maps each kind to what is told.

type Listeners<E> = { [K in keyof E]?: Set<(what: E[K]) => void> };

export class Emitter<E extends object> {
  readonly #listeners: Listeners<E> = {};

  /** Calls back for each; returns the end of it. */
  on<K extends keyof E>(kind: K, listener: (what: E[K]) => void): () => void {
    const listeners: Set<(what: E[K]) => void> = this.#listeners[kind] ?? new Set();
    this.#listeners[kind] = listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  protected emit<K extends keyof E>(kind: K, what: E[K]): void {
    for (const listener of this.#listeners[kind] ?? []) listener(what);
  }
}
