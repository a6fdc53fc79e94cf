// What is worth a try for each thing, in order of how standard it is: ONVIF's own words, relays, clips of
// sound, names that speak of it, presets, names that may be anything, and last the maker's own HTTP. Relays
// that are closed at rest come first: what they light is lit already, and would be seen whatever is tried.

import type { DomeFunction, Profile, Recipe } from '../profile.ts';
import type { Abilities } from './abilities.ts';
import { aboutOf, pairsOf } from './names.ts';
import type { RelayOutput } from './operations.ts';

/** A name that may be anything is not tried for a wiper, which has a name of its own. */
const guessed: readonly DomeFunction[] = ['strobe', 'siren', 'tracking', 'light'];
const relayed: readonly DomeFunction[] = ['strobe', 'siren'];
const byPreset: readonly DomeFunction[] = ['strobe', 'siren', 'tracking'];

const repeatEveryS = 4;
/** More than that a person does not answer. */
const triesMax = 24;

/** `maker`: the ready profile of its make; null: there is none. */
export function candidatesFor(
  what: DomeFunction,
  abilities: Abilities,
  maker: Profile | null,
): Recipe[] {
  const isRelayed = relayed.includes(what);
  const all = [
    ...(isRelayed ? relays(abilities, closedAtRest) : []),
    ...(what === 'dayNight' ? filters(abilities) : []),
    ...auxiliaries(abilities, (stem) => stem.startsWith('tt:') && aboutOf(stem) === what),
    ...(what === 'tracking' ? ownTracking(abilities) : []),
    ...(isRelayed ? relays(abilities, (one) => !closedAtRest(one)) : []),
    ...(what === 'siren' ? clips(abilities) : []),
    ...auxiliaries(abilities, (stem) => !stem.startsWith('tt:') && aboutOf(stem) === what),
    ...(byPreset.includes(what) ? presets(what, abilities) : []),
    ...(guessed.includes(what) ? auxiliaries(abilities, (stem) => aboutOf(stem) === null) : []),
    ...(maker?.[what].flatMap((one) => (one.kind === 'http' ? one : [])) ?? []),
  ];
  return all.slice(0, triesMax);
}

function filters({ irCutFilters }: Abilities): Recipe[] {
  if (!irCutFilters.includes('ON') || !irCutFilters.includes('AUTO')) return [];
  const source = 'ONVIF Imaging, IrCutFilterModes of GetOptions';
  return [{ kind: 'imaging', on: 'ON', off: 'AUTO', repeatEveryS, source }];
}

function ownTracking({ movesAndTracks }: Abilities): Recipe[] {
  const source = 'ONVIF PTZ, MoveAndTrack of GetServiceCapabilities';
  return movesAndTracks ? [{ kind: 'track', preset: null, repeatEveryS: 60, source }] : [];
}

function clips({ audioClips }: Abilities): Recipe[] {
  const source = 'ONVIF Media2, GetAudioClips';
  return audioClips.map((token) => ({
    ...{ kind: 'audioClip', token, output: null, repeatEveryS, source },
  }));
}

const closedAtRest = ({ idle }: RelayOutput): boolean => idle === 'closed';

/** What hangs in line with a contact has power while that is closed: of one that is closed at rest, while it
 * is inactive. Or it is set off by the contact's opening. */
function relays({ relays: outputs }: Abilities, fits: (one: RelayOutput) => boolean): Recipe[] {
  return outputs
    .filter(fits)
    .flatMap((one) =>
      closedAtRest(one) ? [relay(one, 'inactive'), relay(one, 'active')] : [relay(one, 'active')],
    );
}

/** Wired to the other contact of relays that say nothing of it: tried where nothing else was found. */
export const reversedRelays = (what: DomeFunction, { relays: outputs }: Abilities): Recipe[] =>
  relayed.includes(what)
    ? outputs.filter((one) => !closedAtRest(one)).map((one) => relay(one, 'inactive'))
    : [];

function relay(
  { token, idle, fallsBackMs }: RelayOutput,
  activeState: 'active' | 'inactive',
): Recipe {
  // One that falls back by itself is told again before it does.
  const again = fallsBackMs === null ? repeatEveryS : Math.floor(fallsBackMs / 2000);
  const rest = idle === null ? '' : `, ${idle} at rest`;
  return {
    ...({ kind: 'relay', token, activeState } as const),
    repeatEveryS: Math.max(1, Math.min(repeatEveryS, again)),
    source: `ONVIF Device Management, GetRelayOutputs${rest}`,
  };
}

function auxiliaries(abilities: Abilities, fits: (stem: string) => boolean): Recipe[] {
  const of = (via: 'device' | 'ptz', names: readonly string[], source: string): Recipe[] =>
    pairsOf(names, (name) => name)
      .filter(({ stem }) => fits(stem))
      .map(({ on, off }) => ({ kind: 'auxiliary', via, on, off, repeatEveryS, source }));
  return [
    ...of('ptz', abilities.moves ? abilities.ptzAuxiliary : [], 'ONVIF PTZ, GetNodes'),
    ...of('device', abilities.deviceAuxiliary, 'ONVIF Device Management, GetServiceCapabilities'),
  ];
}

function presets(what: DomeFunction, { presets: known, moves }: Abilities): Recipe[] {
  if (!moves) return [];
  return pairsOf(known, ({ name }) => name)
    .filter(({ stem }) => aboutOf(stem) === what)
    .map(({ on, off }) => ({
      ...({ kind: 'preset', on: on.token, off: off.token, repeatEveryS } as const),
      source: `ONVIF PTZ, GetPresets: ${on.name} / ${off.name}`.slice(0, 256),
    }));
}

/** It moves a contact and tells of that; what hangs on the contact only eyes and ears can say. */
export const isContact = (recipe: Recipe): boolean =>
  recipe.kind === 'relay' ||
  (recipe.kind === 'http' && /\/IO\/outputs\/|AlarmOut|io\/port/i.test(recipe.on.path));

/** Ready profiles by make, as the maker spells itself. */
export function makerOf(manufacturer: string): string | null {
  const makers: readonly (readonly [string, RegExp])[] = [
    ['hikvision', /hik/i],
    ['dahua', /dahua/i],
    ['uniview', /uniview|unv/i],
    ['tvt', /\btvt\b/i],
    ['axis', /axis/i],
  ];
  return makers.find(([, word]) => word.test(manufacturer))?.[0] ?? null;
}
