// What of a browser's offer (SDP) we can serve: its H.264, and its G.711 and Opus where it wants sound.

export interface OfferedVideo {
  readonly mid: string;
  readonly payloadType: number;
  /** As `a=fmtp` has it. */
  readonly format: string;
}

export const soundCodecs = ['PCMU', 'PCMA', 'OPUS'] as const;
export type SoundCodec = (typeof soundCodecs)[number];

export interface OfferedSound {
  readonly mid: string;
  readonly payloadTypes: { readonly [codec in SoundCodec]?: number };
}

export interface Offered {
  readonly video: OfferedVideo;
  readonly sound: OfferedSound | null;
}

interface Section {
  readonly kind: string;
  readonly mid: string;
  /** The other side wants to receive. */
  readonly receives: boolean;
  /** Codec of each payload type, `H264/90000`. */
  readonly codecs: ReadonlyMap<number, string>;
  readonly formats: ReadonlyMap<number, string>;
}

const sectionsMax = 16;

/** Reads an offer. A text says why nothing of it can be served. */
export function readOffer(sdp: string): Offered | string {
  const sections = sdp
    .split(/^m=/m)
    .slice(1, 1 + sectionsMax)
    .map(sectionOf);
  const videos = sections.filter(({ kind, receives }) => kind === 'video' && receives);
  if (videos.length === 0) return 'the offer asks for no picture (a video line that receives)';
  const video = videos.map(bestH264).find((one) => one !== null);
  if (!video) return 'the offer has no H.264 with packetization-mode=1, and the picture is H.264';
  const sound = sections.filter(({ kind, receives }) => kind === 'audio' && receives).map(soundOf);
  return { video, sound: sound.find((one) => one !== null) ?? null };
}

function sectionOf(text: string): Section {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const [kind = '', port = '', , ...types] = first.split(' ');
  const value = (name: string) => lines.find((line) => line.startsWith(`a=${name}:`));
  const table = (name: string) =>
    new Map(
      lines.flatMap((line): [number, string][] => {
        const [, type = '', rest = ''] = /^a=\w+:(\d{1,3}) (.+)$/.exec(line) ?? [];
        return line.startsWith(`a=${name}:`) && types.includes(type) ? [[Number(type), rest]] : [];
      }),
    );
  const isOff = lines.includes('a=sendonly') || lines.includes('a=inactive') || port === '0';
  return {
    kind,
    mid: value('mid')?.slice('a=mid:'.length) ?? '',
    receives: !isOff,
    codecs: table('rtpmap'),
    formats: table('fmtp'),
  };
}

/** Constrained Baseline first: every browser has it, and it says nothing of what the dome sends. */
const profiles = [/^42[4-f]0/i, /^42/, /^4d/i, /^64/] as const;

function bestH264({ mid, codecs, formats }: Section): OfferedVideo | null {
  const all = [...codecs]
    .filter(([, codec]) => /^H264\/90000/i.test(codec))
    .map(([payloadType]) => ({ mid, payloadType, format: formats.get(payloadType) ?? '' }))
    .filter(({ format }) => /(^|;)\s*packetization-mode=1(;|$)/.test(format));
  const rank = ({ format }: OfferedVideo): number => {
    const profile = /profile-level-id=([0-9a-f]{6})/i.exec(format)?.[1] ?? '42001f';
    if (profile.toLowerCase() === '42e01f') return -1;
    const place = profiles.findIndex((pattern) => pattern.test(profile));
    return place < 0 ? profiles.length : place;
  };
  return all.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

const clocks: { readonly [C in SoundCodec]: number } = { PCMU: 8000, PCMA: 8000, OPUS: 48_000 };

function soundOf({ mid, codecs }: Section): OfferedSound | null {
  const found = soundCodecs.flatMap((name) => {
    const wanted = `${name}/${clocks[name]}`;
    const [type] = [...codecs].find(([, codec]) => codec.toUpperCase().startsWith(wanted)) ?? [];
    return type === undefined ? [] : [[name, type] as const];
  });
  return found.length === 0 ? null : { mid, payloadTypes: Object.fromEntries(found) };
}
