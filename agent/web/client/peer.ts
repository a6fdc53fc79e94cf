// What a session needs of a peer connection: the browser's (rtc/connection.ts), or a test's.

import type { IceCandidate } from '../../core/command.ts';

export interface Offer {
  readonly sdp: string;
  /** For the terminal's own TURN servers; short-lived. */
  readonly turn: { readonly username: string; readonly credential: string } | null;
}

export interface Peer {
  /** Makes the offer; candidates are told from then on. */
  offer(): Promise<Offer>;
  answer(sdp: string): Promise<void>;
  /** After the answer. */
  add(candidates: readonly (IceCandidate | null)[]): Promise<void>;
  close(): void;
}

export type PeerState = 'connected' | 'disconnected' | 'failed';

export interface PeerHooks {
  /** A way to us; null: there are no more. */
  candidate(candidate: IceCandidate | null): void;
  state(state: PeerState): void;
}

export type PeerMaker = (hooks: PeerHooks) => Peer;
