// The PTZ service of the simulated dome: what it can, where it looks, and how it is sent elsewhere.

import { child, type Element, escapeText, SimFault } from '../envelope.ts';
import { type Motion, type Position, usualMotion } from '../motion.ts';
import type { Quirks } from '../quirks.ts';
import type { Inside } from '../services.ts';
import {
  argument,
  type Handler,
  invalid,
  numberIn,
  range,
  switchAuxiliary,
  tt,
  unknown,
} from './support.ts';

const generic = 'http://www.onvif.org/ver10/tptz';
const spaces = {
  position: `${generic}/PanTiltSpaces/PositionGenericSpace`,
  translation: `${generic}/PanTiltSpaces/TranslationGenericSpace`,
  inView: `${generic}/PanTiltSpaces/TranslationSpaceFov`,
  velocity: `${generic}/PanTiltSpaces/VelocityGenericSpace`,
  speed: `${generic}/PanTiltSpaces/GenericSpeedSpace`,
  zoomPosition: `${generic}/ZoomSpaces/PositionGenericSpace`,
  zoomTranslation: `${generic}/ZoomSpaces/TranslationGenericSpace`,
  zoomVelocity: `${generic}/ZoomSpaces/VelocityGenericSpace`,
  zoomSpeed: `${generic}/ZoomSpaces/ZoomGenericSpeedSpace`,
} as const;

const whole = range('XRange', -1, 1) + range('YRange', -1, 1);

function allSpaces({ abilities }: Inside): string {
  const space = (name: string, uri: string, ranges: string) => tt(name, tt('URI', uri) + ranges);
  const inView = space('RelativePanTiltTranslationSpace', spaces.inView, whole);
  return [
    space('AbsolutePanTiltPositionSpace', spaces.position, whole),
    space('AbsoluteZoomPositionSpace', spaces.zoomPosition, range('XRange', 0, 1)),
    space('RelativePanTiltTranslationSpace', spaces.translation, whole),
    abilities.fovSpace ? inView : '',
    space('RelativeZoomTranslationSpace', spaces.zoomTranslation, range('XRange', -1, 1)),
    space('ContinuousPanTiltVelocitySpace', spaces.velocity, whole),
    space('ContinuousZoomVelocitySpace', spaces.zoomVelocity, range('XRange', -1, 1)),
    space('PanTiltSpeedSpace', spaces.speed, range('XRange', 0, 1)),
    space('ZoomSpeedSpace', spaces.zoomSpeed, range('XRange', 0, 1)),
  ].join('');
}

export function node(inside: Inside): string {
  const names = inside.abilities.ptzAuxiliary.map((one) =>
    tt('AuxiliaryCommands', escapeText(one.name)),
  );
  return (
    tt('Name', 'node') +
    tt('SupportedPTZSpaces', allSpaces(inside)) +
    tt('MaximumNumberOfPresets', 300) +
    tt('HomeSupported', 'true') +
    names.join('')
  );
}

const nodeAttributes = ({ abilities: { tokens } }: Inside): string =>
  `token="${escapeText(tokens.node)}" FixedHomePosition="false"`;

export const ptzToken = ({ abilities: { tokens } }: Inside): string =>
  `token="${escapeText(tokens.ptz)}"`;

/** The only configuration; media profiles carry it, too. */
export const configuration = ({ abilities: { tokens } }: Inside): string =>
  tt('Name', 'ptz') +
  tt('UseCount', 2) +
  tt('NodeToken', escapeText(tokens.node)) +
  tt('DefaultAbsolutePantTiltPositionSpace', spaces.position) +
  tt('DefaultAbsoluteZoomPositionSpace', spaces.zoomPosition) +
  tt('DefaultRelativePanTiltTranslationSpace', spaces.translation) +
  tt('DefaultRelativeZoomTranslationSpace', spaces.zoomTranslation) +
  tt('DefaultContinuousPanTiltVelocitySpace', spaces.velocity) +
  tt('DefaultContinuousZoomVelocitySpace', spaces.zoomVelocity) +
  tt('DefaultPTZSpeed', '<tt:PanTilt x="1" y="1"/><tt:Zoom x="1"/>') +
  tt('DefaultPTZTimeout', `PT${usualMotion.timeoutMs / 1000}S`) +
  tt('PanTiltLimits', tt('Range', tt('URI', spaces.position) + whole)) +
  tt('ZoomLimits', tt('Range', tt('URI', spaces.zoomPosition) + range('XRange', 0, 1)));

const withProfile = (request: Element, { abilities: { tokens } }: Inside): void => {
  const token = argument(request, 'ProfileToken');
  if (token !== tokens.main && token !== tokens.sub)
    throw invalid('NoProfile', `no profile ${token} that can move`);
};

