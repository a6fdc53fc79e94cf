// The dispatchers: commands as packets, and what must become of each by the rules: who may what, how
// old it is, whether it came before. What a resolution may rest on is decided here.

import { isDeepStrictEqual } from 'node:util';
import type { IPublishPacket } from 'mqtt';
import { rights, topicsOf } from '#agent/contract.ts';
import type { Answer, RefusalReason, Role } from '#agent/core/command.ts';
import type { Now } from '#agent/core/fact.ts';
import { type Mark, openers } from '#agent/core/mark.ts';
import { type Action, aboutCases, type CommandVerb, nth } from './action.ts';
import type { Books } from './books.ts';

export const lifetimeMs = 30_000;
const skewMs = 5_000;
/** Of every window here. */
export const windowMinutes = 1;
const freshness: readonly (RefusalReason | undefined)[] = [
  'not-allowed',
  'retained',
  'wrong-boot',
  'expired',
];

export interface Sent {
  readonly packet: IPublishPacket;
  readonly id: string;
  readonly correlation: string;
  readonly role: Role;
  readonly verb: CommandVerb;
  readonly incident: string;
  readonly bootId: string;
  readonly issuedMs: number;
  readonly retained: boolean;
  /** Of `window.open`. */
  readonly mark: Mark | null;
}

/** What a command must come to; kept from before it is delivered. */
export interface Expected {
  readonly sent: Sent;
  /** The answer it got when it first came. */
  readonly first: Answer | null | undefined;
  readonly refusal: RefusalReason | null;
}

/** A window, and the one that was open when it was asked for. */
export interface Opened {
  /** True time. */
  readonly fromMs: number;
  readonly before: Opened | null;
}

/** What a command was answered, and by how much the terminal's clock was wrong then. */
interface Known {
  readonly answer: Answer;
  readonly atMs: number;
  readonly wrongMs: number;
}
/** Asked again within this, the terminal must know its answer. */
const knownMs = 300_000;

export class Dispatchers {
  readonly #terminal: string;
  readonly #books: Books;
  readonly #platformMs: () => number;
  readonly #nowMs: () => number;
  /** Answers of effect, by sender and id. */
  readonly #known = new Map<string, Known>();
  #count = 0;
  #last: Sent | null = null;
  /** Cases that somebody who may has asked to end, has seen, has taken, and when: true time. */
  readonly mayEnd = new Set<string>();
  readonly seen = new Map<string, number>();
  readonly taken = new Map<string, number>();
  /** The window that may be open: at most this one, and none after the process that opened it. */
  window: Opened | null = null;

  /** `platformMs`: the platform's own clock; `nowMs`: true time. */
  constructor(
    terminal: string,
    books: Books,
    { platformMs, nowMs }: { platformMs: () => number; nowMs: () => number },
  ) {
    this.#terminal = terminal;
    this.#books = books;
    this.#platformMs = platformMs;
    this.#nowMs = nowMs;
  }

