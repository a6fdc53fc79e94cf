// The part of @roamhq/wrtc that a call needs, as types of our own: its own speak of the browser's. Loaded
// here and nowhere else. A natural exit after any of its objects was made crashes the process (node-webrtc
// #636): whoever loads it ends by process.exit.

import type { IceServer } from '../wire.ts';

/** 10 ms of sound. A view of a larger buffer is refused by the library (WonderInventions/node-webrtc#19). */
export interface AudioData {
  readonly samples: Int16Array;
  /** Of a sink it changes while it runs, from 16 to 48 kHz as a rule. */
  readonly sampleRate: number;
  readonly bitsPerSample: number;
  readonly channelCount: number;
  readonly numberOfFrames: number;
}

export interface Track {
  readonly kind: string;
  stop(): void;
}

export interface AudioSource {
  createTrack(): Track;
  onData(data: AudioData): void;
}

export interface AudioSink {
  ondata: ((data: AudioData) => void) | null;
  stop(): void;
}

export interface DataChannel {
  readonly label: string;
  readonly readyState: string;
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  send(data: string | Uint8Array): void;
}

export interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
}

export interface PeerConnection {
  readonly connectionState: string;
  onicecandidate: ((event: { readonly candidate: Candidate | null }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  ontrack: ((event: { readonly track: Track }) => void) | null;
  ondatachannel: ((event: { readonly channel: DataChannel }) => void) | null;
  addTrack(track: Track): unknown;
  setRemoteDescription(description: Description): Promise<void>;
  setLocalDescription(description: Description): Promise<void>;
  createAnswer(): Promise<Description>;
  addIceCandidate(candidate: Candidate): Promise<void>;
  close(): void;
}

export interface Wrtc {
  readonly RTCPeerConnection: new (options: {
    readonly iceServers: readonly IceServer[];
  }) => PeerConnection;
  readonly nonstandard: {
    readonly RTCAudioSource: new () => AudioSource;
    readonly RTCAudioSink: new (track: Track) => AudioSink;
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function isWrtc(value: unknown): value is Wrtc {
  if (!isRecord(value) || !isRecord(value.nonstandard)) return false;
  const { RTCAudioSource, RTCAudioSink } = value.nonstandard;
  return [value.RTCPeerConnection, RTCAudioSource, RTCAudioSink].every(
    (one) => typeof one === 'function',
  );
}

export async function loadWrtc(): Promise<Wrtc> {
  const { default: loaded }: { readonly default: unknown } = await import('@roamhq/wrtc');
  if (!isWrtc(loaded)) throw new Error('@roamhq/wrtc is not what it was');
  return loaded;
}
