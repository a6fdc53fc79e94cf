// The ONVIF operations the agent speaks, each as data: service, what is put in, what is read out.
// Readers never trust a shape: what is missing is null or an empty list.

import { type Place, placeOf } from './motion-operations.ts';
import { all, at, escapeXml, text, type XmlNode } from './xml.ts';

export const namespaces = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  /** Both at the address that a subscription has of its own. */
  pullPoint: 'http://www.onvif.org/ver10/events/wsdl',
  subscription: 'http://docs.oasis-open.org/wsn/b-2',
} as const;
export type Service = keyof typeof namespaces;

export interface Operation<A, R> {
  readonly name: string;
  readonly service: Service;
  /** WS-Addressing action, where a call needs one. */
  readonly action?: string;
  /** Inner elements, in the service's own namespace (prefix `n`), escaped. */
  readonly body: (args: A) => string;
  /** From the response element; `xml`: the whole answer, as it came. */
  readonly read: (reply: XmlNode, xml: string) => R;
}

const element = (name: string, value: string): string =>
  `<n:${name}>${escapeXml(value)}</n:${name}>`;
const nothing = (): null => null;
const empty = (): string => '';

/** Unix ms, or null where the dome has no UTC time to tell. Resolution is one second. */
export const getSystemDateAndTime: Operation<null, { utcMs: number | null }> = {
  name: 'GetSystemDateAndTime',
  service: 'device',
  body: empty,
  read: (reply) => {
    const utc = at(reply, 'SystemDateAndTime', 'UTCDateTime');
    const number = (...path: string[]) => Number(text(utc, ...path) ?? Number.NaN);
    const utcMs = Date.UTC(
      number('Date', 'Year'),
      number('Date', 'Month') - 1,
      number('Date', 'Day'),
      number('Time', 'Hour'),
      number('Time', 'Minute'),
      number('Time', 'Second'),
    );
    return { utcMs: Number.isNaN(utcMs) ? null : utcMs };
  },
};

export interface DeviceInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
}

export const getDeviceInformation: Operation<null, DeviceInformation> = {
  name: 'GetDeviceInformation',
  service: 'device',
  body: empty,
  read: (reply) => ({
    manufacturer: text(reply, 'Manufacturer') ?? '',
    model: text(reply, 'Model') ?? '',
    firmware: text(reply, 'FirmwareVersion') ?? '',
  }),
};

export type Addresses = { readonly [S in Service]?: string };

export const getServices: Operation<null, Addresses> = {
  name: 'GetServices',
  service: 'device',
  body: () => element('IncludeCapability', 'false'),
  read: (reply) => {
    const found = all(reply, 'Service').map(
      (one) => [text(one, 'Namespace'), text(one, 'XAddr')] as const,
    );
    const addressOf = (service: Service) => found.find(([ns]) => ns === namespaces[service])?.[1];
    return present({
      device: addressOf('device'),
      media: addressOf('media'),
      media2: addressOf('media2'),
      ptz: addressOf('ptz'),
      imaging: addressOf('imaging'),
      events: addressOf('events'),
    });
  },
};

/** For domes older than GetServices. */
export const getCapabilities: Operation<null, Addresses> = {
  name: 'GetCapabilities',
  service: 'device',
  body: () => element('Category', 'All'),
  read: (reply) => {
    const addressOf = (name: string) => text(reply, 'Capabilities', name, 'XAddr');
    return present({
      device: addressOf('Device'),
      media: addressOf('Media'),
      ptz: addressOf('PTZ'),
      imaging: addressOf('Imaging'),
      events: addressOf('Events'),
    });
  },
};

function present(found: { [S in Service]?: string | null | undefined }): Addresses {
  return Object.fromEntries(Object.entries(found).filter(([, address]) => address));
}

/** The elements are `tds` whichever service takes it (home-assistant PR#161480). */
export const setRelayOutputState: Operation<{ token: string; state: 'active' | 'inactive' }, null> =
  {
    name: 'SetRelayOutputState',
    service: 'device',
    body: ({ token, state }) => element('RelayOutputToken', token) + element('LogicalState', state),
    read: nothing,
  };

export const sendDeviceAuxiliary: Operation<{ command: string }, null> = {
  name: 'SendAuxiliaryCommand',
  service: 'device',
  body: ({ command }) => element('AuxiliaryCommand', command),
  read: nothing,
};

export const sendPtzAuxiliary: Operation<{ profile: string; command: string }, null> = {
  name: 'SendAuxiliaryCommand',
  service: 'ptz',
  body: ({ profile, command }) =>
    element('ProfileToken', profile) + element('AuxiliaryData', command),
  read: nothing,
};

export interface Preset {
  readonly token: string;
  readonly name: string;
  /** Null on each axis that the dome does not tell. */
  readonly place: Place;
}

export const getPresets: Operation<{ profile: string }, readonly Preset[]> = {
  name: 'GetPresets',
  service: 'ptz',
  body: ({ profile }) => element('ProfileToken', profile),
  read: (reply) =>
    all(reply, 'Preset').flatMap((one) => {
      const token = text(one, '@token');
      if (token === null) return [];
      return { token, name: text(one, 'Name') ?? '', place: placeOf(at(one, 'PTZPosition')) };
    }),
};

/** Where the infrared filter is: ON by day, OFF by night; null: the dome does not tell. */
export const getIrCutFilter: Operation<{ source: string }, string | null> = {
  name: 'GetImagingSettings',
  service: 'imaging',
  body: ({ source }) => element('VideoSourceToken', source),
  read: (reply) => text(reply, 'ImagingSettings', 'IrCutFilter'),
};

export const setIrCutFilter: Operation<{ source: string; filter: string }, null> = {
  name: 'SetImagingSettings',
  service: 'imaging',
  body: ({ source, filter }) =>
    element('VideoSourceToken', source) +
    '<n:ImagingSettings xmlns:t="http://www.onvif.org/ver10/schema">' +
    `<t:IrCutFilter>${escapeXml(filter)}</t:IrCutFilter></n:ImagingSettings>` +
    element('ForcePersistence', 'false'),
  read: nothing,
};

export const gotoPreset: Operation<{ profile: string; preset: string }, null> = {
  name: 'GotoPreset',
  service: 'ptz',
  body: ({ profile, preset }) => element('ProfileToken', profile) + element('PresetToken', preset),
  read: nothing,
};
