// What a probe has found, as a profile file: the loader's fields, and above them for people what the dome is,
// what was tried and how it went. Read back by the loader before anybody gets it.

import { stringify } from 'yaml';
import { printable } from '../discover/ws-discovery.ts';
import { functions, type Profile, parseProfile } from '../profile.ts';
import type { Probed } from './probe.ts';

const outcomes = {
  works: 'works',
  'not-seen': 'said yes, and nothing was seen of it',
  refused: 'refused',
  'stays-on': 'could not be switched off again',
} as const;

/** `source`: who tried it and when. Throws where our own file is none, which is a bug. */
export function profileText({ abilities, recipes, preset, tries }: Probed, source: string): string {
  const { device, login, streams, audioOutputs, moves, movesInView, relays } = abilities;
  const yes = (has: boolean) => (has ? 'yes' : 'no');
  const facts = [
    `firmware ${device.firmware}; login ${login}`,
    `turns: ${yes(moves)}; relative moves in the field of view: ${yes(movesInView)}`,
    `picture: ${yes(streams.main !== null)}; smaller one: ${yes(streams.sub !== null)}; ` +
      `snapshot: ${yes(streams.snapshot !== null)}; loudspeaker: ${yes(audioOutputs > 0)}; ` +
      `what its analytics see: ${yes(abilities.tellsWhatItSees)}`,
    ...relays.map(
      ({ token, idle, fallsBackMs }) =>
        `relay ${token}: ${idle ?? 'not told whether open or closed'} at rest` +
        (fallsBackMs === null ? '' : `, falls back after ${fallsBackMs / 1000} s`),
    ),
    ...tries.map(
      ({ what, recipe, outcome, detail }) =>
        `${what}: ${recipe}: ${outcomes[outcome]}${detail === '' ? '' : ` (${detail})`}`,
    ),
    ...functions
      .filter((what) => !tries.some((one) => one.what === what))
      .map((what) => `${what}: nothing of the dome's was there to try`),
  ];
  const profile = {
    make: printable(device.manufacturer) || 'unknown',
    model: printable(device.model) || 'unknown',
    source,
    ...recipes,
    cannot: functions.filter((what) => recipes[what].length === 0),
    preset,
  } satisfies { readonly [field in keyof Profile]?: unknown };
  const head = [`Written by gate-agent dome probe.`, ...facts].map(
    (line) => `# ${printable(line, 400)}\n`,
  );
  const text = head.join('') + stringify(profile, { lineWidth: 0 });
  parseProfile(text, 'the profile just written');
  return text;
}
