// One RTSP session: the tracks a client has set up, playing or not. Video begins with a key frame.

import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../actuators.ts';
import type { Analytics } from '../analytics/analytics.ts';
import { decodeSound, type MicrophoneCodec, type SoundCodec, type Speaker } from '../sound.ts';
import type { AccessUnit, VideoStream } from '../video/stream.ts';
import type { Listening } from './listening.ts';
import type { Inlet, Outlet } from './outlet.ts';
import { payloadsOf, pieces, readRtp } from './packets.ts';
import { payloadTypes, type TrackName, tracks } from './sdp.ts';
import { type MediaClock, Sender } from './sender.ts';

/** What sessions are made of; one for all. */
export interface Studio {
  readonly listening: Listening;
  readonly microphone: MicrophoneCodec | null;
  readonly talk: readonly SoundCodec[];
  readonly speaker: Speaker;
  /** Null: none, and no metadata track. */
  readonly analytics: Analytics | null;
  readonly clock: MediaClock;
  /** TCP stays open, and nothing is said any more. */
  readonly hanging: () => boolean;
}

interface Channel {
  readonly outlet: Outlet;
  /** None where the client is the one that sends. */
  readonly sender: Sender | null;
  stop: () => void;
}

const reportEveryMs = 5000;

export class Session {
  readonly id = randomBytes(8).toString('hex');
  readonly stream: VideoStream;
  readonly channels = new Map<TrackName, Channel>();
  playing = false;
  /** CLOCK_MONOTONIC, milliseconds: the last sign of life of its client. */
  seenMs = monotonicMs();
  readonly #studio: Studio;
  #reports: NodeJS.Timeout | undefined;

  constructor(stream: VideoStream, studio: Studio) {
    this.stream = stream;
    this.#studio = studio;
  }

  /** What the client sends on a track. */
  inlet(track: TrackName): Inlet {
    return {
      rtp: (packet) => {
        this.seenMs = monotonicMs();
        if (track === 'talk') this.#hear(packet);
      },
      rtcp: () => {
        this.seenMs = monotonicMs();
      },
    };
  }

  add(track: TrackName, outlet: Outlet): void {
    this.channels.get(track)?.outlet.close();
    const { clock, microphone } = this.#studio;
    const isSound = track === 'audio' || track === 'talk';
    const type = payloadTypes[isSound ? (microphone ?? 'PCMU') : track];
    const rate = isSound ? 8000 : 90_000;
    const sender = track === 'talk' ? null : new Sender(outlet, { type, rate }, clock);
    if (track === 'talk') this.#studio.speaker.busy = true;
    this.channels.set(track, { outlet, sender, stop: () => {} });
  }

  /** `RTP-Info` for the answer: what comes next is not older than this. */
  info(base: string): string {
    return [...this.channels]
      .flatMap(([track, { sender }]) => {
        if (!sender) return [];
        const time = sender.timeOf(monotonicMs());
        return `url=${base}/${urlOf(track)};seq=${sender.sequence};rtptime=${time}`;
      })
      .join(',');
  }

  play(): void {
    if (this.playing) return;
    this.playing = true;
    for (const [track, channel] of this.channels) {
      const { sender } = channel;
      if (!sender) continue;
      if (track === 'video') channel.stop = this.#show(sender);
      else if (track === 'metadata') channel.stop = this.#tell(sender);
      else
        channel.stop = this.#studio.listening.listen((payload, atMs) => {
          if (!this.#studio.hanging()) sender.send([payload], atMs, false);
        });
    }
    this.#reports = setInterval(() => this.#report(), reportEveryMs);
  }

  pause(): void {
    this.playing = false;
    clearInterval(this.#reports);
    for (const channel of this.channels.values()) channel.stop();
  }

  /** `politely`: with a goodbye. */
  close({ politely = true } = {}): void {
    const wasPlaying = this.playing;
    this.pause();
    if (this.channels.has('talk')) this.#studio.speaker.busy = false;
    for (const { outlet, sender } of this.channels.values()) {
      if (politely && wasPlaying) sender?.goodbye();
      outlet.close();
    }
    this.channels.clear();
  }

  #show(sender: Sender): () => void {
    let begun = false;
    return this.stream.watch(({ codec, units, isKey, atMs }: AccessUnit) => {
      begun ||= isKey;
      if (!begun || this.#studio.hanging()) return;
      sender.send(
        units.flatMap((unit) => payloadsOf(codec, unit)),
        atMs,
        true,
      );
    });
  }

  #tell(sender: Sender): () => void {
    const tell = (document: string, takenMs: number) => {
      if (!this.#studio.hanging()) sender.send(pieces(Buffer.from(document)), takenMs, true);
    };
    return this.#studio.analytics?.listen(tell) ?? (() => {});
  }

  #report(): void {
    if (this.#studio.hanging()) return;
    for (const { sender } of this.channels.values()) sender?.report();
  }

  #hear(packet: Buffer): void {
    const rtp = readRtp(packet);
    const codec = this.#studio.talk.find((one) => payloadTypes[one] === rtp?.type);
    if (!rtp || !codec || !this.playing) return;
    const { sequence, time, payload } = rtp;
    this.#studio.speaker.take({ codec, sequence, time, pcm: decodeSound(codec, payload) });
  }
}

function urlOf(track: TrackName): string {
  return `trackID=${tracks.indexOf(track)}`;
}
