// The sound tracks of a dome, out of its SDP: its microphone, and what it takes for its loudspeaker.
// Directions are the client's (ONVIF Streaming Specification 5.3): `sendonly` is the backchannel.

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

const staticTypes: { readonly [type: string]: string } = { '0': 'PCMU/8000', '8': 'PCMA/8000' };

export function soundTracks(sdp: string, base: string): SoundTrack[] {
  const sections = sdp.split(/\r?\n(?=m=)/).map((section) => section.split(/\r?\n/));
  return sections.flatMap((lines): SoundTrack[] => {
    const types = /^m=audio \d+(?:\/\d+)? \S+ (.+)$/
      .exec(lines[0] ?? '')?.[1]
      ?.trim()
      .split(/\s+/);
    if (!types) return [];
    const known = types.map((type) => ({ type: Number(type), name: nameOf(lines, type) }));
    const codec = known.flatMap(({ type, name }) => {
      const own = g711Names.find((one) => new RegExp(`^${one}/8000(/1)?$`, 'i').test(name));
      return own ? [{ name: own, type }] : [];
    })[0];
    const control = attribute(lines, 'control') ?? '';
    return [
      {
        isBackchannel: lines.includes('a=sendonly'),
        url: resolved(control, base),
        names: known.map(({ name }) => name),
        codec: codec ?? null,
      },
    ];
  });
}

function nameOf(lines: readonly string[], type: string): string {
  const map = lines.find((line) => line.startsWith(`a=rtpmap:${type} `));
  return map?.slice(map.indexOf(' ') + 1).trim() ?? staticTypes[type] ?? `type ${type}`;
}

const attribute = (lines: readonly string[], name: string): string | undefined =>
  lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);

/** As cameras and players do it: the control's name is put behind the base, whatever stands there. */
function resolved(control: string, base: string): string {
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (control === '' || control === '*') return base;
  return `${base.replace(/\/$/, '')}/${control}`;
}
