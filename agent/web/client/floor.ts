// The floor of one's own call, as told last, and what one may do about it. A new connection is told anew.

import type { Args, Result } from './commands.ts';
import { Emitter } from './emitter.ts';
import type { FloorState, Session } from './session.ts';

export type FloorAsk = (args: Args<'session.floor'>) => Promise<Result<'session.floor'>>;
export type FloorStand = Result<'session.floor'>['floor'];

export class Floor extends Emitter<{ changed: FloorState }> {
  readonly #session: Session;
  readonly #ask: FloorAsk;
  #state: FloorState | null = null;

  constructor(session: Session, ask: FloorAsk) {
    super();
    this.#session = session;
    this.#ask = ask;
    session.on('status', ({ state }) => {
      if (state !== 'connected') this.#state = null;
    });
    session.on('floor', (floor) => {
      this.#state = floor;
      this.emit('changed', floor);
    });
  }

  /** null: nothing was told yet on this connection. */
  get state(): FloorState | null {
    return this.#state;
  }

  /** What is asked rejects with `CommandRefused` or `NoAnswer`, and tells how the call stands afterwards. */
  async ask(
    act: NonNullable<Args<'session.floor'>['act']>,
    to: string | null = null,
  ): Promise<FloorStand> {
    const session = this.#session.id;
    if (session === null) return 'none';
    const { floor } = await this.#ask({ session, act, to });
    return floor;
  }
}
