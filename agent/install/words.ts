// Every sentence of provisioning is there twice, English and Chinese, and stands where it is said. What went
// wrong in the world is a `Trouble`: one sentence, and the exit code that an unattended run ends with.

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

export type Words = readonly [en: string, zh: string];

export const inWords = (language: Language, words: Words): string =>
  language === 'en' ? words[0] : words[1];

/** As sysexits.h has them. */
export const codes = {
  ok: 0,
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  cannotWrite: 73,
  later: 75,
  noAccess: 77,
  config: 78,
} as const;
export type ExitCode = (typeof codes)[keyof typeof codes];

/** The world failed, or a person has to do something first. */
export class Trouble extends Error {
  readonly words: Words;
  readonly code: ExitCode;

  constructor(code: ExitCode, words: Words, cause?: unknown) {
    super(words[0], cause === undefined ? undefined : { cause });
    this.name = 'Trouble';
    this.words = words;
    this.code = code;
  }
}

/** What a failed call of the system said, for the end of a sentence. */
export const whyOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n', 1)[0] || error.name : String(error);
