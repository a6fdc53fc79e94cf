// Turns what core decided into final bytes, on the loop's own thread: the chain goes on and alarms
// carry its head whether or not the disk takes them. The head is signed only when a message asks for
// it, and once a turn; it covers the turn's own records.

import type { Message } from '../core/message.ts';
import type { OutboxRow, Turn } from '../ports.ts';
import { type ChainAt, checkpointText, extend, type Head, headText } from './chain.ts';
import type { EvidenceKey } from './evidence-key.ts';
import type { AuditRow, Checkpoint, SealedTurn } from './protocol.ts';

/** The bytes of a message as it is published. */
export type Wire = (message: Message, head: Head) => string;

export interface SealerOptions {
  readonly terminal: string;
  readonly key: EvidenceKey;
  readonly wire: Wire;
  /** Where the chain stands. */
  readonly at: ChainAt;
}

export class Sealer {
  readonly #options: SealerOptions;
  #at: ChainAt;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#at = options.at;
  }

  /** Head of the chain, everything sealed so far included. */
  get at(): ChainAt {
    return this.#at;
  }

  seal(turn: number, { entities, audit, enqueue, settle }: Turn): SealedTurn {
    let at = this.#at;
    const records = audit.map(({ at: moment, fact }): AuditRow => {
      const record = extend(at, moment, fact);
      at = record;
      return record;
    });
    const head = this.#headAt(at);
    const outbox = enqueue.map((message): OutboxRow => {
      const { id, seq, lane } = message;
      return { id, seq, lane, payload: this.#options.wire(message, head) };
    });
    const sealed: SealedTurn = {
      turn,
      entities: entities.map(({ table, id, body }) => [
        table,
        id,
        body === null ? null : JSON.stringify(body),
      ]),
      audit: records,
      outbox,
      settle,
    };
    this.#at = { seq: at.seq, hash: at.hash };
    return sealed;
  }

  /** Where the chain goes on after records that are no longer there. */
  checkpoint(why: Checkpoint['why'], { seq, hash }: ChainAt): Checkpoint {
    const { key, terminal } = this.#options;
    const sig = key.sign(checkpointText(terminal, { why, seq, hash }));
    return { why, seq, hash, alg: key.alg, keyId: key.keyId, sig };
  }

  #headAt(at: ChainAt): Head {
    const { key, terminal } = this.#options;
    let sig: string | null = null;
    return {
      seq: at.seq,
      hash: at.hash,
      alg: key.alg,
      keyId: key.keyId,
      get sig() {
        sig ??= key.sign(headText(terminal, at));
        return sig;
      },
    };
  }
}
