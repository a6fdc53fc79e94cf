// A command that changes nothing, and why.

import type { Answer, RefusalReason } from './command.ts';

export class Refused {
  readonly reason: RefusalReason;
  readonly detail: string;
  constructor(reason: RefusalReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

export type Result = NonNullable<Answer['result']>;
/** What becomes of a command. */
export type Outcome = Result | Refused;

export const refused = (reason: RefusalReason, detail: string): Refused =>
  new Refused(reason, detail);
