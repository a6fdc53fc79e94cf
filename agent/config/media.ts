// The `media` group: calls, the live picture, sound cards.

import { roles } from '../core/command.ts';
import { absolute, group, list, oneOf, path, text, whole, yesNo } from './words.ts';

/** As WebRTC writes them; `?transport=tcp` and `turns:` serve calls, not the picture. */
const iceServer = text(
  'stun:host:port, turn:host:port, turn:host:port?transport=tcp or turns:host:port',
  256,
  (value) => /^(stun|turns?):[A-Za-z0-9.:[\]-]+(\?transport=(udp|tcp))?$/.test(value),
);
const card = (what: string) => text(`the ALSA name of the ${what}, as aplay -L shows it`, 128);

const sound = group({
  speaker: card('loudspeaker').default('default'),
  microphone: card('microphone').default('default'),
  canceller: oneOf(['auto', 'off']).default('auto'),
  language: oneOf(['zh', 'en']).default('zh'),
  prompts: path.nullable().default(null),
});

const clips = group({
  dir: absolute('the directory of clips, snapshots and talks').nullable().default(null),
  days: whole('days', 30, 90).default(30),
  capMb: whole('megabytes', 512, 4_000_000).default(20_480),
  reserveMb: whole('megabytes', 512, 100_000).default(2_048),
});

export const media = group({
  iceServers: list(iceServer, 0, 8).default([]),
  ownNetwork: oneOf(['refuse', 'allow']).default('refuse'),
  viewers: whole('viewers', 1, 16).default(4),
  callers: whole('callers', 1, 8).default(3),
  idleCalls: oneOf(['announce', 'refuse']).default('announce'),
  listeners: list(oneOf(roles), 0, roles.length).default([]),
  talkMinutes: whole('minutes', 1, 240).default(60),
  warm: yesNo.default(true),
  talkThrough: oneOf(['room', 'dome']).default('room'),
  sound: sound.nullable().default(null),
  clips: clips.nullable().default(null),
  talks: oneOf(['on', 'off']).default('on'),
});
