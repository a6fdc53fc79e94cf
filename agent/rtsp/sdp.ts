// What of an SDP finds a track (RFC 4566): its sections, their formats, and where each is asked for.

export interface Section {
  /** `audio`, `video`, `application`. */
  readonly media: string;
  readonly types: readonly string[];
  readonly lines: readonly string[];
}

const staticTypes: { readonly [type: string]: string } = { '0': 'PCMU/8000', '8': 'PCMA/8000' };

export function sectionsOf(sdp: string): Section[] {
  const sections = sdp.split(/\r?\n(?=m=)/).map((section) => section.split(/\r?\n/));
  return sections.flatMap((lines): Section[] => {
    const found = /^m=(\w+) \d+(?:\/\d+)? \S+ (.+)$/.exec(lines[0] ?? '');
    const [, media = '', types = ''] = found ?? [];
    return found ? [{ media, types: types.trim().split(/\s+/), lines }] : [];
  });
}

/** As its `rtpmap` calls a format: `PCMU/8000`. */
export function formatOf({ lines }: Section, type: string): string {
  const map = lines.find((line) => line.startsWith(`a=rtpmap:${type} `));
  return map?.slice(map.indexOf(' ') + 1).trim() ?? staticTypes[type] ?? `type ${type}`;
}

/** Address of a track. As cameras and players do it: the control's name is put behind the base, whatever
 * stands there. */
export function addressOf({ lines }: Section, base: string): string {
  const control = lines.find((line) => line.startsWith('a=control:'))?.slice(10) ?? '';
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (control === '' || control === '*') return base;
  return `${base.replace(/\/$/, '')}/${control}`;
}
