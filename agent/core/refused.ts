// A command that changes nothing, and why.

import type { RefusalReason } from './command.ts';

export class Refused {
  readonly reason: RefusalReason;
  readonly detail: string;
  constructor(reason: RefusalReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

export const refused = (reason: RefusalReason, detail: string): Refused =>
  new Refused(reason, detail);