  write(action: Action & { do: 'command' }, bootId: string): Sent {
    const { verb, role, which, flaw, mark = 'drill' } = action;
    if (flaw === 'again' && this.#last) return this.#last;
    const open = this.#books.openCases();
    const all = [...this.#books.memory.cases.keys()];
    const incident = nth(open, which)?.id ?? nth(all, which) ?? 'none';
    const id = `c${++this.#count}`;
    const ageMs = flaw === 'stale' ? lifetimeMs + 10_000 : flaw === 'future' ? -60_000 : 0;
    const issuedMs = Math.round(this.#platformMs() - ageMs);
    const boot = flaw === 'wrong-boot' ? 'boot-0' : bootId;
    const retained = flaw === 'retained';
    const about = aboutCases.includes(verb) ? { incident } : {};
    const more = {
      ...(verb === 'resolve' && { reason: 'handled' }),
      ...(verb === 'test' && { part: 'strobe' }),
      ...(verb === 'window.open' && { mark, minutes: windowMinutes }),
    };
    const payload = JSON.stringify({
      v: 1,
      id,
      bootId: boot,
      issuedMs,
      lifetimeMs,
      ...about,
      ...more,
    });
    const topic = topicsOf(this.#terminal).command(role, 'li', verb);
    const correlationData = Buffer.from(id);
    const properties = { correlationData };
    const correlation = correlationData.toString('base64');
    const packet: IPublishPacket = {
      ...({ cmd: 'publish', topic, payload, qos: 1, dup: false } as const),
      ...{ retain: retained, properties },
    };
    this.#last = {
      packet,
      id,
      correlation,
      role,
      verb,
      incident,
      bootId: boot,
      issuedMs,
      retained,
      mark: verb === 'window.open' ? mark : null,
    };
    return this.#last;
  }

  /** Call right before delivery. */
  expect(sent: Sent, now: Omit<Now, 'id'>): Expected {
    const key = keyOf(sent);
    const known = this.#known.get(key);
    const recent =
      known &&
      this.#platformMs() - known.atMs < knownMs &&
      now.wallMs - this.#platformMs() === known.wrongMs;
    const first = recent ? known.answer : this.#books.memory.answers.get(key);
    const refusal = first === undefined ? refusalOf(sent, now) : null;
    if (refusal === null && first === undefined) {
      if (sent.verb === 'resolve') this.mayEnd.add(sent.incident);
      const atMs = this.#nowMs();
      if (['seen', 'take', 'make-real'].includes(sent.verb)) this.seen.set(sent.incident, atMs);
      if (sent.verb === 'take') this.taken.set(sent.incident, atMs);
      if (sent.verb === 'window.open') this.window = { fromMs: atMs, before: this.window };
    }
    return { sent, first, refusal };
  }

  /** An answer came. Refusals of right and freshness are not kept, they are said again. */
  answered(sent: Sent, answer: Answer, now: Omit<Now, 'id'>): void {
    if (freshness.includes(answer.reason) || this.#known.has(keyOf(sent))) return;
    if (sent.verb === 'window.open' && !answer.ok) this.window = this.window?.before ?? null;
    if (sent.verb === 'window.close' && answer.ok) this.window = null;
    const atMs = this.#platformMs();
    this.#known.set(keyOf(sent), { answer, atMs, wrongMs: now.wallMs - atMs });
  }

  /** The process was killed and something it knew was not on disk. */
  forgotten(): void {
    this.#known.clear();
  }
}

const keyOf = ({ role, id }: Sent): string => `${role}/li/${id}`;

function refusalOf(sent: Sent, now: Omit<Now, 'id'>): RefusalReason | null {
  const { role, mark } = sent;
  if (!rights[role].includes(sent.verb)) return 'not-allowed';
  if (mark && !openers[mark].includes(role)) return 'not-allowed';
  if (sent.retained) return 'retained';
  if (sent.bootId !== now.bootId) return 'wrong-boot';
  if (now.clock !== 'good') return null;
  const ageMs = now.wallMs - sent.issuedMs;
  return ageMs > lifetimeMs || ageMs < -skewMs ? 'expired' : null;
}

/** What is wrong with an answer; null where it is right. `undefined`: none came. */
export function wrongAnswer({ sent, first, refusal }: Expected, answer: Answer | undefined) {
  const { id, verb } = sent;
  if (first) {
    return isDeepStrictEqual(first, answer)
      ? null
      : `${verb} ${id} came again and got another answer`;
  }
  if (!answer) return verb === 'test' || first === null ? null : `${verb} ${id} got no answer`;
  // Whose window it is that would be closed, the laws need not know.
  if (verb === 'window.close' && answer.reason === 'not-allowed') return null;
  if (refusal === null)
    return freshness.includes(answer.reason) ? `${verb} ${id} was refused: ${answer.reason}` : null;
  return answer.reason === refusal ? null : `${verb} ${id} was not refused (${refusal})`;
}
