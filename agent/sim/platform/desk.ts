// The dispatcher's side of the platform: sends commands and waits for their answers. A `resolve`
// without an answer is sent again, with a new id and against the newest birth message.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type AnswerMessage, answerMessage, topicsOf } from '../../contract.ts';

export interface CommandOptions {
  readonly withinMs?: number;
  /** Parts of the payload to send instead of the right ones, for tests. */
  readonly payload?: { readonly [key: string]: unknown };
  readonly retain?: boolean;
  /** null: none is given. */
  readonly responseTopic?: string | null;
  /** Sends as another, which the broker should refuse. */
  readonly role?: string;
  readonly user?: string;
}

export interface DeskOptions {
  readonly role: string;
  readonly user: string;
  readonly bootIdOf: (terminal: string) => string | null;
  readonly publish: (
    topic: string,
    payload: string,
    options: {
      readonly qos: 1;
      readonly retain: boolean;
      readonly properties: {
        readonly messageExpiryInterval: number;
        readonly correlationData: Buffer;
        readonly responseTopic?: string;
      };
    },
  ) => boolean;
}

const lifetimeMs = 30_000;
const repeatEveryMs = 2_000;

const passing: ReadonlySet<string> = new Set(['wrong-boot', 'expired', 'too-many']);

export class NoAnswer extends Error {}

export class Desk {
  readonly #options: DeskOptions;
  readonly #waiting = new Map<string, (answer: AnswerMessage) => void>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Sends a command; rejects with `NoAnswer` where none came in time. */
  async command(
    terminal: string,
    verb: string,
    args: { readonly [key: string]: unknown } = {},
    options: CommandOptions = {},
  ): Promise<AnswerMessage> {
    const { withinMs = 5_000, retain = false } = options;
    const { role = this.#options.role, user = this.#options.user, responseTopic } = options;
    const topics = topicsOf(terminal);
    const correlation = randomUUID();
    const bootId = this.#options.bootIdOf(terminal) ?? 'unknown';
    const head = { v: 1, id: randomUUID(), bootId, issuedMs: Date.now(), lifetimeMs };
    const payload = JSON.stringify({ ...head, ...args, ...options.payload });
    const replyTo =
      responseTopic === undefined ? `${topics.replies(role, user)}${verb}` : responseTopic;
    let tooLate: NodeJS.Timeout | undefined;
    const answered = new Promise<AnswerMessage>((done, failed) => {
      this.#waiting.set(correlation, done);
      const late = () => failed(new NoAnswer(`no answer to ${verb} within ${withinMs} ms`));
      tooLate = setTimeout(late, withinMs);
    });
    try {
      this.#options.publish(topics.command(role, user, verb), payload, {
        qos: 1,
        retain,
        properties: {
          messageExpiryInterval: Math.ceil(lifetimeMs / 1000),
          correlationData: Buffer.from(correlation),
          ...(replyTo === null ? {} : { responseTopic: replyTo }),
        },
      });
      return await answered;
    } finally {
      clearTimeout(tooLate);
      this.#waiting.delete(correlation);
    }
  }

  /** Repeats until the terminal has answered, whatever it says. */
  async resolve(
    terminal: string,
    incident: string,
    { reason = 'handled', withinMs = 120_000, everyMs = repeatEveryMs } = {},
  ): Promise<AnswerMessage> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const startedMs = performance.now();
      const answer = await this.#tryResolve(terminal, incident, reason, everyMs);
      if (answer) return answer;
      if (performance.now() > endMs) throw new NoAnswer(`no answer to resolve in ${withinMs} ms`);
      await pause(Math.max(0, everyMs - (performance.now() - startedMs)));
    }
  }

  async #tryResolve(terminal: string, incident: string, reason: string, withinMs: number) {
    try {
      const answer = await this.command(terminal, 'resolve', { incident, reason }, { withinMs });
      // Restarted with its machine: the newest birth will say so. Flooded: a minute later it listens.
      return passing.has(answer.reason ?? '') ? null : answer;
    } catch (error) {
      if (error instanceof NoAnswer) return null;
      throw error;
    }
  }

  /** Takes a message of a reply topic. */
  answer(json: unknown, correlation: Buffer | undefined): void {
    const parsed = answerMessage.safeParse(json);
    if (parsed.success && correlation) this.#waiting.get(correlation.toString())?.(parsed.data);
  }
}
