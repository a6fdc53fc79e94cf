// The first media service of the simulated dome: profiles, addresses of streams and snapshots, sound.

import { child, type Element, escapeText } from '../envelope.ts';
import type { Inside } from '../services.ts';
import { framesPerSecond } from '../video/stream.ts';
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
  videoEncoder,
  videoSource,
} from './configurations.ts';
import { configuration as ptzConfiguration, ptzToken } from './ptz.ts';
import { argument, type Handler, invalid, tt, unknown } from './support.ts';

const schema = (name: string, { token, inner }: Configuration): string =>
  tt(name, inner, `token="${token}"`);

const listed = (name: string, { token, inner }: Configuration): string =>
  `<trt:${name} token="${token}">${inner}</trt:${name}>`;

function profile(element: string, token: string, inside: Inside): string {
  const name = profilesOf(inside).find(([one]) => one === token)?.[1];
  if (!name) throw invalid('NoProfile', `no profile ${token}`);
  const { microphone, talk } = inside;
  const inner = [
    tt('Name', name),
    schema('VideoSourceConfiguration', videoSource(inside)),
    microphone ? schema('AudioSourceConfiguration', audioSource) : '',
    // It has no word for H.265.
    inside.stream(name).codec === 'h264'
      ? schema('VideoEncoderConfiguration', videoEncoder(inside, name))
      : '',
    microphone
      ? schema('AudioEncoderConfiguration', audioEncoder(microphone === 'AAC' ? 'AAC' : 'G711'))
      : '',
    inside.abilities.offers.includes('ptz')
      ? tt('PTZConfiguration', ptzConfiguration(inside), ptzToken(inside))
      : '',
    inside.analytics ? schema('MetadataConfiguration', metadata) : '',
    talk.length === 0
      ? ''
      : tt(
          'Extension',
          schema('AudioOutputConfiguration', audioOutput) +
            schema('AudioDecoderConfiguration', audioDecoder),
        ),
  ];
  return `<trt:${element} token="${escapeText(token)}" fixed="true">${inner.join('')}</trt:${element}>`;
}

const stillProfile = (element: string, { abilities: { tokens } }: Inside): string =>
  `<trt:${element} token="${escapeText(tokens.still)}" fixed="true"><tt:Name>snapshot</tt:Name>` +
  `</trt:${element}>`;

const address = (uri: string): string =>
  `<trt:MediaUri>${tt('Uri', escapeText(uri))}${tt('InvalidAfterConnect', 'false')}` +
  `${tt('InvalidAfterReboot', 'false')}${tt('Timeout', 'PT0S')}</trt:MediaUri>`;

const isMulticast = (request: Element): boolean =>
  child(child(request, 'StreamSetup', request.namespace), 'Stream')?.text === 'RTP-Multicast';

export const media: { readonly [operation: string]: Handler } = {
  GetServiceCapabilities: () =>
    '<trt:Capabilities SnapshotUri="true"><trt:ProfileCapabilities MaximumNumberOfProfiles="3"/>' +
    '<trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true"/>' +
    '</trt:Capabilities>',
  GetProfiles: (_, inside) => {
    const pictures = profilesOf(inside).map(([token]) => profile('Profiles', token, inside));
    const still = stillProfile('Profiles', inside);
    return inside.abilities.stillFirst ? still + pictures.join('') : pictures.join('') + still;
  },
  GetProfile: (request, inside) => {
    const token = argument(request, 'ProfileToken');
    const isStill = token === inside.abilities.tokens.still;
    return isStill ? stillProfile('Profile', inside) : profile('Profile', token, inside);
  },
  GetVideoSources: (_, { stream, abilities }) => {
    const { width, height } = stream('main');
    const inner =
      tt('Framerate', framesPerSecond) +
      tt('Resolution', tt('Width', width) + tt('Height', height));
    return `<trt:VideoSources token="${escapeText(abilities.tokens.source)}">${inner}</trt:VideoSources>`;
  },
  GetVideoEncoderConfigurations: (_, inside) =>
    (['main', 'sub'] as const)
      .filter((name) => inside.stream(name).codec === 'h264')
      .map((name) => listed('Configurations', videoEncoder(inside, name)))
      .join(''),
  GetAudioSources: (_, { microphone }) =>
    microphone
      ? `<trt:AudioSources token="AudioSource_1">${tt('Channels', 1)}</trt:AudioSources>`
      : '',
  GetAudioEncoderConfigurations: (_, { microphone }) =>
    microphone ? listed('Configurations', audioEncoder(microphone === 'AAC' ? 'AAC' : 'G711')) : '',
  GetAudioOutputs: (_, { talk }) =>
    talk.length > 0 ? '<trt:AudioOutputs token="AudioOutput_1"/>' : '',
  GetAudioOutputConfigurations: (_, { talk }) =>
    talk.length > 0 ? listed('Configurations', audioOutput) : '',
  GetAudioDecoderConfigurations: (_, { talk }) =>
    talk.length > 0 ? listed('Configurations', audioDecoder) : '',
  GetAudioDecoderConfigurationOptions: (_, { talk }) => {
    const rates = tt('Bitrate', tt('Items', 64)) + tt('SampleRateRange', tt('Items', 8));
    return `<trt:Options>${talk.length > 0 ? tt('G711DecOptions', rates) : ''}</trt:Options>`;
  },
  GetStreamUri: (request, inside) => {
    if (isMulticast(request)) throw invalid('InvalidStreamSetup', 'no multicast');
    return address(inside.rtspUrl(streamOf(request, inside)));
  },
  GetSnapshotUri: (request, inside) => {
    const { abilities, origin, quirks } = inside;
    if (!abilities.snapshots) throw unknown('GetSnapshotUri');
    const isStill = argument(request, 'ProfileToken') === abilities.tokens.still;
    const path = snapshotPath(isStill ? 'main' : streamOf(request, inside));
    return address(quirks.snapshotUri ?? origin() + path);
  },
  SetSynchronizationPoint: (request, inside) => {
    const stream = streamOf(request, inside);
    if (inside.effective()) inside.keyFrame(stream);
    return '';
  },
};
