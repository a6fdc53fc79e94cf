// The server's stream of events: all that the page knows. A stream that is silent for longer than it may be
// is stale, and nothing of it counts any more; it is opened anew until it speaks again, for a line that is
// half dead never ends by itself.

import { signal } from '@preact/signals';
import type { EventName, GuardView, InputsView, SessionView } from '../../panel/api.ts';
import type { ClientClock } from '../client/clock.ts';
import { every } from '../page/every.ts';

/** The server tells something every 2 s; the page must own up within 5 s. */
export const staleMs = 4_500;
const lookEveryMs = 250;
const openAgainMs = { closed: 1_000, silent: 3_000 } as const;

interface Said {
  readonly view: GuardView;
  readonly session: SessionView;
  readonly inputs: InputsView;
  readonly beat: { readonly nowWallMs: number };
}

export class Stream {
  readonly view = signal<GuardView | null>(null);
  readonly session = signal<SessionView | null>(null);
  readonly inputs = signal<InputsView | null>(null);
  readonly isStale = signal(false);
  /** The server's clock, in whole seconds; stands still with a stream that is stale. */
  readonly nowWallMs = signal(0);
  /** When it spoke last, by the server's clock. */
  readonly heardWallMs = signal(0);
  /** How often the server has begun to speak. */
  readonly begun = signal(0);
  readonly #clock: ClientClock;
  readonly #url: string;
  #source: EventSource | null = null;
  #openedMs = 0;
  #heardMs = 0;
  /** The server's clock less our monotonic one. */
  #offsetMs = 0;
  #stop: () => void = () => {};

  constructor(clock: ClientClock, url: string) {
    this.#clock = clock;
    this.#url = url;
  }

  open(): void {
    this.#heardMs = this.#clock.monoMs();
    this.#connect();
    this.#stop = every(this.#clock, lookEveryMs, () => this.#look());
    // A page that was asleep looks before it is looked at.
    document.addEventListener('visibilitychange', this.#look);
  }

  close(): void {
    this.#stop();
    document.removeEventListener('visibilitychange', this.#look);
    this.#source?.close();
  }

  /** A stream tells what its reader was allowed to hear when it was opened. */
  openAnew(): void {
    this.#connect();
  }

  #connect(): void {
    this.#source?.close();
    this.#openedMs = this.#clock.monoMs();
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener('open', () => this.begun.value++);
    const on = <N extends EventName>(name: N, take: (said: Said[N]) => void) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (source !== this.#source) return;
        const said: Said[N] = JSON.parse(data);
        take(said);
        this.#heard();
      });
    on('view', (view) => {
      this.#itIs(view.nowWallMs);
      this.view.value = view;
    });
    on('session', (session) => {
      this.session.value = session;
    });
    on('inputs', (inputs) => {
      this.inputs.value = inputs;
    });
    on('beat', ({ nowWallMs }) => this.#itIs(nowWallMs));
  }

  #heard(): void {
    this.#heardMs = this.#clock.monoMs();
    // What a page shows after a silence comes from a new view, which is the first event of a new stream.
    if (this.view.value) this.isStale.value = false;
  }

  #itIs(wallMs: number): void {
    this.#offsetMs = wallMs - this.#clock.monoMs();
    this.heardWallMs.value = wallMs;
    this.#tick();
  }

  #tick(): void {
    this.nowWallMs.value = Math.floor((this.#clock.monoMs() + this.#offsetMs) / 1000) * 1000;
  }

  readonly #look = (): void => {
    const nowMs = this.#clock.monoMs();
    const isSilent = nowMs - this.#heardMs > staleMs;
    if (isSilent) this.isStale.value = true;
    else if (this.view.value) this.#tick();
    const opened = nowMs - this.#openedMs;
    const isClosed = this.#source?.readyState === EventSource.CLOSED;
    if ((isClosed && opened > openAgainMs.closed) || (isSilent && opened > openAgainMs.silent))
      this.#connect();
  };
}
