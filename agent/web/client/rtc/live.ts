// The gate's picture. Where it cannot be brought and a call of the same terminal can, pictures come over
// the call, some two a second, until the way is there again; `status` says so.

import type { Asked } from '../attempt.ts';
import type { ClientClock } from '../clock.ts';
import { Emitter } from '../emitter.ts';
import type { PeerHooks, PeerMaker } from '../peer.ts';
import type { Session, SessionStatus } from '../session.ts';
import { Connection, type IceSource, showInstead, soundOf } from './connection.ts';
import type { Talk } from './talk.ts';

export interface LiveOptions {
  /** `auto`: by the bandwidth. */
  readonly stream?: 'auto' | 'main' | 'sub';
  readonly incident?: string | null;
}

/** `snapshots`: some pictures a second over the call, because no other way is open. */
export type LiveStatus = SessionStatus | { readonly state: 'snapshots'; readonly detail: string };

export interface LiveEvents {
  status: LiveStatus;
  /** A JPEG, while the state is `snapshots`. */
  snapshot: Blob;
}

export interface LiveSetup {
  readonly ice: IceSource;
  readonly clock: ClientClock;
  readonly open: (asked: Asked, peer: PeerMaker) => Session;
}

/** So long without a picture, and it comes over the call. */
const patienceMs = 4_000;

export class Live extends Emitter<LiveEvents> {
  /** Whatever the connection: to be played by one `<video muted autoplay playsinline>`. */
  readonly video = new MediaStream();
  readonly #setup: LiveSetup;
  readonly #session: Session;
  #sound: MediaStream | null = null;
  #talk: Talk | null = null;
  #impatient = false;
  #cancelPatience: (() => void) | null = null;
  #endSnapshots: (() => void) | null = null;
  /** Why no snapshot comes; empty: it does. */
  #fault = '';

  constructor({ stream = 'auto', incident = null }: LiveOptions, setup: LiveSetup) {
    super();
    this.#setup = setup;
    this.#session = setup.open({ kind: 'live', stream, incident }, (hooks) => this.#peer(hooks));
    this.#session.on('status', (status) => this.#turned(status));
    this.#wait();
  }

  /** The gate's sound, where the dome has any; another one after a loss, so look at each `status`. To be
   * played by one `<audio autoplay>`. */
  get sound(): MediaStream | null {
    return this.#sound;
  }

  get status(): LiveStatus {
    const { status } = this.#session;
    if (!this.#endSnapshots) return status;
    return { state: 'snapshots', detail: this.#fault };
  }

  /** The call that is connected with the same terminal, or none. */
  fallBackTo(talk: Talk | null): void {
    if (this.#talk === talk) return;
    this.#stopSnapshots();
    this.#talk = talk;
    this.#settle();
  }

  /** Another stream, without a new connection. */
  stream(stream: NonNullable<LiveOptions['stream']>): void {
    this.#session.stream(stream);
  }

  close(): void {
    this.#session.close();
  }

  #turned({ state }: SessionStatus): void {
    if (state === 'connected' || state === 'over') {
      this.#cancelPatience?.();
      this.#cancelPatience = null;
      this.#impatient = false;
    } else this.#wait();
    this.#settle();
  }

  #wait(): void {
    this.#cancelPatience ??= this.#setup.clock.after(patienceMs, () => {
      this.#impatient = true;
      this.#settle();
    });
  }

  #settle(): void {
    if (!this.#impatient) this.#stopSnapshots();
    else if (this.#talk && !this.#endSnapshots) {
      const talk = this.#talk;
      const off = [
        talk.on('picture', (jpeg) => this.emit('snapshot', jpeg)),
        talk.on('pictureFault', ({ fault }) => {
          this.#fault = fault ?? '';
          this.emit('status', this.status);
        }),
      ];
      this.#endSnapshots = () => {
        for (const end of off) end();
        talk.picture(false);
      };
      talk.picture(true);
    }
    this.emit('status', this.status);
  }

  #stopSnapshots(): void {
    this.#endSnapshots?.();
    this.#endSnapshots = null;
    this.#fault = '';
  }

  #peer(hooks: PeerHooks): Connection {
    return new Connection({
      hooks,
      ice: this.#setup.ice,
      prepare: (connection) => {
        connection.addTransceiver('video', { direction: 'recvonly' });
        connection.addTransceiver('audio', { direction: 'recvonly' });
        connection.ontrack = (event) => {
          if (event.track.kind === 'video') showInstead(this.video, event);
          else this.#sound = soundOf(event);
        };
      },
    });
  }
}
