// The browser's peer connection behind the interface that sessions need. Addresses of STUN and TURN
// servers, and the short-lived password, are asked for at each offer.

import type { IceCandidate } from '../../../core/command.ts';
import type { Offer, Peer, PeerHooks } from '../peer.ts';

export interface Ice {
  readonly servers: readonly RTCIceServer[];
  /** Direct paths are forbidden. */
  readonly relayOnly?: boolean;
  /** What the terminal shall log in with at its own TURN servers. */
  readonly turn?: Offer['turn'];
}

/** Asked at each offer; the platform makes the credentials. */
export type IceSource = () => Promise<Ice>;

export interface ConnectionSetup {
  readonly ice: IceSource;
  readonly hooks: PeerHooks;
  /** Adds tracks and channels before the offer is made. */
  readonly prepare: (connection: RTCPeerConnection) => void;
}

export class Connection implements Peer {
  readonly #setup: ConnectionSetup;
  #connection: RTCPeerConnection | null = null;
  #closed = false;

  constructor(setup: ConnectionSetup) {
    this.#setup = setup;
  }

  async offer(): Promise<Offer> {
    const { ice, hooks, prepare } = this.#setup;
    const { servers, relayOnly = false, turn = null } = await ice();
    if (this.#closed) throw new Error('closed before it was opened');
    const connection = new RTCPeerConnection({
      iceServers: [...servers],
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    });
    this.#connection = connection;
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) hooks.candidate(null);
      else if (candidate.candidate !== '') hooks.candidate(wordOf(candidate));
    };
    connection.onconnectionstatechange = () => {
      const { connectionState: state } = connection;
      if (state === 'connected' || state === 'disconnected' || state === 'failed')
        hooks.state(state);
    };
    prepare(connection);
    await connection.setLocalDescription();
    return { sdp: connection.localDescription?.sdp ?? '', turn };
  }

  async answer(sdp: string): Promise<void> {
    await this.#connection?.setRemoteDescription({ type: 'answer', sdp });
  }

  async add(candidates: readonly (IceCandidate | null)[]): Promise<void> {
    for (const one of candidates) {
      if (this.#closed) return;
      if (one)
        await this.#connection?.addIceCandidate({ candidate: one.candidate, sdpMid: one.mid });
      else await this.#connection?.addIceCandidate();
    }
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }
}

const wordOf = ({ candidate, sdpMid }: RTCIceCandidate): IceCandidate => ({
  candidate,
  mid: sdpMid ?? '0',
});

/** Sound that has come, as a stream of its own: what an `<audio>` of Chromium was given empty it never
 * plays, whatever comes into it. */
export function soundOf({ receiver, track }: RTCTrackEvent): MediaStream {
  receiver.jitterBufferTarget = 0;
  return new MediaStream([track]);
}

/** Puts a picture that has come in the place of the one before: who shows the stream need not know. */
export function showInstead(stream: MediaStream, { receiver, track }: RTCTrackEvent): void {
  receiver.jitterBufferTarget = 0;
  for (const old of stream.getTracks()) stream.removeTrack(old);
  stream.addTrack(track);
}
