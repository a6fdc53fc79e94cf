// The ONVIF operations for what a dome does in an alarm beside its relays: clips of sound, following people.
// Each as data, like those of operations.ts.

import type { Operation } from './operations.ts';
import { all, escapeXml, text } from './xml.ts';

const element = (name: string, value: string): string =>
  `<n:${name}>${escapeXml(value)}</n:${name}>`;
const nothing = (): null => null;

/** Media2, since 20.12: AudioOutputToken and RepeatCycles are left to the dome where not given. */
export const playAudioClip: Operation<
  { readonly token: string; readonly output: string | null; readonly play: boolean },
  null
> = {
  name: 'PlayAudioClip',
  service: 'media2',
  body: ({ token, output, play }) =>
    element('Token', token) +
    (output === null ? '' : element('AudioOutputToken', output)) +
    element('Play', String(play)),
  read: nothing,
};

/** Tokens of the clips that are playing; makes differ in where they put them. */
export const getPlayingAudioClips: Operation<null, readonly string[]> = {
  name: 'GetPlayingAudioClips',
  service: 'media2',
  body: () => '',
  read: (reply) =>
    typeof reply === 'string'
      ? []
      : Object.keys(reply)
          .flatMap((name) => all(reply, name))
          .flatMap((one) => text(one, '@token') ?? text(one, 'Token') ?? text(one) ?? []),
};

/** Goes to the preset, or stays where it looks, and leaves the head to the dome's own tracking. */
export const moveAndStartTracking: Operation<
  { readonly profile: string; readonly preset: string | null },
  null
> = {
  name: 'MoveAndStartTracking',
  service: 'ptz',
  body: ({ profile, preset }) =>
    element('ProfileToken', profile) + (preset === null ? '' : element('PresetToken', preset)),
  read: nothing,
};
