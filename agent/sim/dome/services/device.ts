// The device service of the simulated dome: clock, who it is, its services, relays, auxiliary commands.

import { child, escapeText, namespaces } from '../envelope.ts';
import {
  type Abilities,
  argument,
  type Handler,
  invalid,
  switchAuxiliary,
  tt,
  unknown,
} from './support.ts';

/** Some tell the factory's word, whatever is set. */
const idleOf = (token: string, { closedRelays, idleStateTold }: Abilities): string =>
  idleStateTold && closedRelays.includes(token) ? 'closed' : 'open';

/** DeviceIO has them, too, in the words of this service (home-assistant PR#161480). */
export const relayOperations: { readonly [operation: string]: Handler } = {
  GetRelayOutputs: (_, { abilities }) =>
    Object.keys(abilities.relays)
      .map(
        (token) =>
          `<tds:RelayOutputs token="${escapeText(token)}"><tt:Properties><tt:Mode>Bistable</tt:Mode>` +
          `<tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>${idleOf(token, abilities)}</tt:IdleState>` +
          '</tt:Properties></tds:RelayOutputs>',
      )
      .join(''),
  SetRelayOutputState: (request, inside) => {
    const token = argument(request, 'RelayOutputToken');
    const state = argument(request, 'LogicalState');
    if (!Object.hasOwn(inside.abilities.relays, token))
      throw invalid('RelayToken', `no relay ${token}`);
    if (state !== 'active' && state !== 'inactive')
      throw invalid('InvalidArgs', `no state ${state}`);
    if (inside.effective()) inside.actuators.switchRelay(token, state === 'active');
    return '';
  },
};

const information = (name: string, value: string): string =>
  `<tds:${name}>${escapeText(value)}</tds:${name}>`;

/** What it tells of itself to whoever asks who is there. */
export function scopesOf({ identity, offers }: Abilities): string[] {
  const scope = (what: string, value: string) =>
    `onvif://www.onvif.org/${what}/${encodeURIComponent(value)}`;
  return [
    scope('type', 'video_encoder'),
    ...(offers.includes('ptz') ? [scope('type', 'ptz')] : []),
    'onvif://www.onvif.org/Profile/Streaming',
    scope('name', `${identity.manufacturer} ${identity.model}`),
    scope('hardware', identity.model),
  ];
}

export const device: { readonly [operation: string]: Handler } = {
  GetSystemDateAndTime: (_, { now }) => {
    const utc = new Date(now());
    const time =
      tt('Hour', utc.getUTCHours()) +
      tt('Minute', utc.getUTCMinutes()) +
      tt('Second', utc.getUTCSeconds());
    const date =
      tt('Year', utc.getUTCFullYear()) +
      tt('Month', utc.getUTCMonth() + 1) +
      tt('Day', utc.getUTCDate());
    return (
      '<tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>' +
      '<tt:DaylightSavings>false</tt:DaylightSavings>' +
      `<tt:UTCDateTime><tt:Time>${time}</tt:Time><tt:Date>${date}</tt:Date></tt:UTCDateTime>` +
      '</tds:SystemDateAndTime>'
    );
  },
  SetSystemDateAndTime: (request, { effective, setClock }) => {
    const utc = child(request, 'UTCDateTime', request.namespace);
    const number = (group: string, name: string) => {
      const value = Number(child(child(utc, group), name)?.text);
      if (!Number.isInteger(value)) throw invalid('InvalidDateTime', `no ${name}`);
      return value;
    };
    const [year, month, day] = ['Year', 'Month', 'Day'].map((name) => number('Date', name));
    const [hour, minute, second] = ['Hour', 'Minute', 'Second'].map((name) => number('Time', name));
    if (effective()) setClock(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second));
    return '';
  },
  GetDeviceInformation: (_, { abilities: { identity } }) =>
    information('Manufacturer', identity.manufacturer) +
    information('Model', identity.model) +
    information('FirmwareVersion', identity.firmware) +
    information('SerialNumber', identity.serial) +
    information('HardwareId', identity.hardware),
  GetServices: (_, { origin, abilities }) => {
    if (!abilities.getServices) throw unknown('GetServices');
    return abilities.offers
      .map(
        (name) =>
          `<tds:Service><tds:Namespace>${namespaces[name]}</tds:Namespace>` +
          `<tds:XAddr>${origin()}${abilities.paths[name]}</tds:XAddr>` +
          '<tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>',
      )
      .join('');
  },
  GetCapabilities: (_, { origin, abilities: { offers, paths } }) => {
    const names = { device: 'Device', events: 'Events', imaging: 'Imaging' } as const;
    const told = { ...names, media: 'Media', ptz: 'PTZ' } as const;
    const inner = (Object.keys(told) as (keyof typeof told)[])
      .filter((service) => offers.includes(service))
      .map((service) => tt(told[service], tt('XAddr', origin() + paths[service])));
    return `<tds:Capabilities>${inner.join('')}</tds:Capabilities>`;
  },
  GetScopes: (_, { abilities }) =>
    scopesOf(abilities)
      .map((one) => `<tds:Scopes>${tt('ScopeDef', 'Fixed')}${tt('ScopeItem', one)}</tds:Scopes>`)
      .join(''),
  GetHostname: () =>
    `<tds:HostnameInformation>${tt('FromDHCP', 'false')}</tds:HostnameInformation>`,
  GetServiceCapabilities: (_, { abilities }) => {
    const names = abilities.deviceAuxiliary.map((one) => escapeText(one.name)).join(' ');
    const misc = names && `<tds:Misc AuxiliaryCommands="${names}"/>`;
    return `<tds:Capabilities><tds:Network/><tds:Security/><tds:System/>${misc}</tds:Capabilities>`;
  },
  ...relayOperations,
  SendAuxiliaryCommand: (request, inside) => {
    const given = argument(request, 'AuxiliaryCommand');
    switchAuxiliary(inside.abilities.deviceAuxiliary, given, inside);
    return `<tds:AuxiliaryCommandResponse>${escapeText(given)}</tds:AuxiliaryCommandResponse>`;
  },
};
