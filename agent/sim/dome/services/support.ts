// What the services of the simulated dome have in common: what they are told they can, arguments, faults.

import type { ActuatorName } from '../actuators.ts';
import { child, type Element, SimFault } from '../envelope.ts';
import type { Preset } from '../presets.ts';
import type { Inside, ServiceName } from '../services.ts';

export interface AuxiliaryCommand {
  /** As advertised, to the letter. */
  readonly name: string;
  /** Null: it says yes and does nothing. */
  readonly actuator: ActuatorName | null;
  readonly on: boolean;
}

export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardware: string;
}

/** What the dome calls its parts. */
export interface Tokens {
  readonly main: string;
  readonly sub: string;
  /** Of a profile without a camera. */
  readonly still: string;
  readonly source: string;
  readonly node: string;
  readonly ptz: string;
}

export interface Abilities {
  readonly identity: Identity;
  readonly tokens: Tokens;
  /** The services there are, in the order in which they are told. */
  readonly offers: readonly ServiceName[];
  readonly paths: { readonly [name in ServiceName]: string };
  /** The profile without a camera is told first: a client that takes the first one it sees fails. */
  readonly stillFirst: boolean;
  /** Media2 is told, and answers nothing but faults. */
  readonly media2Broken: boolean;
  readonly snapshots: boolean;
  /** The imaging service has an infrared filter to move. */
  readonly dayNight: boolean;
  /** Relay outputs and what is wired to each. */
  readonly relays: { readonly [token: string]: ActuatorName | null };
  /** Those whose contact is closed while they are inactive, and whether GetRelayOutputs says so. */
  readonly closedRelays: readonly string[];
  readonly idleStateTold: boolean;
  readonly deviceAuxiliary: readonly AuxiliaryCommand[];
  readonly ptzAuxiliary: readonly AuxiliaryCommand[];
  readonly presets: readonly Preset[];
  /** Reserved presets that switch instead of moving. */
  readonly presetSwitches: {
    readonly [token: string]: { readonly actuator: ActuatorName; readonly on: boolean };
  };
  /** Clips of sound, and what each is heard as. */
  readonly audioClips: { readonly [token: string]: ActuatorName };
  /** It knows MoveAndStartTracking, and ends it with whatever turns it otherwise. */
  readonly moveAndTrack: boolean;
  /** False: GetServices is unknown, as on old firmware. */
  readonly getServices: boolean;
  /** RelativeMove in the space of the field of view. */
  readonly fovSpace: boolean;
}

/** From an operation's element to the inner XML of its response. */
export type Handler = (
  request: Element,
  inside: Inside,
  /** Where it was sent to. */
  path: string,
  header: Element | undefined,
) => string | Promise<string>;

export const unknown = (operation: string): SimFault =>
  new SimFault(500, 'Receiver', ['ActionNotSupported'], `${operation} is not implemented`);

export const invalid = (sub: string, reason: string): SimFault =>
  new SimFault(400, 'Sender', ['InvalidArgVal', sub], reason);

export function argument(request: Element, name: string): string {
  const given = child(request, name, request.namespace)?.text;
  if (!given) throw invalid('InvalidArgs', `${name} is missing or in a foreign namespace`);
  return given;
}

export function switchAuxiliary(
  commands: readonly AuxiliaryCommand[],
  given: string,
  inside: Inside,
): string {
  const command = commands.find((one) => one.name === given);
  if (!command) throw invalid('AuxiliaryDataNotSupported', `no auxiliary command ${given}`);
  if (command.actuator && inside.effective()) inside.actuators.set(command.actuator, command.on);
  return given;
}

/** A finite number, or undefined where there is none. */
export function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw invalid('InvalidArgs', `${text} is no number`);
  return value;
}

/** An element of the ONVIF schema. */
export const tt = (name: string, inner: string | number, attributes = ''): string =>
  `<tt:${name}${attributes && ` ${attributes}`}>${inner}</tt:${name}>`;

export const range = (name: string, from: number | string, to: number | string): string =>
  tt(name, tt('Min', from) + tt('Max', to));
