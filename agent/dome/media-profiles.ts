// The media profiles of a dome: as Media2 tells them, where it has that service and it works, else as the
// first media service does. Only Media2 has words for H.265, and some domes have nothing else.

import { asDomeError } from './error.ts';
import type { Operation } from './operations.ts';
import type { CallOptions, SoapClient } from './soap.ts';
import { all, at, escapeXml, text, type XmlNode } from './xml.ts';

export const mediaServices = ['media2', 'media'] as const;
export type MediaService = (typeof mediaServices)[number];

export interface MediaProfile {
  readonly token: string;
  /** Who has told it, and is asked for its streams; the token is the same with both. */
  readonly service: MediaService;
  /** It can move the dome. */
  readonly moves: boolean;
  /** `H264`, `H265`, `JPEG` ..; null: it has no picture. */
  readonly encoding: string | null;
  readonly pixels: number;
  /** Token of the video source. */
  readonly source: string | null;
  /** What its analytics see comes beside the picture. */
  readonly metadata: boolean;
}

/** Of a profile: null where it has no such configuration. */
interface Parts {
  readonly source: XmlNode | null;
  readonly encoder: XmlNode | null;
  readonly ptz: XmlNode | null;
  readonly metadata: XmlNode | null;
}

const profilesIn = (reply: XmlNode, service: MediaService, partsOf: (one: XmlNode) => Parts) =>
  all(reply, 'Profiles').flatMap((one): MediaProfile[] => {
    const token = text(one, '@token');
    if (token === null) return [];
    const { source, encoder, ptz, metadata } = partsOf(one);
    const side = (name: string) => Number(text(encoder, 'Resolution', name) ?? 0);
    const encoding = text(encoder, 'Encoding');
    return [
      {
        ...{ token, service, moves: ptz !== null, encoding, metadata: metadata !== null },
        pixels: side('Width') * side('Height') || 0,
        source: text(source, 'SourceToken'),
      },
    ];
  });

export const getProfiles: {
  readonly [S in MediaService]: Operation<null, readonly MediaProfile[]>;
} = {
  media2: {
    name: 'GetProfiles',
    service: 'media2',
    body: () => '<n:Type>All</n:Type>',
    read: (reply) =>
      profilesIn(reply, 'media2', (one) => ({
        source: at(one, 'Configurations', 'VideoSource'),
        encoder: at(one, 'Configurations', 'VideoEncoder'),
        ptz: at(one, 'Configurations', 'PTZ'),
        metadata: at(one, 'Configurations', 'Metadata'),
      })),
  },
  media: {
    name: 'GetProfiles',
    service: 'media',
    body: () => '',
    read: (reply) =>
      profilesIn(reply, 'media', (one) => ({
        source: at(one, 'VideoSourceConfiguration'),
        encoder: at(one, 'VideoEncoderConfiguration'),
        ptz: at(one, 'PTZConfiguration'),
        metadata: at(one, 'MetadataConfiguration'),
      })),
  },
};

/** What says that a service is not there, or not now, while the dome is. */
export const declines: readonly string[] = ['fault', 'wrong-reply', 'http'];

/** Rejects with a `DomeError` where the dome is away, or has no media service that answers. */
export async function askProfiles(
  soap: SoapClient,
  options: CallOptions,
): Promise<readonly MediaProfile[]> {
  if (!soap.knows('media2')) return soap.call(getProfiles.media, null, options);
  try {
    const told = await soap.call(getProfiles.media2, null, options);
    if (told.some(({ encoding }) => encoding !== null)) return told;
  } catch (error) {
    if (!declines.includes(asDomeError(error).kind)) throw error;
  }
  return soap.call(getProfiles.media, null, options);
}

// ---- of one profile -----------------------------------------------------------------------------

type Of = { readonly profile: string };
const schema = 'xmlns:t="http://www.onvif.org/ver10/schema"';
const ofProfile = ({ profile }: Of): string =>
  `<n:ProfileToken>${escapeXml(profile)}</n:ProfileToken>`;

type Asking<R> = { readonly [S in MediaService]: Operation<Of, R> };

/** RTSP, over TCP in the end. */
export const getStreamUri: Asking<string | null> = {
  media2: {
    name: 'GetStreamUri',
    service: 'media2',
    body: (of) => `<n:Protocol>RTSP</n:Protocol>${ofProfile(of)}`,
    read: (reply) => text(reply, 'Uri'),
  },
  media: {
    name: 'GetStreamUri',
    service: 'media',
    body: (of) =>
      `<n:StreamSetup ${schema}><t:Stream>RTP-Unicast</t:Stream>` +
      `<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></n:StreamSetup>${ofProfile(of)}`,
    read: (reply) => text(reply, 'MediaUri', 'Uri'),
  },
};

export const getSnapshotUri: Asking<string | null> = {
  media2: {
    name: 'GetSnapshotUri',
    service: 'media2',
    body: ofProfile,
    read: (reply) => text(reply, 'Uri'),
  },
  media: {
    name: 'GetSnapshotUri',
    service: 'media',
    body: ofProfile,
    read: (reply) => text(reply, 'MediaUri', 'Uri'),
  },
};

const synchronise = (service: MediaService): Operation<Of, null> => ({
  name: 'SetSynchronizationPoint',
  service,
  body: ofProfile,
  read: () => null,
});

/** The next picture shall be a key picture. */
export const setSynchronizationPoint: Asking<null> = {
  media2: synchronise('media2'),
  media: synchronise('media'),
};

/** Asks the service that told the profile, then the other one where there is one: many have `GetSnapshotUri`
 * in one of them alone. Null: neither knows. Rejects where the dome is away. */
export async function askOf<R>(
  soap: SoapClient,
  asking: Asking<R | null>,
  { token, service }: MediaProfile,
  options: CallOptions,
): Promise<R | null> {
  const others = mediaServices.filter((one) => one !== service && soap.knows(one));
  for (const one of [service, ...others]) {
    try {
      const told = await soap.call(asking[one], { profile: token }, options);
      if (told !== null) return told;
    } catch (error) {
      if (!declines.includes(asDomeError(error).kind)) throw error;
    }
  }
  return null;
}
