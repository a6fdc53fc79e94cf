// A story with a window open.

import type { Command, SessionOffer } from '#agent/core/command.ts';
import type { Contact } from '#agent/core/fact.ts';
import { type Mark, windowMinutesMax } from '#agent/core/mark.ts';
import type { MessageBody } from '#agent/core/message.ts';
import type { Setup } from '#agent/core/setup.ts';
import { offerOf, Story } from './story.ts';

/** Also where several kinds share a shape. */
type Told<K extends MessageBody['kind']> = MessageBody extends infer B
  ? B extends { kind: infer Own }
    ? K extends Own
      ? B
      : never
    : never
  : never;

export class Rehearsal extends Story {
  /** `mark` null: no window yet. */
  constructor(mark: Mark | null, options: Partial<Setup> = {}, siren = false) {
    super(options);
    if (mark) this.opens(mark, {}, siren);
  }

  opens(mark: Mark, change: Partial<Command> = {}, siren = false): this {
    const minutes = windowMinutesMax[mark];
    return this.command({ verb: 'window.open', mark, minutes, siren }, change);
  }

  closes(): this {
    return this.command({ verb: 'window.close', mark: null });
  }

  resolves(incident: string, as?: Mark | 'real'): this {
    return this.command({ verb: 'resolve', incident, reason: 'done', note: null, as });
  }

  offers(session: string, change: Partial<SessionOffer> = {}): this {
    return this.command(offerOf(session, change));
  }

  /** A bare contact, whose time is its own. */
  line(input: string, contact: Contact, edgeMs: number): this {
    return this.happens({ kind: 'input.changed', input, contact, edgeMs });
  }

  /** As if it had not been there at the start. */
  forgets(input: string): this {
    const { [input]: _, ...inputs } = this.state.live.inputs;
    this.state = { ...this.state, live: { ...this.state.live, inputs } };
    return this;
  }

  /** What was told last of a kind. */
  body<K extends MessageBody['kind']>(kind: K): Told<K> | undefined {
    return this.told
      .map(({ body }) => body)
      .findLast((body): body is Told<K> => body.kind === kind);
  }
}

export function endCase(story: Rehearsal, input: string): Rehearsal {
  return story.resolves(story.of(input).id);
}
