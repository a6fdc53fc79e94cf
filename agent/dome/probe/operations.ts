// The ONVIF operations that only a probe asks: what there is to switch, and what a relay says of itself.

import type { Operation } from '../operations.ts';
import { all, at, escapeXml, text } from '../xml.ts';

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

/** Address of the new pull point. */
export const createPullPoint: Operation<{ seconds: number }, string | null> = {
  name: 'CreatePullPointSubscription',
  service: 'events',
  body: ({ seconds }) => `<n:InitialTerminationTime>PT${seconds}S</n:InitialTerminationTime>`,
  read: (reply) => text(reply, 'SubscriptionReference', 'Address')?.trim() ?? null,
};

export interface RelayEvent {
  readonly token: string;
  readonly active: boolean;
}

/** Of all that has happened, the relays; others are no part of a probe. */
export const pullRelayEvents: Operation<{ seconds: number }, readonly RelayEvent[]> = {
  name: 'PullMessages',
  service: 'events',
  body: ({ seconds }) => `<n:Timeout>PT${seconds}S</n:Timeout><n:MessageLimit>100</n:MessageLimit>`,
  read: (reply) =>
    all(reply, 'NotificationMessage').flatMap((one) => {
      if (!text(one, 'Topic')?.trim().endsWith('Device/Trigger/Relay')) return [];
      const message = at(one, 'Message', 'Message');
      const valueIn = (part: string, name: string) =>
        text(
          all(message, part, 'SimpleItem').find((item) => text(item, '@Name') === name) ?? null,
          '@Value',
        );
      const token = valueIn('Source', 'RelayToken');
      const state = valueIn('Data', 'LogicalState')?.toLowerCase();
      if (token === null || state === undefined) return [];
      return { token, active: state === 'active' || state === 'true' };
    }),
};
