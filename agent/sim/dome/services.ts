// The ONVIF services of the simulated dome: which there are, and an operation's way to its handler.
// Names match to the letter, as on real domes.

import type { Actuators } from './actuators.ts';
import type { Analytics } from './analytics/analytics.ts';
import { type Element, namespaces } from './envelope.ts';
import type { Imaging } from './imaging.ts';
import type { Motion } from './motion.ts';
import type { Presets } from './presets.ts';
import { device } from './services/device.ts';
import { imaging } from './services/imaging.ts';
import { media } from './services/media.ts';
import { media2 } from './services/media2.ts';
import { ptz } from './services/ptz.ts';
import { type Abilities, type Handler, unknown } from './services/support.ts';
import type { SoundCodec } from './sound.ts';
import type { StreamSettings } from './video/stream.ts';

export type { Abilities };

export type StreamName = 'main' | 'sub';

export interface Inside {
  readonly abilities: Abilities;
  readonly actuators: Actuators;
  readonly motion: Motion;
  readonly presets: Presets;
  readonly imaging: Imaging;
  readonly now: () => number;
  /** As advertised: scheme, host and port. */
  readonly origin: () => string;
  /** As advertised. */
  readonly rtspUrl: (stream: StreamName) => string;
  readonly stream: (name: StreamName) => StreamSettings;
  readonly keyFrame: (name: StreamName) => void;
  readonly microphone: SoundCodec | null;
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
} as const;
export type ServiceName = keyof typeof paths;

const prefixes = {
  device: 'tds',
  media: 'trt',
  media2: 'tr2',
  ptz: 'tptz',
  imaging: 'timg',
} as const;

const services: { readonly [name in ServiceName]: { readonly [operation: string]: Handler } } = {
  device,
  media,
  media2,
  ptz,
  imaging,
};

/** Inner XML of the response element, the element included. Throws a `SimFault`. */
export function serve(service: ServiceName, request: Element, inside: Inside): string {
  const handler =
    request.namespace === namespaces[service] ? services[service][request.name] : undefined;
  if (!handler) throw unknown(request.name);
  const inner = handler(request, inside);
  const name = `${prefixes[service]}:${request.name}Response`;
  return `<${name}>${inner}</${name}>`;
}
