// The configuration for what was found, as data and as YAML ready to be pasted. Names and kinds are a
// beginning: they are what the installer fills in.

import { stringify } from 'yaml';
import type { Bias, Level } from '../gpio/kernel.ts';
import type { Found } from './found.ts';
import type { LineView, PortView, Signal, TeachView } from './view.ts';

export interface Suggestion {
  readonly config: { readonly [group: string]: unknown };
  /** For people, beside the YAML. */
  readonly remarks: readonly string[];
}

/** null where the configuration has it already. */
export function suggest(found: Found, view: TeachView): Suggestion | null {
  if (found.what === 'line' || found.what === 'pair')
    return found.line.state === 'configured' ? null : onLines(found, view);
  if (found.port.state === 'configured') return null;
  if (found.what === 'contact' && found.contact.on === 'modem')
    return onModem(found.port, found.contact.name, found.signal, view);
  return onBox(found, view);
}

/** As it stands in the file. */
export const yamlOf = ({ config }: Suggestion): string =>
  // Numbers on a box are keys: the library puts them in quotes.
  stringify(config, { lineWidth: 0 }).replace(/^(\s*)"(\d+)":/gm, '$1$2:');

type OnLines = Extract<Found, { what: 'line' | 'pair' }>;

function onLines(found: OnLines, view: TeachView): Suggestion {
  const { line, signal } = found;
  const rest = signal.rest ?? 1;
  const { bias, contact } = wiringOf(rest, view.bias);
  const isPair = found.what === 'pair';
  const input = {
    ...button(view),
    ...placeOf(line, view),
    ...(isPair
      ? { contact: 'pair', pair: placeOf(found.other, view), bias: view.bias }
      : { contact, bias }),
  };
  const isOpen = !isPair && bias === 'as-is';
  return { config: { gpio: { inputs: [input] } }, remarks: isOpen ? lowAtRest : [] };
}

const lowAtRest = [
  'Low at rest: taken for a break contact to ground. If yours closes to plus when pressed:',
  'contact: no, bias: pull-down. 静止时低电平: 视为常闭触点接地; 若按下时接通电源, 请这样写',
];

/** The level at rest says what the contact is; where no bias was asked for, low at rest may be a pull-down
 * on the board, and nothing must be put against that. */
function wiringOf(rest: Level, asked: Bias): { bias: Bias; contact: 'no' | 'nc' } {
  const bias = asked === 'as-is' && rest === 1 ? 'pull-up' : asked;
  const closed: Level = bias === 'pull-down' ? 1 : 0;
  return { bias, contact: rest === closed ? 'nc' : 'no' };
}

/** As a `line`, or a `chip` and an `offset`, of the configuration. */
export function placeOf({ chip, label, offset, name }: LineView, { lines }: TeachView) {
  const isOnly = (is: (line: LineView) => boolean) =>
    new Set(lines.filter(is).map((l) => l.chip)).size === 1;
  if (name !== '' && lines.filter((line) => line.name === name).length === 1) return { line: name };
  // A label stays when another adapter is plugged in; gpiochip0 may not.
  return { chip: isOnly((line) => line.label === label) ? label : chip, offset };
}

function onModem(port: PortView, name: string, signal: Signal, view: TeachView): Suggestion {
  const contact = signal.rest === 1 ? 'nc' : 'no';
  const id = freeId('port', idsOf(view));
  const inputs = { [name]: { ...button(view), contact } };
  return { config: { modems: [{ id, path: port.path, inputs }] }, remarks: [] };
}

function onBox(found: Extract<Found, { what: 'contact' | 'box' }>, view: TeachView): Suggestion {
  const { port } = found;
  const numbers = port.contacts.filter(({ on }) => on === 'box').map(({ name }) => name);
  const taken = idsOf(view);
  const inputs = numbers.map((number) => {
    const one = button(view, taken);
    taken.add(one.id);
    return [number, one] as const;
  });
  const box = { id: freeId('box', taken), path: port.path, baud: port.baud };
  const pressed = found.what === 'contact' ? [`Input ${found.contact.name} was pressed.`] : [];
  return {
    config: { boxes: [{ ...box, inputs: Object.fromEntries(inputs) }] },
    remarks: [...pressed, 'Leave out the inputs that nothing hangs on. 未接按钮的输入请删去'],
  };
}

function button(view: TeachView, taken: ReadonlySet<string> = idsOf(view)) {
  const id = freeId('button', taken);
  return { id, name: id.replace('button-', '按钮 '), kind: 'emergency' };
}

function freeId(what: string, taken: ReadonlySet<string>): string {
  let n = 1;
  while (taken.has(`${what}-${n}`)) n++;
  return `${what}-${n}`;
}

/** Everything that the configuration has a name for. */
function idsOf({ lines, ports }: TeachView): Set<string> {
  const used = [...lines, ...ports].filter(({ state }) => state === 'configured');
  const inputs = ports.flatMap(({ contacts }) =>
    contacts.filter(({ on }) => on === 'input').map(({ name }) => name),
  );
  return new Set([...used.flatMap(({ by }) => by ?? []), ...inputs]);
}
