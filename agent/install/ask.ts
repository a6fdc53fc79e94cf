// How a step asks whoever sits before the terminal. A port: prompter.ts has the library behind it, tests have
// people made of answers.

/** Esc: this step is given up, what stood before it stands. */
export class Back extends Error {
  override readonly name = 'Back';
}

/** Ctrl-C, or nobody is there any more. */
export class Stop extends Error {
  override readonly name = 'Stop';
}

export interface TextQuestion {
  readonly message: string;
  readonly initial?: string;
  /** Nothing typed is an answer, too. */
  readonly isOptional?: boolean;
  /** Not shown while it is typed. */
  readonly isSecret?: boolean;
  /** Why it cannot be, in the person's language; null: it is right. */
  readonly check?: (typed: string) => string | null;
}

export interface Choice<V> {
  readonly name: string;
  readonly value: V;
}

/** Each rejects with `Back` or `Stop`. */
export interface Asker {
  text(question: TextQuestion): Promise<string>;
  choose<V>(message: string, choices: readonly Choice<V>[], initial?: V): Promise<V>;
  confirm(message: string, initial?: boolean): Promise<boolean>;
  /** One or more lines. */
  tell(text: string): void;
  /** Resolves with the result, rejects with `Back` or `Stop` as soon as the person says so; `act` is told by
   * the signal. */
  wait<T>(message: string, act: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
