// The ONVIF operations that only a probe asks: what there is to switch.

import type { Operation } from '../operations.ts';
import { all, escapeXml, text } from '../xml.ts';

const words = (list: string | null): string[] => (list ?? '').split(/\s+/).filter(Boolean);
const empty = (): string => '';

/** Auxiliary commands of the device, as its capabilities list them. */
export const getDeviceAuxiliary: Operation<null, readonly string[]> = {
  name: 'GetServiceCapabilities',
  service: 'device',
  body: empty,
  read: (reply) => words(text(reply, 'Capabilities', 'Misc', '@AuxiliaryCommands')),
};

export interface PtzNode {
  readonly auxiliary: readonly string[];
  readonly presetsMax: number | null;
  /** RelativeMove in the space of the field of view: what tracking by the agent wants. */
  readonly movesInView: boolean;
}

export const getNodes: Operation<null, readonly PtzNode[]> = {
  name: 'GetNodes',
  service: 'ptz',
  body: empty,
  read: (reply) =>
    all(reply, 'PTZNode').map((node) => ({
      auxiliary: all(node, 'AuxiliaryCommands').flatMap((one) => text(one)?.trim() || []),
      presetsMax: Number(text(node, 'MaximumNumberOfPresets') ?? Number.NaN) || null,
      movesInView: all(node, 'SupportedPTZSpaces', 'RelativePanTiltTranslationSpace').some(
        (space) => text(space, 'URI')?.endsWith('/TranslationSpaceFov'),
      ),
    })),
};

export const getRelayOutputs: Operation<null, readonly string[]> = {
  name: 'GetRelayOutputs',
  service: 'device',
  body: empty,
  read: (reply) => all(reply, 'RelayOutputs').flatMap((one) => text(one, '@token') ?? []),
};

export const getAudioOutputs: Operation<null, number> = {
  name: 'GetAudioOutputs',
  service: 'media',
  body: empty,
  read: (reply) => all(reply, 'AudioOutputs').length,
};

/** Positions that the infrared filter may be told; none: it cannot be. */
export const getIrCutFilters: Operation<{ source: string }, readonly string[]> = {
  name: 'GetOptions',
  service: 'imaging',
  body: ({ source }) => `<n:VideoSourceToken>${escapeXml(source)}</n:VideoSourceToken>`,
  read: (reply) =>
    all(reply, 'ImagingOptions', 'IrCutFilterModes').flatMap((one) => text(one) ?? []),
};

/** Tokens of the clips of sound that are stored in the dome; makes differ in where they put them. */
export const getAudioClips: Operation<null, readonly string[]> = {
  name: 'GetAudioClips',
  service: 'media2',
  body: empty,
  read: (reply) =>
    typeof reply === 'string'
      ? []
      : Object.keys(reply)
          .flatMap((name) => all(reply, name))
          .flatMap((one) => text(one, '@token') ?? text(one, 'Token') ?? []),
};

/** Whether MoveAndStartTracking is signalled, in whatever words. */
export const getMoveAndTrack: Operation<null, boolean> = {
  name: 'GetServiceCapabilities',
  service: 'ptz',
  body: empty,
  read: (reply) => (text(reply, 'Capabilities', '@MoveAndTrack') ?? '').trim() !== '',
};
