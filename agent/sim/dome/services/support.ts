// What the services of the simulated dome have in common: what they are told they can, arguments, faults.

import type { ActuatorName } from '../actuators.ts';
import { child, type Element, SimFault } from '../envelope.ts';
import type { Preset } from '../presets.ts';
import type { Inside } from '../services.ts';

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
  readonly presets: readonly Preset[];
  /** Reserved presets that switch instead of moving. */
  readonly presetSwitches: {
    readonly [token: string]: { readonly actuator: ActuatorName; readonly on: boolean };
  };
  /** False: GetServices is unknown, as on old firmware. */
  readonly getServices: boolean;
  /** RelativeMove in the space of the field of view. */
  readonly fovSpace: boolean;
}

/** From an operation's element to the inner XML of its response. */
export type Handler = (request: Element, inside: Inside) => string;

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
  if (inside.effective()) inside.actuators.set(command.actuator, command.on);
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
