// The device service of the simulated dome: clock, who it is, its services, relays, auxiliary commands.

import { escapeText, namespaces } from '../envelope.ts';
import { paths, type ServiceName } from '../services.ts';
import { argument, type Handler, invalid, switchAuxiliary, tt, unknown } from './support.ts';

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
  GetDeviceInformation: () =>
    '<tds:Manufacturer>Rehearsal</tds:Manufacturer><tds:Model>SIM-1</tds:Model>' +
    '<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>0001</tds:SerialNumber>' +
    '<tds:HardwareId>sim</tds:HardwareId>',
  GetServices: (_, { origin, abilities }) => {
    if (!abilities.getServices) throw unknown('GetServices');
    return (Object.keys(paths) as ServiceName[])
      .map(
        (name) =>
          `<tds:Service><tds:Namespace>${namespaces[name]}</tds:Namespace>` +
          `<tds:XAddr>${origin()}${paths[name]}</tds:XAddr>` +
          '<tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>',
      )
      .join('');
  },
  GetCapabilities: (_, { origin }) => {
    const address = (name: string, path: string) =>
      `<tt:${name}><tt:XAddr>${origin()}${path}</tt:XAddr></tt:${name}>`;
    const inner =
      address('Device', paths.device) +
      address('Imaging', paths.imaging) +
      address('Media', paths.media) +
      address('PTZ', paths.ptz);
    return `<tds:Capabilities>${inner}</tds:Capabilities>`;
  },
  GetServiceCapabilities: (_, { abilities }) => {
    const names = abilities.deviceAuxiliary.map((one) => escapeText(one.name)).join(' ');
    const misc = `<tds:Misc AuxiliaryCommands="${names}"/>`;
    return `<tds:Capabilities><tds:Network/><tds:Security/><tds:System/>${misc}</tds:Capabilities>`;
  },
  GetRelayOutputs: (_, { abilities }) =>
    Object.keys(abilities.relays)
      .map(
        (token) =>
          `<tds:RelayOutputs token="${escapeText(token)}"><tt:Properties><tt:Mode>Bistable</tt:Mode>` +
          '<tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties>' +
          '</tds:RelayOutputs>',
      )
      .join(''),
  SetRelayOutputState: (request, inside) => {
    const token = argument(request, 'RelayOutputToken');
    const state = argument(request, 'LogicalState');
    const wired = inside.abilities.relays[token];
    if (wired === undefined) throw invalid('RelayToken', `no relay ${token}`);
    if (state !== 'active' && state !== 'inactive')
      throw invalid('InvalidArgs', `no state ${state}`);
    if (!inside.effective()) return '';
    inside.actuators.setRelay(token, state === 'active');
    if (wired) inside.actuators.set(wired, state === 'active');
    return '';
  },
  SendAuxiliaryCommand: (request, inside) => {
    const given = argument(request, 'AuxiliaryCommand');
    switchAuxiliary(inside.abilities.deviceAuxiliary, given, inside);
    return `<tds:AuxiliaryCommandResponse>${escapeText(given)}</tds:AuxiliaryCommandResponse>`;
  },
};