interface Vector {
  readonly values: Partial<Position>;
  /** Of pan and tilt. */
  readonly space: string | undefined;
}

/** PanTilt and Zoom of an argument; what is not given is not moved. */
function vector(request: Element, name: string): Vector {
  const given = child(request, name, request.namespace);
  const panTilt = child(given, 'PanTilt')?.attributes;
  const pan = numberIn(panTilt?.x);
  const tilt = numberIn(panTilt?.y);
  const zoom = numberIn(child(given, 'Zoom')?.attributes.x);
  const values = {
    ...(pan === undefined ? {} : { pan }),
    ...(tilt === undefined ? {} : { tilt }),
    ...(zoom === undefined ? {} : { zoom }),
  };
  return { values, space: panTilt?.space };
}

function needed(request: Element, name: string): Vector {
  const given = vector(request, name);
  if (Object.keys(given.values).length === 0)
    throw invalid('InvalidArgs', `${name} says neither PanTilt nor Zoom`);
  return given;
}

/** ISO 8601, as far as a PTZ timeout goes. */
function milliseconds(duration: string): number {
  const parts = /^PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration);
  if (!parts || duration === 'PT') throw invalid('InvalidArgs', `${duration} is no duration`);
  return (Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0)) * 1000;
}

const placeOf = ({ pan, tilt, zoom }: Position): string =>
  `<tt:PanTilt x="${pan.toFixed(5)}" y="${tilt.toFixed(5)}" space="${spaces.position}"/>` +
  `<tt:Zoom x="${zoom.toFixed(5)}" space="${spaces.zoomPosition}"/>`;

function moveStatus({ panTilt, zoom }: Motion['moving'], { moveStatus: how }: Quirks): string {
  const word = (isMoving: boolean) => (isMoving || how === 'frozen' ? 'MOVING' : 'IDLE');
  if (how === 'missing') return '';
  if (how === 'word') return tt('MoveStatus', word(panTilt || zoom));
  return tt('MoveStatus', tt('PanTilt', word(panTilt)) + tt('Zoom', word(zoom)));
}

const toHome: Handler = (request, inside) => {
  withProfile(request, inside);
  const { effective, motion, presets } = inside;
  if (effective()) motion.absolute(presets.home, vector(request, 'Speed').values);
  return '';
};

const moves: { readonly [operation: string]: Handler } = {
  ContinuousMove: (request, inside) => {
    withProfile(request, inside);
    const { effective, motion } = inside;
    const { values } = needed(request, 'Velocity');
    const timeout = child(request, 'Timeout', request.namespace)?.text;
    const timeoutMs = timeout ? milliseconds(timeout) : undefined;
    if (effective()) motion.continuous(values, timeoutMs);
    return '';
  },
  RelativeMove: (request, inside) => {
    withProfile(request, inside);
    const { abilities, effective, motion } = inside;
    const { values, space } = needed(request, 'Translation');
    const inView = space === spaces.inView;
    if (space && space !== spaces.translation && !(inView && abilities.fovSpace))
      throw invalid('SpaceNotSupported', `no space ${space}`);
    if (effective()) motion.relative(values, vector(request, 'Speed').values, inView);
    return '';
  },
  AbsoluteMove: (request, inside) => {
    withProfile(request, inside);
    const { effective, motion } = inside;
    const { values, space } = needed(request, 'Position');
    if (space && space !== spaces.position) throw invalid('SpaceNotSupported', `no space ${space}`);
    const { pan = 0, tilt = 0, zoom = 0 } = values;
    if (Math.abs(pan) > 1 || Math.abs(tilt) > 1 || zoom < 0 || zoom > 1)
      throw invalid('InvalidPosition', 'the position is out of bounds');
    if (effective()) motion.absolute(values, vector(request, 'Speed').values);
    return '';
  },
  Stop: (request, inside) => {
    withProfile(request, inside);
    const { effective, motion } = inside;
    const stops = (name: string) => child(request, name, request.namespace)?.text !== 'false';
    if (effective()) motion.stop({ panTilt: stops('PanTilt'), zoom: stops('Zoom') });
    return '';
  },
  GetStatus: (request, inside) => {
    withProfile(request, inside);
    const { motion, now, quirks } = inside;
    const { position, moving } = motion.ago(quirks.statusLateMs);
    const at = placeOf(position);
    const utc = tt('UtcTime', new Date(now() - quirks.statusLateMs).toISOString());
    return `<tptz:PTZStatus>${tt('Position', at)}${moveStatus(moving, quirks)}${utc}</tptz:PTZStatus>`;
  },
};

