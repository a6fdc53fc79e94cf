// A dome from a number: who it says it is, what it calls its parts, which services it has and in which order,
// how it switches its things, whom it lets in, and what is odd about it. The same number, the same dome.

import { type ActuatorName, actuatorNames } from './actuators.ts';
import { stander } from './analytics/walks.ts';
import type { World } from './analytics/world.ts';
import { Chance } from './chance.ts';
import type { Announced } from './discovery.ts';
import { type SimDome, type SimDomeOptions, startDome } from './dome.ts';
import { defaults } from './options.ts';
import type { Preset } from './presets.ts';
import { type Make, type Way, Wiring } from './seed-ways.ts';
import { scopesOf } from './services/device.ts';
import type { Identity, Tokens } from './services/support.ts';
import { paths, type ServiceName } from './services.ts';

export interface Seeded {
  readonly seed: number;
  readonly make: Make;
  readonly options: SimDomeOptions;
  /** Unknown operations get 200 and an empty answer. */
  readonly unknownAnswers200: boolean;
  /** What is true: by which ways each thing can be switched. */
  readonly ways: { readonly [name in ActuatorName]: readonly Way[] };
  /** The infrared filter can be held and given back: by the imaging service, by Hikvision's own. */
  readonly dayNight: readonly ('imaging' | 'isapi')[];
}

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

type Named = readonly [manufacturer: string, models: readonly [string, ...string[]]];
const makes: { readonly [make in Make]: readonly [Named, ...Named[]] } = {
  hikvision: [['HIKVISION', ['DS-2DE7A432IW-AEB', 'DS-2DF8C842IXS-AELW', 'DS-2SE7C432MW-AEB']]],
  dahua: [
    ['Dahua', ['DH-SD6AL445XA-HNR-IR', 'SD49425GB-HNR', 'DH-SD5A425GA-HNR-SL']],
    ['dahua', ['IPC-SD']],
  ],
  other: [
    ['UNIVIEW', ['IPC6854ER-X40UP', 'IPC9312LFW-AF28-2X4']],
    ['TVT', ['TD-8543IE3N', 'TD-9663']],
    ['AXIS', ['Q6135-LE', 'M5526-E']],
    ['IPC', ['PTZ Dome <4G> & "Light"']],
    ['', ['IPCAM']],
    ['公安专用', ['高速球 X1']],
  ],
};

function identity(chance: Chance, make: Make): Identity {
  const [manufacturer, models] = chance.of(makes[make]);
  const number = () => chance.below(10);
  return {
    manufacturer,
    model: chance.of(models),
    firmware: `V${number()}.${number()}.${number()} build 2${number()}0${1 + chance.below(9)}1${number()}`,
    serial: `${chance.below(1e9)}`,
    hardware: chance.of(['', '1.0', '88']),
  };
}

function tokens(chance: Chance): Tokens {
  const style = chance.of(['Profile_', 'MediaProfile000', 'profile token ', 'T<&']);
  const first = chance.below(2);
  return {
    main: `${style}${first + 1}`,
    sub: `${style}${first + 2}`,
    still: `${style}${first}`,
    source: chance.of(['VideoSource_1', '00000', 'video_src_token', 'VS 1']),
    node: chance.of(['Node_1', '00000', 'PTZNODETOKEN']),
    ptz: chance.of(['PTZ_1', '000', 'PTZToken']),
  };
}

function offers(chance: Chance): ServiceName[] {
  const maybe = (name: ServiceName, share: number) => (chance.is(share) ? [name] : []);
  const rest: ServiceName[] = [
    ...(['media'] as const),
    ...maybe('media2', 0.7),
    ...maybe('ptz', 0.95),
    ...maybe('imaging', 0.9),
    ...maybe('events', 0.8),
    ...maybe('deviceio', 0.4),
  ];
  return ['device', ...chance.shuffled(rest)];
}

/** Addresses of the services differ; that of the device is ONVIF's own. */
function places(chance: Chance): typeof paths {
  const style = chance.of(['/onvif/', '/onvif/services/', '/onvif/v2/']);
  const end = chance.of(['', '_service']);
  const named = Object.keys(paths).map((name) => [name, `${style}${name}${end}`]);
  return { ...Object.fromEntries(named), device: paths.device };
}

function presets(chance: Chance, wiring: Wiring): Preset[] {
  const guard = { token: '1', name: chance.of(['guard', '守望位', 'Home', 'Guard Position']) };
  const alarm = { token: '2', name: chance.of(['alarm', '报警', 'ALARM', 'Alarm gate']) };
  const many = chance.is(0.05) ? 250 : chance.below(5);
  const rest = Array.from({ length: many }, (_, n) => ({
    token: `${400 + n}`,
    name: many > 9 || chance.is(0.3) ? '' : `place ${n}`,
  }));
  const own = [...(chance.is(0.8) ? [guard] : []), ...(chance.is(0.8) ? [alarm] : [])];
  return chance.shuffled([...own, ...rest, ...wiring.presets]);
}

