// Commands and their answers: id, boot id and lifetime as the contract has them, the answer found by the
// command's id on a response topic of this client's own.

import type * as z from 'zod';
import {
  type AnswerMessage,
  type commandPayloads,
  commandResults,
  topicsOf,
} from '../../contract.ts';
import type { CommandVerb, RefusalReason, Role, Verb } from '../../core/command.ts';
import { type ClientClock, newId } from './clock.ts';
import type { Post } from './link.ts';

type Envelope = 'v' | 'id' | 'bootId' | 'issuedMs' | 'lifetimeMs';
/** What a verb is asked with, the envelope left out. */
export type Args<V extends CommandVerb> = Omit<z.input<(typeof commandPayloads)[V]>, Envelope>;
export type Result<V extends CommandVerb> = z.output<(typeof commandResults)[V]>;

/** The terminal says no: nothing was changed, and why. */
export class CommandRefused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Nothing came back in time, or there was no line to ask on: it may or may not have been done. */
export class NoAnswer extends Error {}

export interface CommandsSetup {
  readonly role: Role;
  readonly user: string;
  readonly clientId: string;
  readonly clock: ClientClock;
  readonly bootIdOf: (terminal: string) => string | null;
  readonly post: (topic: string, payload: object, options: Post) => boolean;
}

interface Waiting {
  readonly done: (answer: AnswerMessage) => void;
  readonly failed: (error: NoAnswer) => void;
}

const lifetimeMs = 10_000;
const withinMs = 5_000;
const repeatMs = 2_000;
/** Another boot, too old, flooded: the same question may be answered a moment later. */
const passing: ReadonlySet<string> = new Set<RefusalReason>(['wrong-boot', 'expired', 'too-many']);

export class Commands {
  readonly #setup: CommandsSetup;
  readonly #waiting = new Map<string, Waiting>();

  constructor(setup: CommandsSetup) {
    this.#setup = setup;
  }

  /** Asks, and gives what the verb's answer has. Rejects with `CommandRefused` or `NoAnswer`. */
  async ask<V extends CommandVerb>(
    terminal: string,
    verb: V,
    args: Args<V>,
    options: { readonly withinMs?: number } = {},
  ): Promise<Result<V>> {
    const id = newId();
    const answered = this.#answerTo(id, options.withinMs ?? withinMs);
    if (!this.#post(terminal, verb, id, args)) this.#fail(id, 'no line to the broker');
    const answer = await answered;
    if (!answer.ok) throw new CommandRefused(answer.reason ?? 'failed', answer.detail ?? '');
    // Checked: the schema is the one of this verb.
    return commandResults[verb].parse(answer.result) as Result<V>;
  }

  /** Says it and waits for nothing; false while there is no line. */
  tell<V extends CommandVerb>(terminal: string, verb: V, args: Args<V>): boolean {
    return this.#post(terminal, verb, newId(), args);
  }

  /** Topic of a verb. */
  topic(terminal: string, verb: Verb): string {
    const { role, user } = this.#setup;
    return topicsOf(terminal).command(role, user, verb);
  }

  /** Asks again, with a new id and against the newest birth, until there is an answer. */
  async insist<V extends CommandVerb>(
    terminal: string,
    verb: V,
    args: Args<V>,
    goOn: () => boolean,
  ): Promise<Result<V>> {
    for (;;) {
      const began = this.#setup.clock.monoMs();
      try {
        return await this.ask(terminal, verb, args, { withinMs: repeatMs });
      } catch (error) {
        const again =
          error instanceof NoAnswer ||
          (error instanceof CommandRefused && passing.has(error.reason));
        if (!again || !goOn()) throw error;
      }
      await this.#pause(repeatMs - (this.#setup.clock.monoMs() - began));
    }
  }

  /** Takes an answer; one that nobody waits for any more is left alone. */
  answer(answer: AnswerMessage): void {
    if (answer.id !== null) this.#waiting.get(answer.id)?.done(answer);
  }

  #answerTo(id: string, limitMs: number): Promise<AnswerMessage> {
    const { clock } = this.#setup;
    const late = () => this.#fail(id, `no answer within ${limitMs} ms`);
    const cancel = clock.after(limitMs, late);
    return new Promise<AnswerMessage>((done, failed) => {
      this.#waiting.set(id, { done, failed });
    }).finally(() => {
      cancel();
      this.#waiting.delete(id);
    });
  }

  #fail(id: string, detail: string): void {
    this.#waiting.get(id)?.failed(new NoAnswer(detail));
  }

  #post<V extends CommandVerb>(terminal: string, verb: V, id: string, args: Args<V>): boolean {
    const { role, user, clientId, clock, bootIdOf, post } = this.#setup;
    const head = { v: 1, id, bootId: bootIdOf(terminal) ?? 'unknown', lifetimeMs };
    return post(
      this.topic(terminal, verb),
      { ...head, issuedMs: clock.wallMs(), ...args },
      {
        qos: 1,
        expiryS: lifetimeMs / 1000,
        responseTopic: `${topicsOf(terminal).replies(role, user)}${clientId}`,
      },
    );
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((done) => this.#setup.clock.after(Math.max(0, delayMs), done));
  }
}
