// The ONVIF services of the simulated dome: which there are, and an operation's way to its handler.
// Names match to the letter, as on real domes.

import type { Actuators } from './actuators.ts';
import type { Analytics } from './analytics/analytics.ts';
import { type Element, namespaces } from './envelope.ts';
import type { Events } from './events.ts';
import type { Imaging } from './imaging.ts';
import type { Motion } from './motion.ts';
import type { Presets } from './presets.ts';
import type { Quirks } from './quirks.ts';
import { device, relayOperations } from './services/device.ts';
import { events, foreign } from './services/events.ts';
import { imaging } from './services/imaging.ts';
import { media } from './services/media.ts';
import { media2 } from './services/media2.ts';
import { ptz } from './services/ptz.ts';
import { type Abilities, type Handler, unknown } from './services/support.ts';
import type { MicrophoneCodec, SoundCodec, Speaker } from './sound.ts';
import type { StreamSettings } from './video/stream.ts';

export type { Abilities };

export type StreamName = 'main' | 'sub';

export interface Inside {
  readonly abilities: Abilities;
  readonly actuators: Actuators;
  readonly motion: Motion;
  readonly presets: Presets;
  readonly imaging: Imaging;
  readonly events: Events;
  readonly quirks: Quirks;
  readonly now: () => number;
  /** Unix ms. */
  readonly setClock: (wallMs: number) => void;
  /** As advertised: scheme, host and port. */
  readonly origin: () => string;
  /** As advertised. */
  readonly rtspUrl: (stream: StreamName) => string;
  readonly stream: (name: StreamName) => StreamSettings;
  readonly keyFrame: (name: StreamName) => void;
  readonly speaker: Speaker;
  readonly microphone: MicrophoneCodec | null;
  readonly talk: readonly SoundCodec[];
  readonly analytics: Analytics | null;
  /** False while the dome says yes and does nothing. */
  readonly effective: () => boolean;
}

export const paths = {
  device: '/onvif/device_service',
  media: '/onvif/Media',
  media2: '/onvif/Media2',
  ptz: '/onvif/PTZ',
  imaging: '/onvif/Imaging',
  events: '/onvif/Events',
  deviceio: '/onvif/DeviceIO',
} as const;
export type ServiceName = keyof typeof paths;

const prefixes = {
  device: 'tds',
  media: 'trt',
  media2: 'tr2',
  ptz: 'tptz',
  imaging: 'timg',
  events: 'tev',
  deviceio: 'tmd',
} as const;

const services: { readonly [name in ServiceName]: { readonly [operation: string]: Handler } } = {
  device,
  media,
  media2,
  ptz,
  imaging,
  events,
  deviceio: relayOperations,
};

/** Which of them is asked at a path; pull points have addresses below that of the events. */
export const serviceAt = (path: string, { offers, paths: own }: Abilities) =>
  offers.find((name) => own[name] === path || (name === 'events' && isBelow(path, own.events)));

const isBelow = (path: string, parent: string): boolean => path.startsWith(`${parent}/`);

export interface Asked {
  readonly service: ServiceName;
  readonly path: string;
  readonly request: Element;
  readonly header: Element | undefined;
}

/** Inner XML of the response element, the element included. Throws a `SimFault`. */
export function serve(
  { service, path, request, header }: Asked,
  inside: Inside,
): string | Promise<string> {
  const isForeign = service === 'events' && foreign.includes(request.name);
  const namespace = isForeign ? 'http://docs.oasis-open.org/wsn/b-2' : namespaces[service];
  const handler = request.namespace === namespace ? services[service][request.name] : undefined;
  if (!handler) throw unknown(request.name);
  const name = `${isForeign ? 'wsnt' : prefixes[service]}:${request.name}Response`;
  const whole = (inner: string) => `<${name}>${inner}</${name}>`;
  const inner = handler(request, inside, path, header);
  return typeof inner === 'string' ? whole(inner) : inner.then(whole);
}
