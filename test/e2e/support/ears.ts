// Ears at the platform and at the desks: every message of one terminal, both ways, is held against the
// published contract. A command may be wrong on purpose, and then the terminal must agree: what the
// published schema refuses is never obeyed, and nothing else is called malformed.

import { parseCommandTopic } from '#agent/contract.ts';
import type { Tap } from '#agent/sim/platform/link.ts';
import { Published, type Verdict } from '#test/support/published.ts';

type Packet = Parameters<Tap>[1];

const problemsMax = 20;

export class Ears {
  readonly kinds = new Set<string>();
  readonly problems: string[] = [];
  readonly #published = new Published();
  readonly #terminal: string;
  /** Commands by correlation data. */
  readonly #asked = new Map<string, Verdict>();

  constructor(terminal: string) {
    this.#terminal = terminal;
  }

  readonly tap: Tap = (direction, packet) => {
    // An empty message clears a retained one; the probes of a test are of no terminal.
    if (packet.payload.length === 0) return;
    if (!packet.topic.startsWith(`gate/v1/${this.#terminal}/`)) return;
    const verdict = this.#published.judge(packet);
    if (verdict.kind) this.kinds.add(verdict.kind);
    const correlation = packet.properties?.correlationData?.toString() ?? '';
    if (direction === 'said' && parseCommandTopic(this.#terminal, packet.topic))
      this.#asked.set(correlation, verdict);
    else {
      this.#note(packet, verdict.problems);
      const asked = this.#asked.get(correlation);
      if (asked && verdict.kind) this.#note(packet, disagreements(asked, packet));
    }
  };

  /** Throws where anything was heard that the published contract does not allow. */
  close(): void {
    if (this.problems.length > 0)
      throw new Error(`not as in config/contract:\n${this.problems.join('\n')}`);
  }

  #note({ topic, payload }: Packet, problems: readonly string[]): void {
    if (problems.length === 0 || this.problems.length >= problemsMax) return;
    this.problems.push(`${topic}: ${problems.join('; ')}: ${payload.toString().slice(0, 400)}`);
  }
}

function disagreements(asked: Verdict, answer: Packet): string[] {
  const { ok, reason } = JSON.parse(answer.payload.toString());
  if (ok && asked.problems.length > 0) return [`obeyed, though ${asked.problems.join('; ')}`];
  if (reason === 'malformed' && asked.payloadWrong === false)
    return ['called malformed, which the published schema does not'];
  return [];
}
