// The client as a browser has it: calls with the gate room and the gate's picture, over the browser's own
// peer connections. Works on https and on localhost, where a microphone may be asked for.

import { type ClientOptions, GateClient } from './client.ts';
import { systemClock } from './clock.ts';
import type { IceSource } from './rtc/connection.ts';
import { Live, type LiveOptions } from './rtc/live.ts';
import { Talk, type TalkOptions } from './rtc/talk.ts';

export interface BrowserOptions extends ClientOptions {
  /** Absent: direct ways alone. */
  readonly ice?: IceSource;
}

const directOnly: IceSource = () => Promise.resolve({ servers: [] });

export class BrowserClient extends GateClient {
  readonly #ice: IceSource;
  readonly #talks = new Map<string, Talk>();
  readonly #lives = new Map<string, Set<Live>>();

  constructor(options: BrowserOptions) {
    super(options);
    this.#ice = options.ice ?? directOnly;
  }

  /** Calls the gate room; goes on, over losses, until it is closed, refused or ended. */
  talk(terminal: string, options: TalkOptions): Talk {
    const talk = new Talk(options, {
      ice: this.#ice,
      open: (asked, peer) => this.session(terminal, asked, peer),
      floor: (args) => this.command(terminal, 'session.floor', args),
    });
    talk.on('status', ({ state }) => {
      const before = this.#talks.get(terminal);
      if (state === 'connected') this.#talks.set(terminal, talk);
      else if (before === talk) this.#talks.delete(terminal);
      for (const live of this.#lives.get(terminal) ?? [])
        live.fallBackTo(this.#talks.get(terminal) ?? null);
    });
    return talk;
  }

  /** Opens the gate's picture; goes on, over losses, until it is closed, refused or ended. */
  live(terminal: string, options: LiveOptions = {}): Live {
    const live = new Live(options, {
      ...{ ice: this.#ice, clock: systemClock },
      open: (asked, peer) => this.session(terminal, asked, peer),
    });
    const lives = this.#lives.get(terminal) ?? new Set();
    this.#lives.set(terminal, lives.add(live));
    live.on('status', ({ state }) => {
      if (state === 'over') lives.delete(live);
    });
    live.fallBackTo(this.#talks.get(terminal) ?? null);
    return live;
  }
}
