// One peer connection: from the offer to its end. Sound both ways from the start, so that opening a
// microphone never renegotiates; the caller's `gate` channel beside it. What comes waits in `voice`.

import type { Clock, SoundFrame } from '../../ports.ts';
import { Framer } from '../framer.ts';
import { frameRate, levelDb, Meter } from '../frames.ts';
import { frameSamples } from '../sound/frame.ts';
import type { MediaSaid, TalkWanted } from '../wire.ts';
import { Candidates } from './candidates.ts';
import { GateChannel } from './gate-channel.ts';
import { Level } from './level.ts';
import { narrowAnswer, narrowOffer } from './sdp.ts';
import { SoundQueue } from './sound-queue.ts';
import { Voice } from './voice.ts';
import type { AudioSink, AudioSource, PeerConnection, Track, Wrtc } from './wrtc.ts';

export type WantedCall = TalkWanted['sessions'][number];

export interface CallOptions {
  readonly wrtc: Wrtc;
  readonly clock: Clock;
  readonly wanted: WantedCall;
  readonly say: (message: MediaSaid) => void;
  /** It has ended by itself, and has said so. */
  readonly ended: () => void;
}

/** The network may come back (a roaming client's does in 3 s); the library itself gives up after 17 s. */
const disconnectedMs = 8_000;
/** A caller who hangs up says so by signalling as well; that word goes before ours. */
const goneMs = 1_000;

export class Call {
  readonly #options: CallOptions;
  /** What the caller says, in frames, at the level of all callers. */
  readonly voice = new SoundQueue();
  readonly channel = new GateChannel();
  readonly meter = new Meter();
  readonly #detector = new Voice();
  readonly #level = new Level();
  readonly #candidates: Candidates;
  readonly #peer: PeerConnection;
  readonly #source: AudioSource;
  readonly #tracks: Track[] = [];
  #sink: AudioSink | null = null;
  #wanted: WantedCall;
  #isDescribed = false;
  #isEnded = false;
  #taken = 0;
  #isConnected = false;
  #isSpeaking = false;
  #cancel: () => void = () => undefined;
  readonly #heard = new Set<'room' | 'caller'>();

  constructor(options: CallOptions) {
    const { wrtc, clock, wanted, say } = options;
    this.#options = options;
    this.#wanted = wanted;
    this.#peer = new wrtc.RTCPeerConnection({ iceServers: wanted.iceServers });
    this.#source = new wrtc.nonstandard.RTCAudioSource();
    this.#candidates = new Candidates(clock, (candidates) =>
      say({ t: 'gathered', session: wanted.id, candidates }),
    );
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  open(): void {
    const peer = this.#peer;
    peer.ontrack = ({ track }) => this.#listen(track);
    peer.onconnectionstatechange = () => this.#changed();
    peer.ondatachannel = ({ channel }) =>
      this.channel.take(channel, () => this.#endAfter(goneMs, 'the caller has hung up'));
    peer.onicecandidate = ({ candidate }) => {
      if (!candidate) this.#candidates.add(null);
      else if (candidate.candidate !== '')
        this.#candidates.add({ candidate: candidate.candidate, mid: candidate.sdpMid ?? '' });
    };
    this.#answer().catch((error: unknown) => this.#end('refused', reasonOf(error)));
  }

  /** More of the caller's candidates. */
  want(wanted: WantedCall): void {
    this.#wanted = wanted;
    if (this.#isDescribed && !this.#isEnded) this.#takeCandidates();
  }

  /** 10 ms for the caller; the frame is given away. */
  play(samples: SoundFrame): void {
    if (this.#isEnded) return;
    this.#source.onData({
      samples,
      ...{ sampleRate: frameRate, bitsPerSample: 16, channelCount: 1 },
      numberOfFrames: frameSamples,
    });
  }

  /** Told once for each side. */
  heard(from: 'room' | 'caller'): void {
    if (this.#heard.has(from)) return;
    this.#heard.add(from);
    this.#say({ t: 'heard', session: this.#id, from });
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isConnected = false;
    this.#cancel();
    this.#candidates.close();
    this.channel.close();
    this.#sink?.stop();
    for (const track of this.#tracks) track.stop();
    const peer = this.#peer;
    peer.ontrack = null;
    peer.ondatachannel = null;
    peer.onicecandidate = null;
    peer.onconnectionstatechange = null;
    peer.close();
  }

  get #id(): string {
    return this.#options.wanted.id;
  }

  async #answer(): Promise<void> {
    const peer = this.#peer;
    await peer.setRemoteDescription({ type: 'offer', sdp: narrowOffer(this.#wanted.sdp) });
    if (this.#isEnded) return;
    const track = this.#source.createTrack();
    this.#tracks.push(track);
    peer.addTrack(track);
    const { sdp } = await peer.createAnswer();
    if (this.#isEnded) return;
    const answer = narrowAnswer(sdp);
    // Said first: a candidate that comes before its answer is of no use to the caller.
    this.#say({ t: 'answered', session: this.#id, sdp: answer });
    await peer.setLocalDescription({ type: 'answer', sdp: answer });
    this.#isDescribed = true;
    if (!this.#isEnded) this.#takeCandidates();
  }

  /** A candidate before the offer is an error, so they wait; null says that there are no more. */
  #takeCandidates(): void {
    const { candidates } = this.#wanted;
    for (; this.#taken < candidates.length; this.#taken++) {
      const one = candidates[this.#taken];
      if (one) this.#add({ candidate: one.candidate, sdpMid: one.mid });
    }
  }

  #listen(track: Track): void {
    if (track.kind !== 'audio' || this.#sink || this.#isEnded) return;
    this.#tracks.push(track);
    const sink = new this.#options.wrtc.nonstandard.RTCAudioSink(track);
    this.#sink = sink;
    const framer = new Framer((frame) => this.#spoken(frame));
    sink.ondata = ({ samples, sampleRate, channelCount }) =>
      framer.push(samples, sampleRate, channelCount);
  }

  #spoken(frame: SoundFrame): void {
    if (!this.#isConnected) return;
    const db = levelDb(frame);
    this.meter.take(db);
    this.#isSpeaking = this.#detector.take(db);
    if (this.#isSpeaking) this.heard('caller');
    this.voice.push(this.#level.take(frame, this.#isSpeaking));
  }

  #changed(): void {
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#cancel();
        if (this.#isConnected) return;
        this.#isConnected = true;
        return this.#say({ t: 'connected', session: this.#id });
      case 'disconnected':
        return this.#endAfter(disconnectedMs, 'the way to the caller is interrupted');
      case 'failed':
      case 'closed':
        return this.#end('lost', 'there is no way to the caller');
    }
  }

  #add(candidate: { readonly candidate: string; readonly sdpMid: string }): void {
    this.#peer
      .addIceCandidate(candidate)
      .catch((error: unknown) => console.error(`${this.#id}: a candidate: ${reasonOf(error)}`));
  }

  #endAfter(delayMs: number, why: string): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(delayMs, () => this.#end('lost', why));
  }

  #end(reason: 'lost' | 'refused', detail: string): void {
    if (this.#isEnded) return;
    this.close();
    this.#say({ t: 'closed', session: this.#id, reason, detail: detail.slice(0, 500) });
    this.#options.ended();
  }

  #say(message: MediaSaid): void {
    this.#options.say(message);
  }
}

/** One line: the library quotes what it could not read. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/\r?\n/)[0] ?? '';
