// What DESCRIBE answers: the tracks of a stream, and how their codecs are set.

import type { MicrophoneCodec, SoundCodec } from '../sound.ts';
import { framesPerSecond, type StreamSettings } from '../video/stream.ts';
import { aacFormat } from './aac.ts';

export const tracks = ['video', 'audio', 'talk', 'metadata'] as const;
export type TrackName = (typeof tracks)[number];

export const payloadTypes = { PCMU: 0, PCMA: 8, AAC: 97, video: 96, metadata: 107 } as const;

export interface Description {
  readonly settings: StreamSettings;
  readonly parameterSets: readonly Buffer[];
  /** Null: no microphone. */
  readonly microphone: MicrophoneCodec | null;
  /** Codecs of the loudspeaker; empty: not told. */
  readonly talk: readonly SoundCodec[];
  /** It tells what its analytics see. */
  readonly metadata: boolean;
}

function format({ settings, parameterSets }: Description): string {
  const encoded = parameterSets.map((unit) => unit.toString('base64'));
  if (settings.codec === 'h265') {
    const [vps, sps, pps] = encoded;
    return `sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`;
  }
  const level = parameterSets[0]?.toString('hex', 1, 4).toUpperCase();
  return `packetization-mode=1;profile-level-id=${level};sprop-parameter-sets=${encoded.join(',')}`;
}

const sound = (codec: SoundCodec): string => `a=rtpmap:${payloadTypes[codec]} ${codec}/8000`;
const heard = (codec: MicrophoneCodec): string[] =>
  codec === 'AAC'
    ? [
        `a=rtpmap:${payloadTypes.AAC} MPEG4-GENERIC/8000/1`,
        `a=fmtp:${payloadTypes.AAC} ${aacFormat}`,
      ]
    : [sound(codec)];

function media(name: TrackName, types: string, direction: string, lines: string[]): string[] {
  const kind = { video: 'video', audio: 'audio', talk: 'audio', metadata: 'application' }[name];
  const control = `a=control:trackID=${tracks.indexOf(name)}`;
  return [`m=${kind} 0 RTP/AVP ${types}`, ...lines, `a=${direction}`, control];
}

export function writeDescription(description: Description): string {
  const { settings, microphone, talk, metadata } = description;
  const name = settings.codec === 'h265' ? 'H265' : 'H264';
  const lines = [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=sim dome', 'c=IN IP4 0.0.0.0', 't=0 0'],
    ...['a=control:*', 'a=range:npt=now-'],
    ...media('video', `${payloadTypes.video}`, 'recvonly', [
      `b=AS:${settings.kbps}`,
      `a=rtpmap:${payloadTypes.video} ${name}/90000`,
      `a=fmtp:${payloadTypes.video} ${format(description)}`,
      `a=framerate:${framesPerSecond}`,
    ]),
  ];
  if (microphone)
    lines.push(...media('audio', `${payloadTypes[microphone]}`, 'recvonly', heard(microphone)));
  if (talk.length > 0) {
    const types = talk.map((codec) => payloadTypes[codec]).join(' ');
    lines.push(...media('talk', types, 'sendonly', talk.map(sound)));
  }
  if (metadata) {
    const { metadata: type } = payloadTypes;
    const map = [`a=rtpmap:${type} vnd.onvif.metadata/90000`];
    lines.push(...media('metadata', `${type}`, 'recvonly', map));
  }
  return `${lines.join('\r\n')}\r\n`;
}
