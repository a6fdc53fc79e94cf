// The simulated dome's media profiles and their configurations, in the words of both media services.

import { type Element, escapeText } from '../envelope.ts';
import type { Inside, StreamName } from '../services.ts';
import { framesPerSecond } from '../video/stream.ts';
import { argument, invalid, tt } from './support.ts';

/** Media profiles with a picture, in the order in which they are told. */
export const profilesOf = ({
  abilities: { tokens },
}: Inside): [token: string, name: StreamName][] => [
  [tokens.main, 'main'],
  [tokens.sub, 'sub'],
];

/** Of the profile that a request names. */
export function streamOf(request: Element, inside: Inside): StreamName {
  const token = argument(request, 'ProfileToken');
  const stream = profilesOf(inside).find(([one]) => one === token)?.[1];
  if (!stream) throw invalid('NoProfile', `no profile ${token} with a picture`);
  return stream;
}

export const snapshotPath = (stream: StreamName): string => `/snapshot/${stream}.jpg`;

export interface Configuration {
  readonly token: string;
  readonly inner: string;
  /** Of the element, beside the token. */
  readonly attributes?: string;
}

const named = (name: string, useCount: number): string =>
  tt('Name', name) + tt('UseCount', useCount);

export const videoSource = ({ stream, abilities }: Inside): Configuration => {
  const { width, height } = stream('main');
  const bounds = `<tt:Bounds x="0" y="0" width="${width}" height="${height}"/>`;
  const inner = named('vs', 2) + tt('SourceToken', escapeText(abilities.tokens.source)) + bounds;
  return { token: 'VSC_1', inner };
};

const encodings = { h264: 'H264', h265: 'H265' } as const;

const resolution = ({ width, height }: { readonly width: number; readonly height: number }) =>
  tt('Resolution', tt('Width', width) + tt('Height', height));

const multicast = tt(
  'Multicast',
  tt('Address', tt('Type', 'IPv4') + tt('IPv4Address', '0.0.0.0')) +
    tt('Port', 0) +
    tt('TTL', 1) +
    tt('AutoStart', 'false'),
);

const encoderToken = (name: StreamName): string => (name === 'main' ? 'VEC_1' : 'VEC_2');

/** As the first media service tells it, which has no word for H.265 and tells it all the same. */
export const videoEncoder = ({ stream }: Inside, name: StreamName): Configuration => {
  const { codec, gopSeconds, kbps, ...size } = stream(name);
  const rate =
    tt('FrameRateLimit', framesPerSecond) + tt('EncodingInterval', 1) + tt('BitrateLimit', kbps);
  const group = tt('GovLength', gopSeconds * framesPerSecond) + tt('H264Profile', 'Baseline');
  const inner =
    named(name, 1) +
    tt('Encoding', encodings[codec]) +
    resolution(size) +
    tt('Quality', 5) +
    tt('RateControl', rate) +
    (codec === 'h264' ? tt('H264', group) : '') +
    multicast +
    tt('SessionTimeout', 'PT60S');
  return { token: encoderToken(name), inner };
};

/** As Media2 tells it. */
export const videoEncoder2 = ({ stream }: Inside, name: StreamName): Configuration => {
  const { codec, gopSeconds, kbps, ...size } = stream(name);
  const rate = tt('FrameRateLimit', framesPerSecond) + tt('BitrateLimit', kbps);
  const inner =
    named(name, 1) +
    tt('Encoding', encodings[codec]) +
    resolution(size) +
    tt('RateControl', rate, 'ConstantBitRate="false"') +
    tt('Quality', 5);
  const profile = codec === 'h264' ? 'Baseline' : 'Main';
  const attributes = `GovLength="${gopSeconds * framesPerSecond}" Profile="${profile}"`;
  return { token: encoderToken(name), inner, attributes };
};

export const audioSource: Configuration = {
  token: 'ASC_1',
  inner: named('as', 2) + tt('SourceToken', 'AudioSource_1'),
};

/** Media2 says PCMU and PCMA, the first media service G711. */
export const audioEncoder = (encoding: string): Configuration => ({
  token: 'AEC_1',
  inner:
    named('ae', 2) +
    tt('Encoding', encoding) +
    tt('Bitrate', 64) +
    tt('SampleRate', 8) +
    multicast +
    tt('SessionTimeout', 'PT60S'),
});

export const audioOutput: Configuration = {
  token: 'AOC_1',
  inner:
    named('ao', 2) +
    tt('OutputToken', 'AudioOutput_1') +
    tt('SendPrimacy', 'www.onvif.org/ver20/HalfDuplex/Server') +
    tt('OutputLevel', 50),
};

/** What its analytics see comes beside the picture. */
export const metadata: Configuration = {
  token: 'MDC_1',
  inner: named('md', 2) + tt('Analytics', 'true') + multicast + tt('SessionTimeout', 'PT60S'),
};

export const audioDecoder: Configuration = { token: 'ADC_1', inner: named('ad', 2) };
