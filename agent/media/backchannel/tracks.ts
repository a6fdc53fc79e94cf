// The sound tracks of a dome, out of its SDP: its microphone, and what it takes for its loudspeaker.
// Directions are the client's (ONVIF Streaming Specification 5.3): `sendonly` is the backchannel.

import { addressOf, formatOf, sectionsOf } from '../../rtsp/sdp.ts';
import { type G711, g711Names } from './g711.ts';

export interface SoundTrack {
  readonly isBackchannel: boolean;
  /** Resolved against the stream's address. */
  readonly url: string;
  /** What it is in, as it calls it. */
  readonly names: readonly string[];
  /** Null: nothing that we speak. */
  readonly codec: { readonly name: G711; readonly type: number } | null;
}

export const soundTracks = (sdp: string, base: string): SoundTrack[] =>
  sectionsOf(sdp)
    .filter(({ media }) => media === 'audio')
    .map((section) => {
      const known = section.types.map((type) => ({
        type: Number(type),
        name: formatOf(section, type),
      }));
      const codec = known.flatMap(({ type, name }) => {
        const own = g711Names.find((one) => new RegExp(`^${one}/8000(/1)?$`, 'i').test(name));
        return own ? [{ name: own, type }] : [];
      })[0];
      return {
        isBackchannel: section.lines.includes('a=sendonly'),
        url: addressOf(section, base),
        names: known.map(({ name }) => name),
        codec: codec ?? null,
      };
    });
