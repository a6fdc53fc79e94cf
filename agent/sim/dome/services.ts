// The ONVIF services of the simulated dome: device, media and PTZ, each operation a function from its
// element to the inner XML of its response. Names match to the letter, as on real domes.

import type { ActuatorName, Actuators } from './actuators.ts';
import { child, type Element, escapeText, namespaces, SimFault } from './envelope.ts';

export interface AuxiliaryCommand {
  /** As advertised, to the letter. */
  readonly name: string;
  readonly actuator: ActuatorName;
  readonly on: boolean;
}

export interface Abilities {
  /** Relay outputs and what is wired to each. */
  readonly relays: { readonly [token: string]: ActuatorName | null };
  readonly deviceAuxiliary: readonly AuxiliaryCommand[];
  readonly ptzAuxiliary: readonly AuxiliaryCommand[];
  readonly presets: readonly { readonly token: string; readonly name: string }[];
  /** Reserved presets that switch instead of moving. */
  readonly presetSwitches: {
    readonly [token: string]: { readonly actuator: ActuatorName; readonly on: boolean };
  };
  /** False: GetServices is unknown, as on old firmware. */
  readonly getServices: boolean;
}

export interface Inside {
  readonly abilities: Abilities;
  readonly actuators: Actuators;
  readonly now: () => number;
  /** As advertised: scheme, host and port. */
  readonly origin: () => string;
  /** False while the dome says yes and does nothing. */
  readonly effective: () => boolean;
}

export const paths = {
  device: '/onvif/device_service',
  media: '/onvif/Media',
  ptz: '/onvif/PTZ',
} as const;
export type ServiceName = keyof typeof paths;

type Handler = (request: Element, inside: Inside) => string;

const invalid = (sub: string, reason: string) =>
  new SimFault(400, 'Sender', ['InvalidArgVal', sub], reason);

const argument = (request: Element, name: string): string => {
  const given = child(request, name, request.namespace)?.text;
  if (!given) throw invalid('InvalidArgs', `${name} is missing or in a foreign namespace`);
  return given;
};

function switchAuxiliary(
  commands: readonly AuxiliaryCommand[],
  given: string,
  inside: Inside,
): string {
  const command = commands.find((one) => one.name === given);
  if (!command) throw invalid('AuxiliaryDataNotSupported', `no auxiliary command ${given}`);
  if (inside.effective()) inside.actuators.set(command.actuator, command.on);
  return given;
}

const number = (name: string, value: number) => `<tt:${name}>${value}</tt:${name}>`;

const device: { readonly [operation: string]: Handler } = {
  GetSystemDateAndTime: (_, { now }) => {
    const utc = new Date(now());
    const time =
      number('Hour', utc.getUTCHours()) +
      number('Minute', utc.getUTCMinutes()) +
      number('Second', utc.getUTCSeconds());
    const date =
      number('Year', utc.getUTCFullYear()) +
      number('Month', utc.getUTCMonth() + 1) +
      number('Day', utc.getUTCDate());
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
    return (['device', 'media', 'ptz'] as const)
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
      address('Device', paths.device) + address('Media', paths.media) + address('PTZ', paths.ptz);
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

const source =
  '<tt:SourceToken>VideoSource_1</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/>';

const media: { readonly [operation: string]: Handler } = {
  GetProfiles: () =>
    // The first profile cannot move: a client that takes the first one it sees fails here.
    '<trt:Profiles token="Snapshot" fixed="true"><tt:Name>snapshot</tt:Name></trt:Profiles>' +
    '<trt:Profiles token="Profile_1" fixed="true"><tt:Name>main</tt:Name>' +
    '<tt:VideoSourceConfiguration token="VSC_1"><tt:Name>vs</tt:Name><tt:UseCount>1</tt:UseCount>' +
    `${source}</tt:VideoSourceConfiguration>` +
    '<tt:VideoEncoderConfiguration token="VEC_1"><tt:Name>ve</tt:Name><tt:UseCount>1</tt:UseCount>' +
    '<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width>' +
    '<tt:Height>1080</tt:Height></tt:Resolution>' +
    '<tt:Quality>5</tt:Quality></tt:VideoEncoderConfiguration>' +
    '<tt:PTZConfiguration token="PTZ_1"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount>' +
    '<tt:NodeToken>Node_1</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>',
  GetVideoSources: () =>
    '<trt:VideoSources token="VideoSource_1"><tt:Framerate>25</tt:Framerate>' +
    '<tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution></trt:VideoSources>',
};

const withProfile = (request: Element): void => {
  const token = argument(request, 'ProfileToken');
  if (token !== 'Profile_1') throw invalid('NoProfile', `no profile ${token} that can move`);
};

const ptz: { readonly [operation: string]: Handler } = {
  GetNodes: (_, { abilities }) => {
    const names = abilities.ptzAuxiliary
      .map((one) => `<tt:AuxiliaryCommands>${escapeText(one.name)}</tt:AuxiliaryCommands>`)
      .join('');
    return (
      '<tptz:PTZNode token="Node_1" FixedHomePosition="false"><tt:Name>node</tt:Name>' +
      '<tt:SupportedPTZSpaces/>' +
      '<tt:MaximumNumberOfPresets>300</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported>' +
      `${names}</tptz:PTZNode>`
    );
  },
  GetPresets: (request, { abilities }) => {
    withProfile(request);
    return abilities.presets
      .map(
        ({ token, name }) =>
          `<tptz:Preset token="${escapeText(token)}"><tt:Name>${escapeText(name)}</tt:Name></tptz:Preset>`,
      )
      .join('');
  },
  GotoPreset: (request, inside) => {
    withProfile(request);
    const token = argument(request, 'PresetToken');
    const reserved = inside.abilities.presetSwitches[token];
    const known = reserved || inside.abilities.presets.some((one) => one.token === token);
    if (!known) throw invalid('NoToken', `no preset ${token}`);
    if (!inside.effective()) return '';
    if (reserved) inside.actuators.set(reserved.actuator, reserved.on);
    else inside.actuators.goto(token);
    return '';
  },
  SendAuxiliaryCommand: (request, inside) => {
    withProfile(request);
    const given = argument(request, 'AuxiliaryData');
    switchAuxiliary(inside.abilities.ptzAuxiliary, given, inside);
    return `<tptz:AuxiliaryResponse>${escapeText(given)}</tptz:AuxiliaryResponse>`;
  },
  GetStatus: (request) => {
    withProfile(request);
    return (
      '<tptz:PTZStatus><tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt><tt:Zoom>IDLE</tt:Zoom></tt:MoveStatus>' +
      '<tt:UtcTime>2026-01-01T00:00:00Z</tt:UtcTime></tptz:PTZStatus>'
    );
  },
  Stop: (request) => {
    withProfile(request);
    return '';
  },
};

export const unknown = (operation: string): SimFault =>
  new SimFault(500, 'Receiver', ['ActionNotSupported'], `${operation} is not implemented`);

const prefixes = { device: 'tds', media: 'trt', ptz: 'tptz' } as const;
const services = { device, media, ptz };

/** Inner XML of the response element, the element included. Throws a `SimFault`. */
export function serve(service: ServiceName, request: Element, inside: Inside): string {
  const handler =
    request.namespace === namespaces[service] ? services[service][request.name] : undefined;
  if (!handler) throw unknown(request.name);
  const inner = handler(request, inside);
  const name = `${prefixes[service]}:${request.name}Response`;
  return `<${name}>${inner}</${name}>`;
}
