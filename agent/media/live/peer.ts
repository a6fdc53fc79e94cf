// One peer connection of node-datachannel: answers an offer, passes packets on, tells what comes back.
// The library rewrites nothing, so SSRC and payload type are put into the answer by us. An exception in
// one of its callbacks would abort the process without a word: each is caught and thrown again outside.

import { randomInt } from 'node:crypto';
import type { MediaHandler, PeerConnection, Track } from 'node-datachannel';
import type { Clock } from '../../ports.ts';
import type { IceServer, LiveWanted, MediaSaid } from '../wire.ts';
import { iceServersOf } from './ice.ts';
import type { Offered } from './offer.ts';
import { lower32 } from './rtp.ts';

export type Library = typeof import('node-datachannel');
type Candidate = LiveWanted['sessions'][number]['candidates'][number];
type OwnCandidates = Extract<MediaSaid, { t: 'gathered' }>['candidates'];

export interface PeerOptions {
  readonly library: Library;
  readonly clock: Clock;
  readonly name: string;
  readonly iceServers: readonly IceServer[];
  readonly answered: (sdp: string) => void;
  readonly gathered: (candidates: OwnCandidates) => void;
  /** Packets can go. */
  readonly open: () => void;
  readonly rtcp: (bytes: Buffer) => void;
  readonly lost: (detail: string) => void;
}

/** A track of ours, and how its sender reports are told the time. */
export interface Outlet {
  readonly ssrc: number;
  readonly payloadType: number;
  send(packet: Buffer, timestamp: number): void;
}

const batch = { everyMs: 50, most: 20 } as const;
const candidatesMax = 40;
/** Packets kept for a viewer who has missed some: two seconds of a usual picture. */
const keptPackets = 512;
const cname = 'gate';
/** One channel, as the feed codes it. */
const opusFormat = 'minptime=10;stereo=0;sprop-stereo=0';

export class Peer {
  readonly #options: PeerOptions;
  readonly #connection: PeerConnection;
  /** What the library does not keep alive by itself. */
  readonly #reporters = new Map<Track, MediaHandler>();
  #found: OwnCandidates = [];
  #foundCount = 0;
  #cancel: (() => void) | null = null;
  #isClosed = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    const { library, name, iceServers } = options;
    this.#connection = new library.PeerConnection(name, {
      iceServers: iceServersOf(iceServers),
      disableAutoNegotiation: true,
    });
  }

  /** Puts the tracks into the answer. */
  video({ video }: Offered): Outlet {
    const { library } = this.#options;
    const media = new library.Video(video.mid, 'SendOnly');
    media.addH264Codec(video.payloadType, video.format);
    const ssrc = newSsrc();
    media.addSSRC(ssrc, cname, 'picture', 'picture');
    const track = this.#connection.addTrack(media);
    track.onOpen(this.#guarded(() => this.#options.open()));
    track.onMessage(this.#guarded((bytes: Buffer) => this.#options.rtcp(bytes)));
    const nack = new library.RtcpNackResponder(keptPackets);
    return this.#outlet(track, { ssrc, payloadType: video.payloadType, clockRate: 90_000, nack });
  }

  /** One outlet for each of its payload types. */
  sound(sound: NonNullable<Offered['sound']>): { readonly [codec: string]: Outlet } {
    const { library } = this.#options;
    const media = new library.Audio(sound.mid, 'SendOnly');
    const types = Object.entries(sound.payloadTypes);
    for (const [codec, payloadType] of types)
      if (codec === 'OPUS') media.addOpusCodec(payloadType, opusFormat);
      else media.addAudioCodec(payloadType, codec);
    const ssrc = newSsrc();
    media.addSSRC(ssrc, cname, 'sound', 'sound');
    const track = this.#connection.addTrack(media);
    track.onMessage(this.#guarded(() => undefined));
    const outlets = types.map(([codec, payloadType]) => {
      const clockRate = codec === 'OPUS' ? 48_000 : 8_000;
      const clocked = { ssrc, payloadType, clockRate, nack: null };
      return [codec, this.#outlet(track, clocked)] as const;
    });
    return Object.fromEntries(outlets);
  }

  /** Throws what the library does not like about the offer. */
  answer(offer: string): void {
    const { answered, lost } = this.#options;
    const connection = this.#connection;
    connection.onLocalDescription(this.#guarded((sdp) => answered(sdp)));
    connection.onLocalCandidate(
      this.#guarded((candidate: string, mid: string) =>
        this.#gather({ candidate: candidate.replace(/^a=/, ''), mid }),
      ),
    );
    connection.onGatheringStateChange(
      this.#guarded((state) => {
        if (state === 'complete') this.#gather(null);
      }),
    );
    connection.onStateChange(
      this.#guarded((state) => {
        if (state === 'failed') lost('no way to the viewer was found, or it was lost');
        if (state === 'closed') lost('the viewer has closed the connection');
      }),
    );
    connection.setRemoteDescription(offer, 'offer');
    connection.setLocalDescription('answer');
  }

  /** To be called after `answer`. Null, the end of them, is of no interest to the library. Returns how
   * many it cannot read. */
  add(candidates: readonly Candidate[]): number {
    let unread = 0;
    for (const one of candidates) {
      if (one === null) continue;
      try {
        this.#connection.addRemoteCandidate(one.candidate, one.mid);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        unread++;
      }
    }
    return unread;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#connection.close();
    this.#reporters.clear();
  }

  #outlet(
    track: Track,
    {
      ssrc,
      payloadType,
      clockRate,
      nack,
    }: Omit<Outlet, 'send'> & {
      readonly clockRate: number;
      readonly nack: MediaHandler | null;
    },
  ): Outlet {
    const { RtpPacketizationConfig, RtcpSrReporter } = this.#options.library;
    const config = new RtpPacketizationConfig(ssrc, cname, payloadType, clockRate);
    const reporter = new RtcpSrReporter(config);
    if (nack) reporter.addToChain(nack);
    // Of several outlets of a track the one that sends reports.
    const report = () => {
      if (this.#reporters.get(track) === reporter) return;
      this.#reporters.set(track, reporter);
      track.setMediaHandler(reporter);
    };
    report();
    const send = (packet: Buffer, timestamp: number): void => {
      if (this.#isClosed || !track.isOpen()) return;
      report();
      config.timestamp = lower32(timestamp);
      track.sendMessageBinary(packet);
    };
    return { ssrc, payloadType, send };
  }

  #gather(candidate: OwnCandidates[number]): void {
    if (++this.#foundCount > candidatesMax && candidate !== null) return;
    this.#found.push(candidate);
    if (this.#found.length >= batch.most || candidate === null) return this.#tell();
    this.#cancel ??= this.#options.clock.after(batch.everyMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#found.length > 0) this.#options.gathered(this.#found);
    this.#found = [];
  }

  #guarded<A extends readonly unknown[]>(call: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      if (this.#isClosed) return;
      try {
        call(...args);
      } catch (error) {
        this.#options.clock.after(0, () => {
          throw error;
        });
      }
    };
  }
}

const newSsrc = (): number => randomInt(1, 2 ** 32 - 1);
