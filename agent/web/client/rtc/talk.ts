// A call with the gate room. The microphone's track is in the offer from the start, or comes and goes
// later without another one. Sound is a MediaStream of its own, or it would wait for the picture.

import type { Asked } from '../attempt.ts';
import { Emitter } from '../emitter.ts';
import { Floor, type FloorAsk, type FloorStand } from '../floor.ts';
import type { PeerHooks, PeerMaker } from '../peer.ts';
import type { FloorState, Session, SessionEvents } from '../session.ts';
import { ChannelReader, type Levels } from './channel.ts';
import { Connection, type IceSource, soundOf } from './connection.ts';

export interface TalkOptions {
  readonly incident?: string | null;
  /** null: none yet; see `microphone()`. */
  readonly microphone: MediaStreamTrack | null;
  /** `listen`: hears the gate room and is not heard in it. */
  readonly mode?: 'talk' | 'listen';
}

export interface TalkEvents extends SessionEvents {
  /** Five times a second. */
  levels: Levels;
  /** Of the fallback picture; see `picture()`. */
  picture: Blob;
  pictureFault: { readonly fault: string | null };
}

export interface TalkSetup {
  readonly ice: IceSource;
  readonly open: (asked: Asked, peer: PeerMaker) => Session;
  readonly floor: FloorAsk;
}

export class Talk extends Emitter<TalkEvents> {
  readonly #setup: TalkSetup;
  readonly #session: Session;
  readonly #floor: Floor;
  #sound: MediaStream | null = null;
  #microphone: MediaStreamTrack | null;
  #sender: RTCRtpSender | null = null;
  #channel: RTCDataChannel | null = null;
  #wantsPicture = false;

  constructor(options: TalkOptions, setup: TalkSetup) {
    super();
    this.#setup = setup;
    this.#microphone = options.microphone;
    const { incident = null, mode = 'talk' } = options;
    this.#session = setup.open({ kind: 'talk', incident, mode }, (hooks) => this.#peer(hooks));
    this.#floor = new Floor(this.#session, setup.floor);
    this.#floor.on('changed', (floor) => this.emit('floor', floor));
    for (const kind of ['status', 'heard'] as const)
      this.#session.on(kind, (what) => this.emit(kind, what));
  }

  /** The gate room; another one after a loss, so look at each `status`. To be played by one
   * `<audio autoplay>`. */
  get sound(): MediaStream | null {
    return this.#sound;
  }

  get status(): SessionEvents['status'] {
    return this.#session.status;
  }

  /** As told last; null: nothing yet on this call. */
  get floor(): FloorState | null {
    return this.#floor.state;
  }

  /** Id of the newest offer: as the birth message's `callers` name it. */
  get session(): string | null {
    return this.#session.id;
  }

  /** Another microphone, or none; nothing is renegotiated. */
  async microphone(track: MediaStreamTrack | null): Promise<void> {
    this.#microphone = track;
    // A connection that has gone takes none, and the next one begins with it.
    if (this.#sender?.transport?.state !== 'closed') await this.#sender?.replaceTrack(track);
  }

  /** Is heard in the gate room from now on. Rejects with `CommandRefused` where an equal or a higher one
   * has the floor. */
  takeFloor(): Promise<FloorStand> {
    return this.#floor.ask('take');
  }

  /** Has the floor at once where nobody has it; else whoever has it is told who asks. */
  askFloor(): Promise<FloorStand> {
    return this.#floor.ask('ask');
  }

  /** Hands the floor to another caller, by the session that `callers` or `floor.asking` name. */
  giveFloor(to: string): Promise<FloorStand> {
    return this.#floor.ask('give', to);
  }

  /** Leaves the floor to whoever is next, or no longer asks; the call goes on. */
  leaveFloor(): Promise<FloorStand> {
    return this.#floor.ask('leave');
  }

  /** Wants pictures over this call, or no longer; holds over a new connection. */
  picture(wanted: boolean): void {
    this.#wantsPicture = wanted;
    if (this.#channel?.readyState === 'open')
      this.#channel.send(JSON.stringify({ picture: wanted }));
  }

  close(): void {
    this.#session.close();
  }

  #peer(hooks: PeerHooks): Connection {
    return new Connection({
      hooks,
      ice: this.#setup.ice,
      prepare: (connection) => {
        const kind = this.#microphone ?? 'audio';
        this.#sender = connection.addTransceiver(kind, { direction: 'sendrecv' }).sender;
        connection.ontrack = (event) => {
          this.#sound = soundOf(event);
        };
        this.#listen(connection.createDataChannel('gate'));
      },
    });
  }

  #listen(channel: RTCDataChannel): void {
    const reader = new ChannelReader({
      levels: (levels) => this.emit('levels', levels),
      picture: (jpeg) => this.emit('picture', jpeg),
      pictureFault: (fault) => this.emit('pictureFault', { fault }),
    });
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => reader.take(data);
    channel.onopen = () => {
      if (this.#wantsPicture) this.picture(true);
    };
  }
}
