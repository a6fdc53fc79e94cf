// The dome's events as facts: a subscription that is kept up, and what its notices mean here.

import type { Fact } from '../core/fact.ts';
import { type Ears, Hearing, isDeaf } from './hearing.ts';
import type { Endpoint } from './line.ts';
import { type Ptz, reachable, type Scheme } from './ptz.ts';
import { PullPoint, type PullPointParts } from './pull-point.ts';
import type { Relays } from './relays.ts';

/** For all of learning the dome's addresses, or how its relays rest. */
const learnMs = 2000;

export interface ListeningParts extends Omit<PullPointParts, 'begins' | 'ends' | 'heard'> {
  readonly ears: Ears;
  readonly emit: (fact: Fact) => void;
  readonly relays: Relays;
}

export class Listening {
  readonly #hearing: Hearing;
  readonly #pullPoint: PullPoint;

  constructor({ ears, emit, relays, ...parts }: ListeningParts) {
    const hearing = new Hearing({ ears, emit, clock: parts.clock });
    this.#hearing = hearing;
    this.#pullPoint = new PullPoint({
      ...parts,
      begins: () => {
        hearing.begins();
        void relays.learn((operation, args) =>
          parts.soap.call(operation, args, { deadlineMs: learnMs }),
        );
      },
      ends: () => relays.forget(),
      heard: (notices) => {
        relays.heard(notices);
        hearing.heard(notices);
      },
    });
  }

  open(): void {
    this.#pullPoint.open();
  }

  /** The dome was away. */
  restart(): void {
    this.#pullPoint.restart();
  }

  async close(): Promise<void> {
    this.#hearing.close();
    await this.#pullPoint.close();
  }
}

export interface ListensTo extends Omit<ListeningParts, 'ears' | 'reach' | 'learn'> {
  readonly ptz: Ptz;
  readonly device: Endpoint;
  readonly scheme: Scheme;
}

/** Null: nothing is to be heard. */
export function listeningOf(ears: Ears | undefined, to: ListensTo): Listening | null {
  if (!ears || isDeaf(ears)) return null;
  const { ptz, device, scheme, ...parts } = to;
  return new Listening({
    ...{ ...parts, ears },
    reach: (address) => reachable(address, device, scheme),
    learn: () => ptz.learn(learnMs),
  });
}