/** After which whatever turns it, or stops it, ends its following people. */
const track: Handler = (request, inside) => {
  const { abilities, actuators, effective, motion, presets } = inside;
  if (!abilities.moveAndTrack) throw unknown('MoveAndStartTracking');
  withProfile(request, inside);
  const token = child(request, 'PresetToken', request.namespace)?.text;
  const position = token ? presets.at(token) : undefined;
  if (token && !position) throw invalid('NoToken', `no preset ${token}`);
  if (!effective()) return '';
  if (token && position) {
    actuators.goto(token);
    motion.absolute(position);
  }
  actuators.set('tracking', true);
  motion.turned = () => actuators.set('tracking', false);
  return '';
};

const presetOperations: { readonly [operation: string]: Handler } = {
  GetPresets: (request, inside) => {
    withProfile(request, inside);
    const { presets, quirks } = inside;
    return presets.all
      .map(({ token, name, position }) => {
        const named = name === '' ? '' : tt('Name', escapeText(name));
        const place = quirks.placelessPresets ? '' : tt('PTZPosition', placeOf(position));
        return `<tptz:Preset token="${escapeText(token)}">${named}${place}</tptz:Preset>`;
      })
      .join('');
  },
  GotoPreset: (request, inside) => {
    withProfile(request, inside);
    const { abilities, actuators, effective, motion, presets } = inside;
    const token = argument(request, 'PresetToken');
    const reserved = abilities.presetSwitches[token];
    const position = presets.at(token);
    if (!reserved && !position) throw invalid('NoToken', `no preset ${token}`);
    if (!effective()) return '';
    if (reserved) actuators.set(reserved.actuator, reserved.on);
    else actuators.goto(token);
    if (position && !reserved) motion.absolute(position, vector(request, 'Speed').values);
    return '';
  },
  SetPreset: (request, inside) => {
    withProfile(request, inside);
    const { effective, motion, presets } = inside;
    const given = child(request, 'PresetToken', request.namespace)?.text;
    const name = child(request, 'PresetName', request.namespace)?.text;
    if (given && !presets.at(given)) throw invalid('NoToken', `no preset ${given}`);
    if (!effective()) return `<tptz:PresetToken>${escapeText(given || '1')}</tptz:PresetToken>`;
    const token = presets.set(given || null, name || null, motion.position);
    if (token === null)
      throw new SimFault(500, 'Receiver', ['Action', 'TooManyPresets'], 'no room for a preset');
    return `<tptz:PresetToken>${escapeText(token)}</tptz:PresetToken>`;
  },
  RemovePreset: (request, inside) => {
    withProfile(request, inside);
    const { effective, presets } = inside;
    const token = argument(request, 'PresetToken');
    if (!presets.at(token)) throw invalid('NoToken', `no preset ${token}`);
    if (effective()) presets.remove(token);
    return '';
  },
  GotoHomePosition: toHome,
  SetHomePosition: (request, inside) => {
    withProfile(request, inside);
    const { effective, motion, presets } = inside;
    if (effective()) presets.home = motion.position;
    return '';
  },
};

const wholeConfiguration = (inside: Inside): string =>
  `<tptz:PTZConfiguration ${ptzToken(inside)}>${configuration(inside)}</tptz:PTZConfiguration>`;

export const ptz: { readonly [operation: string]: Handler } = {
  ...moves,
  ...presetOperations,
  MoveAndStartTracking: track,
  GetServiceCapabilities: (_, { abilities }) =>
    '<tptz:Capabilities MoveStatus="true" StatusPosition="true"' +
    `${abilities.moveAndTrack ? ' MoveAndTrack="PresetToken"' : ''}/>`,
  GetNodes: (_, inside) => `<tptz:PTZNode ${nodeAttributes(inside)}>${node(inside)}</tptz:PTZNode>`,
  GetNode: (request, inside) => {
    if (argument(request, 'NodeToken') !== inside.abilities.tokens.node)
      throw invalid('NoEntity', 'no such node');
    return `<tptz:PTZNode ${nodeAttributes(inside)}>${node(inside)}</tptz:PTZNode>`;
  },
  GetConfigurations: (_, inside) => wholeConfiguration(inside),
  GetConfiguration: (_, inside) => wholeConfiguration(inside),
  GetConfigurationOptions: (_, inside) =>
    `<tptz:PTZConfigurationOptions>${tt('Spaces', allSpaces(inside))}` +
    `${range('PTZTimeout', 'PT0S', 'PT60S')}</tptz:PTZConfigurationOptions>`,
  SendAuxiliaryCommand: (request, inside) => {
    withProfile(request, inside);
    const given = argument(request, 'AuxiliaryData');
    switchAuxiliary(inside.abilities.ptzAuxiliary, given, inside);
    return `<tptz:AuxiliaryResponse>${escapeText(given)}</tptz:AuxiliaryResponse>`;
  },
};
