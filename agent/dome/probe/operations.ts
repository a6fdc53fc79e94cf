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

export interface RelayOutput {
  readonly token: string;
  /** Its contact while it is inactive; null: not told. */
  readonly idle: 'open' | 'closed' | null;
  /** Falls back by itself after so long; null: it stays as it is told. */
  readonly fallsBackMs: number | null;
}

export const getRelayOutputs: Operation<null, readonly RelayOutput[]> = {
  name: 'GetRelayOutputs',
  service: 'device',
  body: empty,
  read: (reply) =>
    all(reply, 'RelayOutputs').flatMap((one) => {
      const token = text(one, '@token');
      if (token === null) return [];
      const told = (name: string) => text(one, 'Properties', name)?.trim() ?? '';
      const word = told('IdleState').toLowerCase();
      const falls = told('Mode').toLowerCase() === 'monostable';
      return {
        token,
        idle: word === 'open' || word === 'closed' ? word : null,
        fallsBackMs: falls ? durationMs(told('DelayTime')) : null,
      };
    }),
};

/** ISO 8601, as far as relays have it; null where it is none, or nothing. */
function durationMs(told: string): number | null {
  const [, minutes = '0', seconds = '0'] = /^PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(told) ?? [];
  return (Number(minutes) * 60 + Number(seconds)) * 1000 || null;
}

/** Stores where it looks now; the token that it gives the preset, null where it tells none. */
export const setPreset: Operation<
  { readonly profile: string; readonly name: string },
  string | null
> = {
  name: 'SetPreset',
  service: 'ptz',
  body: ({ profile, name }) =>
    `<n:ProfileToken>${escapeXml(profile)}</n:ProfileToken>` +
    `<n:PresetName>${escapeXml(name)}</n:PresetName>`,
  read: (reply) => text(reply, 'PresetToken'),
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
