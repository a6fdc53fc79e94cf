// One sound track of the dome, playing: its microphone towards us, or our voice to its loudspeaker (the
// ONVIF backchannel).

import type { Clock } from '../../ports.ts';
import { Play } from '../../rtsp/play.ts';
import { RtspError } from '../../rtsp/reader.ts';
import type { MediaSource } from '../wire.ts';
import { type SoundTrack, soundTracks } from './tracks.ts';

export interface StreamOptions {
  readonly clock: Clock;
  readonly source: MediaSource;
  readonly isBackchannel: boolean;
  /** An RTP packet of the microphone. */
  readonly packet: (packet: Buffer) => void;
  readonly lost: (why: string) => void;
}

/** The dome has no such track, or none that we speak; asking again soon does not help. */
export class NoTrack extends RtspError {
  readonly isAbsent: boolean;

  constructor(message: string, isAbsent: boolean) {
    super(message);
    this.isAbsent = isAbsent;
  }
}

type Chosen = SoundTrack & { readonly codec: NonNullable<SoundTrack['codec']> };
export type Stream = Play<Chosen>;

/** Not opened; `open` throws `NoTrack` where the dome has none. */
export const soundStream = ({ isBackchannel, ...options }: StreamOptions): Stream =>
  new Play({
    ...options,
    headers: isBackchannel ? { Require: 'www.onvif.org/ver20/backchannel' } : {},
    choose: (sdp, base) => choose(soundTracks(sdp, base), isBackchannel),
  });

function choose(tracks: readonly SoundTrack[], isBackchannel: boolean): Chosen {
  const own = tracks.filter((track) => track.isBackchannel === isBackchannel);
  const track = own.find((one): one is Chosen => one.codec !== null);
  if (track) return track;
  const names = own.flatMap((one) => one.names);
  if (names.length > 0)
    throw new NoTrack(`its sound is ${names.join(', ')}; set it to G.711 (PCMU or PCMA)`, false);
  throw new NoTrack(isBackchannel ? 'it has no backchannel' : 'it has no microphone', true);
}
