// A wrong version of the code: edits of text, and the suites that must notice.

export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface Wrong {
  /** What is wrong, as a person would say it. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Test files or directories; one of their tests must fail. */
  readonly suites: readonly string[];
}

export const wrong = (
  name: string,
  suites: string | readonly string[],
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Wrong => ({
  name,
  suites: typeof suites === 'string' ? [suites] : suites,
  edits: edits.map(([file, find, replace]) => ({ file, find, replace })),
});

export const storm = 'test/storm/storm.test.ts';
