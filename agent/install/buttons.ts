// Inputs of a site: what is wired where, and how the place of a press is put in.

import type { Result } from '../teach/looks.ts';
import { placeText } from '../teach/rows.ts';
import type { Suggestion } from '../teach/suggest.ts';
import { type Group, put, type Site, type Value, valueAt } from './site.ts';

export interface NewInput {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Of a button. */
  readonly kind: string | null;
}

export interface WiredInput {
  readonly id: string;
  readonly name: string;
  readonly isButton: boolean;
  /** As teach-in words it. */
  readonly place: string;
}

const isList = (value: Value | null | undefined): value is readonly Value[] => Array.isArray(value);
const isGroup = (value: Value | null | undefined): value is Group =>
  typeof value === 'object' && value !== null && !isList(value);
const listAt = (site: Site, field: string): Group[] => {
  const found = valueAt(site, field);
  return isList(found) ? found.filter(isGroup) : [];
};
const textIn = (group: Group, key: string): string => {
  const found = group[key];
  return typeof found === 'string' ? found : '';
};

/** Wherever they are wired. */
export function inputsIn(site: Site): WiredInput[] {
  const onPorts = [...listAt(site, 'boxes'), ...listAt(site, 'modems')].flatMap((port) => {
    const { inputs } = port;
    if (!isGroup(inputs)) return [];
    return Object.entries(inputs).map(([number, one]): [string, Value] => [
      `${textIn(port, 'path')} ${/^\d+$/.test(number) ? number : number.toUpperCase()}`,
      one,
    ]);
  });
  const onModules = listAt(site, 'modbus').flatMap((line) =>
    listAt({ ...site, tree: line }, 'modules').flatMap((module): [string, Value][] =>
      isGroup(module.inputs)
        ? Object.entries(module.inputs).map(([number, one]) => [
            `${textIn(line, 'path')} module ${textIn(module, 'unit')} ${number}`,
            one,
          ])
        : [],
    ),
  );
  const onLines = listAt(site, 'gpio.inputs').map((one): [string, Value] => [
    textIn(one, 'place') ||
      textIn(one, 'line') ||
      `${textIn(one, 'chip')} ${textIn(one, 'offset')}`,
    one,
  ]);
  const onDome = listAt(site, 'dome.inputs').map((one): [string, Value] => ['dome', one]);
  return [...onPorts, ...onModules, ...onLines, ...onDome].flatMap(([place, one]) => {
    if (!isGroup(one)) return [];
    const isButton = (textIn(one, 'role') || 'button') === 'button';
    return [{ id: textIn(one, 'id'), name: textIn(one, 'name'), isButton, place }];
  });
}

export const inputIds = (site: Site): ReadonlySet<string> =>
  new Set(inputsIn(site).map(({ id }) => id));

/** Whether what a press suggests is in the site already. */
export function isWired(site: Site, { config }: Suggestion): boolean {
  const [group = '', content] = Object.entries(textual(config))[0] ?? [];
  if (group === 'gpio') {
    const { line, chip, offset } = linesIn(content)[0] ?? {};
    return listAt(site, 'gpio.inputs').some((one) =>
      line === undefined ? one.chip === chip && one.offset === offset : one.line === line,
    );
  }
  const [port] = isList(content) ? content.filter(isGroup) : [];
  const there = listAt(site, group).find(({ path }) => path === port?.path);
  const [has, suggested] = [there?.inputs, port?.inputs];
  if (!isGroup(has) || !isGroup(suggested)) return false;
  return Object.keys(suggested).every((number) => number in has);
}

const linesIn = (content: Value | undefined): readonly Group[] =>
  isGroup(content) && isList(content.inputs) ? content.inputs.filter(isGroup) : [];

/** Where the press was found, in the group where such inputs stand. */
export function addInput(site: Site, { found, suggestion }: Result, input: NewInput): Site {
  const { id, name, role, kind } = input;
  const words = { id, name, ...(role === 'button' ? {} : { role }), ...(kind ? { kind } : {}) };
  const [group = '', content] = Object.entries(textual(suggestion?.config ?? {}))[0] ?? [];
  if (group === 'gpio') return addLine(site, content, words);
  const [port] = isList(content) ? content.filter(isGroup) : [];
  if (!port) throw new RangeError(`nothing to write for ${placeText(found)}`);
  const number = found.what === 'contact' ? found.contact.name : '1';
  const inputs = isGroup(port.inputs) ? port.inputs : {};
  const { kind: _, ...wiring } = isGroup(inputs[number]) ? inputs[number] : {};
  const one = { ...wiring, ...words };
  const all = listAt(site, group);
  const at = all.findIndex((other) => other.path === port.path);
  const there = all[at];
  const before = there && isGroup(there.inputs) ? there.inputs : {};
  const next = { ...(there ?? { ...port, id: freePortId(all, port) }) };
  const changed = { ...next, inputs: { ...before, [number]: one } };
  return put(site, group, at < 0 ? [...all, changed] : all.with(at, changed));
}

function addLine(site: Site, content: Value | undefined, words: Group): Site {
  const { kind: _, ...wiring } = linesIn(content)[0] ?? {};
  const others = listAt(site, 'gpio.inputs');
  return put(site, 'gpio.inputs', [...others, { ...wiring, ...words }]);
}

function freePortId(all: readonly Group[], port: Group): string {
  const base = textIn(port, 'id').replace(/-\d+$/, '');
  let n = 1;
  while (all.some((one) => one.id === `${base}-${n}`)) n += 1;
  return `${base}-${n}`;
}

/** A suggestion's numbers as the text that they will be. */
function textual(value: unknown): Group {
  const one = textValue(value);
  return isGroup(one) ? one : {};
}

function textValue(value: unknown): Value | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.flatMap((one) => textValue(one) ?? []);
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).flatMap(([key, one]): [string, Value][] => {
    const found = textValue(one);
    return found === undefined ? [] : [[key, found]];
  });
  return Object.fromEntries(entries);
}
