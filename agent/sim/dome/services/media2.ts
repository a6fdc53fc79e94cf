// Media2 of the simulated dome: the same profiles as the first media service tells, in its own words.

import { escapeText } from '../envelope.ts';
import type { Inside } from '../services.ts';
import {
  audioDecoder,
  audioEncoder,
  audioOutput,
  audioSource,
  type Configuration,
  metadata,
  profilesOf,
  snapshotPath,
  streamOf,
  videoEncoder2,
  videoSource,
} from './configurations.ts';
import { configuration as ptzConfiguration } from './ptz.ts';
import { argument, type Handler, invalid, tt, unknown } from './support.ts';

const part = (name: string, { token, inner, attributes = '' }: Configuration): string =>
  `<tr2:${name} token="${token}"${attributes && ` ${attributes}`}>${inner}</tr2:${name}>`;

function configurations(name: 'main' | 'sub', types: readonly string[], inside: Inside): string {
  const { microphone, talk } = inside;
  const { tokens, offers } = inside.abilities;
  const moves = offers.includes('ptz');
  const parts: [type: string, configuration: Configuration | null][] = [
    ['VideoSource', videoSource(inside)],
    ['AudioSource', microphone && audioSource],
    ['VideoEncoder', videoEncoder2(inside, name)],
    ['AudioEncoder', microphone && audioEncoder(microphone === 'AAC' ? 'MP4A-LATM' : microphone)],
    ['PTZ', moves ? { token: tokens.ptz, inner: ptzConfiguration(inside) } : null],
    ['Metadata', inside.analytics && metadata],
    ['AudioOutput', talk.length > 0 ? audioOutput : null],
    ['AudioDecoder', talk.length > 0 ? audioDecoder : null],
  ];
  const told = parts.flatMap(([type, one]) =>
    one && (types.includes('All') || types.includes(type)) ? part(type, one) : [],
  );
  return `<tr2:Configurations>${told.join('')}</tr2:Configurations>`;
}

const profile = (token: string, name: string, inner: string): string =>
  `<tr2:Profiles token="${escapeText(token)}" fixed="true"><tr2:Name>${name}</tr2:Name>` +
  `${inner}</tr2:Profiles>`;

export const media2: { readonly [operation: string]: Handler } = {
  GetServiceCapabilities: () =>
    '<tr2:Capabilities SnapshotUri="true"><tr2:ProfileCapabilities MaximumNumberOfProfiles="3"/>' +
    '<tr2:StreamingCapabilities RTSPStreaming="true" RTPMulticast="false" RTP_RTSP_TCP="true"/>' +
    '</tr2:Capabilities>',
  GetProfiles: (request, inside) => {
    const of = (name: string) =>
      request.children.filter((one) => one.name === name).map((one) => one.text);
    const types = of('Type');
    const [wanted] = of('Token');
    const { tokens, stillFirst, media2Broken } = inside.abilities;
    if (media2Broken) throw unknown('GetProfiles');
    const none = types.length ? '<tr2:Configurations/>' : '';
    const still = [{ token: tokens.still, name: 'snapshot', inner: none }];
    const pictures = profilesOf(inside).map(([token, name]) => {
      const inner = types.length > 0 ? configurations(name, types, inside) : '';
      return { token, name, inner };
    });
    const all = stillFirst ? [...still, ...pictures] : [...pictures, ...still];
    const told = all.filter(({ token }) => wanted === undefined || token === wanted);
    if (told.length === 0) throw invalid('NoProfile', `no profile ${wanted}`);
    return told.map(({ token, name, inner }) => profile(token, name, inner)).join('');
  },
  GetVideoEncoderConfigurations: (_, inside) =>
    part('Configurations', videoEncoder2(inside, 'main')) +
    part('Configurations', videoEncoder2(inside, 'sub')),
  GetAudioOutputConfigurations: (_, { talk }) =>
    talk.length > 0 ? part('Configurations', audioOutput) : '',
  GetAudioDecoderConfigurationOptions: (_, { talk }) =>
    talk
      .map((codec) => {
        const inner =
          tt('Encoding', codec) +
          tt('BitrateList', tt('Items', 64)) +
          tt('SampleRateList', tt('Items', 8));
        return `<tr2:Options>${inner}</tr2:Options>`;
      })
      .join(''),
  GetStreamUri: (request, inside) => {
    if (argument(request, 'Protocol') === 'RtspMulticast')
      throw invalid('InvalidStreamSetup', 'no multicast');
    return `<tr2:Uri>${escapeText(inside.rtspUrl(streamOf(request, inside)))}</tr2:Uri>`;
  },
  GetSnapshotUri: (request, inside) => {
    const { abilities, origin, quirks } = inside;
    if (!abilities.snapshots) throw unknown('GetSnapshotUri');
    const isStill = argument(request, 'ProfileToken') === abilities.tokens.still;
    const stream = isStill ? 'main' : streamOf(request, inside);
    return `<tr2:Uri>${escapeText(quirks.snapshotUri ?? origin() + snapshotPath(stream))}</tr2:Uri>`;
  },
  SetSynchronizationPoint: (request, inside) => {
    const stream = streamOf(request, inside);
    if (inside.effective()) inside.keyFrame(stream);
    return '';
  },
  PlayAudioClip: (request, { abilities, actuators, effective }) => {
    const token = argument(request, 'Token');
    const play = argument(request, 'Play');
    const heard = abilities.audioClips[token];
    if (heard === undefined) throw invalid('NoAudioClip', `no clip ${token}`);
    if (effective()) actuators.set(heard, play === 'true');
    return '';
  },
  GetAudioClips: (_, { abilities }) =>
    Object.keys(abilities.audioClips)
      .map((token) => `<tr2:AudioClips token="${escapeText(token)}"/>`)
      .join(''),
  GetPlayingAudioClips: (_, { abilities, actuators }) =>
    Object.entries(abilities.audioClips)
      .filter(([, heard]) => actuators[heard])
      .map(([token]) => `<tr2:AudioClips token="${escapeText(token)}"/>`)
      .join(''),
};
