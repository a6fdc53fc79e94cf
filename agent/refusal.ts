// Somebody gave us something wrong. Every bad field is named at once, with its value and a hint.

export interface BadField {
  /** Path such as `dome.host` or `boxes[0].path`. */
  readonly field: string;
  /** What was there; secrets are never put here. */
  readonly value: unknown;
  /** What would be right, or what to do. */
  readonly hint: string;
  /** Line of the file it stands in, where there is one. */
  readonly line?: number;
}

/** Bad input: exit code 78 for a configuration, a refused command or frame elsewhere. */
export class Refusal extends Error {
  readonly fields: readonly BadField[];

  constructor(fields: readonly BadField[], subject = 'refused') {
    super(`${subject}: ${fields.map((f) => `${f.field}: ${f.hint}`).join('; ')}`);
    this.name = 'Refusal';
    this.fields = fields;
  }
}