function manners(chance: Chance): SimDomeOptions {
  const auth = chance.of(['token', 'digest', 'both', 'digest']);
  const clockOffsetMs = chance.of([0, 0, 8 * hourMs, -3 * hourMs, -26 * yearMs, 90_000]);
  const algorithms = chance.of([['MD5'], ['SHA-256', 'MD5'], ['MD5', 'SHA-256']] as const);
  return {
    ...{ auth, clockOffsetMs, algorithms },
    // A token needs the dome's own time, and somebody must tell it.
    timeNeedsPassword: (auth === 'digest' || clockOffsetMs === 0) && chance.is(0.2),
    ...(chance.is(0.15) ? { advertisedHost: '10.255.1.64' } : {}),
    ...(chance.is(0.5) ? { sirenStopsMs: 5000 + chance.below(5000) } : {}),
    getServices: !chance.is(0.1),
    stillFirst: chance.is(0.5),
    media2Broken: chance.is(0.15),
    snapshots: chance.is(0.8),
    dayNight: chance.is(0.8),
    fovSpace: chance.is(0.5),
  };
}

/** People all around, near and far: somebody is seen wherever it looks. */
const crowd: World = {
  trees: [],
  things: [12, 30].flatMap((awayM) =>
    Array.from({ length: 24 }, (_, n) => {
      const angle = (n / 24) * 2 * Math.PI;
      return stander({ x: Math.sin(angle) * awayM, y: Math.cos(angle) * awayM });
    }),
  ),
};

/** How its relays are wired, whether its analytics tell what they see, and presets whose names say nothing:
 * by a chance of their own, so that all else stays as it was. */
function besides(seed: number, options: SimDomeOptions): SimDomeOptions {
  const chance = new Chance(seed * 104729 + 5);
  const { relays = {}, presets: all = [], offers: services = [] } = options;
  const isNameless = chance.is(0.2);
  return {
    closedRelays: Object.keys(relays).filter(() => chance.is(0.3)),
    idleStateTold: chance.is(0.7),
    analytics: services.includes('ptz') && chance.is(0.5) ? { world: crowd } : null,
    presets: all.map((one) =>
      isNameless && one.token.length === 1 ? { ...one, name: `P${one.token}` } : one,
    ),
  };
}

/** What the number stands for. */
export function seeded(seed: number): Seeded {
  const chance = new Chance(seed * 7919 + 17);
  const make = chance.of(['hikvision', 'dahua', 'other', 'other']);
  const services = offers(chance);
  const wiring = new Wiring(chance, make);
  const general = manners(chance);
  const moves = services.includes('ptz');
  // Nobody is told of it without GetServices.
  const media2 =
    services.includes('media2') && !general.media2Broken && general.getServices !== false;
  for (const name of chance.shuffled(actuatorNames)) wiring.give(name, { moves, media2 });
  wiring.mislead();
  const irCut = make === 'hikvision' && chance.is(0.5);
  const options: SimDomeOptions = {
    ...general,
    identity: identity(chance, make),
    tokens: tokens(chance),
    offers: services,
    paths: places(chance),
    relays: wiring.relays,
    deviceAuxiliary: wiring.deviceAuxiliary,
    ptzAuxiliary: wiring.ptzAuxiliary,
    presets: presets(chance, wiring),
    presetSwitches: wiring.presetSwitches,
    audioClips: wiring.audioClips,
    moveAndTrack: wiring.moveAndTrack,
    coaxial: wiring.coaxial,
    isapi: make === 'hikvision' ? { ...wiring.isapi, irCut } : null,
    video: { main: { width: 320, height: 180 }, sub: { width: 160, height: 90 } },
  };
  const byImaging = services.includes('imaging') && general.dayNight === true;
  return {
    ...{ seed, make, options: { ...options, ...besides(seed, options) }, ways: wiring.ways },
    unknownAnswers200: chance.is(0.1),
    dayNight: [...(byImaging ? ['imaging' as const] : []), ...(irCut ? ['isapi' as const] : [])],
  };
}

/** Powered on; what `more` says holds against the seed. */
export async function startSeeded(one: Seeded, more: SimDomeOptions = {}): Promise<SimDome> {
  const dome = await startDome({ ...one.options, ...more });
  dome.quirks.unknownAnswers200 = one.unknownAnswers200;
  return dome;
}

/** What it tells of itself to WS-Discovery, at the addresses it has. */
export function announced(one: Seeded, addresses: readonly string[]): Announced {
  const chance = new Chance(one.seed + 0xd15c0);
  const both = ['NetworkVideoTransmitter', 'Device'] as const;
  return {
    urn: `urn:uuid:${'0'.repeat(8)}-0000-4000-8000-${one.seed.toString(16).padStart(12, '0')}`,
    scopes: scopesOf({ ...defaults, ...one.options }),
    addresses,
    types: chance.of([both, ['NetworkVideoTransmitter'], ['Device']]),
    says: chance.of(['honest', 'honest', 'twice']),
  };
}
