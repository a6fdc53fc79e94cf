// What provisioning collects: the fields of the configuration as the text that will be written, and the
// contents of the files that fields name (keys, certificates, passwords, the dome's profile). Values only:
// every change gives a new site, so that a step which is given up leaves nothing behind.

import { stringify } from 'yaml';
import * as z from 'zod';
import { type FileField, fileFields } from '../config/files.ts';
import type { Raw } from '../config/yaml.ts';

export type Value = string | readonly Value[] | Group;
export interface Group {
  readonly [key: string]: Value;
}

export interface Site {
  readonly tree: Group;
  /** By the field that will name them. */
  readonly files: { readonly [field in FileField]?: string };
}

export const emptySite: Site = { tree: {}, files: {} };

const value: z.ZodType<Value> = z.lazy(() =>
  z.union([z.string(), z.array(value), z.record(z.string(), value)]),
);
const fileNames = Object.keys(fileFields) as [FileField, ...FileField[]];
export const siteSchema: z.ZodType<Site> = z.strictObject({
  tree: z.record(z.string(), value),
  files: z.partialRecord(z.enum(fileNames), z.string()),
});

const isGroup = (one: Value | undefined): one is Group =>
  typeof one === 'object' && !Array.isArray(one);

/** What stands at `broker.url`; null where nothing does. */
export function valueAt(site: Site, field: string): Value | null {
  let here: Value | undefined = site.tree;
  for (const step of field.split('.')) {
    if (!isGroup(here) || !Object.hasOwn(here, step)) return null;
    here = here[step];
  }
  return here ?? null;
}

export function textAt(site: Site, field: string): string | null {
  const found = valueAt(site, field);
  return typeof found === 'string' ? found : null;
}

/** null takes the field away, and a group that is left empty with it. */
export function put(site: Site, field: string, to: Value | null): Site {
  return { ...site, tree: putIn(site.tree, field.split('.'), to) };
}

function putIn(group: Group, [step = '', ...rest]: readonly string[], to: Value | null): Group {
  const others = Object.fromEntries(Object.entries(group).filter(([key]) => key !== step));
  const here = group[step];
  const inner = isGroup(here) ? here : {};
  const next = rest.length > 0 ? putIn(inner, rest, to) : to;
  const isGone = next === null || (rest.length > 0 && isGroup(next) && isEmpty(next));
  if (isGone) return others;
  // A field that was there keeps its place in the file.
  return step in group ? { ...group, [step]: next } : { ...others, [step]: next };
}

const isEmpty = (group: Group): boolean => Object.keys(group).length === 0;

/** null takes the file away. */
export function putFile(site: Site, field: FileField, text: string | null): Site {
  const { [field]: _, ...others } = site.files;
  return { ...site, files: text === null ? others : { ...others, [field]: text } };
}

/** Drops the field and all below it, the files they name among them. */
export function without(site: Site, field: string): Site {
  const kept = Object.entries(site.files).filter(([name]) => !name.startsWith(`${field}.`));
  return { ...put(site, field, null), files: Object.fromEntries(kept) };
}

/** A file's tree as a site has it; a key with nothing behind it is as none. */
export function groupOf(raw: Raw | Value): Group {
  const found = written(raw);
  return isGroup(found) ? found : {};
}

function written(raw: Raw | Value): Value | undefined {
  if (raw === undefined || typeof raw === 'string') return raw;
  if (isRawList(raw)) return raw.flatMap((one) => written(one) ?? []);
  const entries = Object.entries(raw).flatMap(([key, one]): [string, Value][] => {
    const found = written(one);
    return found === undefined ? [] : [[key, found]];
  });
  return Object.fromEntries(entries);
}

const isRawList = (raw: Raw | Value): raw is readonly (Raw | Value)[] => Array.isArray(raw);

/** What the files are called, beside each other. */
const names: { readonly [field in FileField]: string } = {
  'broker.ca': 'broker-ca.pem',
  'broker.cert': 'terminal.pem',
  'broker.key': 'terminal.key',
  'broker.passwordFile': 'broker.password',
  'broker.second.ca': 'second-ca.pem',
  'broker.second.cert': 'second.pem',
  'broker.second.key': 'second.key',
  'broker.second.passwordFile': 'second.password',
  'dome.ca': 'dome-ca.pem',
  'dome.passwordFile': 'dome.password',
  'dome.profile': 'dome.yaml',
};

export interface NamedFile {
  readonly name: string;
  readonly text: string;
  readonly isSecret: boolean;
}

export const filesOf = (site: Site): NamedFile[] =>
  fileNames.flatMap((field) => {
    const text = site.files[field];
    const isSecret = fileFields[field] === 'secret';
    return text === undefined ? [] : [{ name: names[field], text, isSecret }];
  });

/** Groups in the order in which the example explains them. */
const order = ['terminal', 'identity', 'data', 'control', 'broker', 'platform'];
const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);

/** The configuration's text; `set` is the directory of the files, as the configuration is to name it. */
export function configText(site: Site, set: string, by: string): string {
  const named = Object.keys(site.files).reduce(
    (so, field) => put(so, field, `${set}/${names[field as FileField]}`),
    site,
  );
  const entries = Object.entries(named.tree).sort(([a], [b]) => rank(a) - rank(b));
  const yaml = stringify(Object.fromEntries(entries), { lineWidth: 0, defaultStringType: 'PLAIN' })
    // Numbers on a box are keys, and what is a number is text here, too: the library puts both in quotes.
    .replace(/^(\s*)"(\d+)":/gm, '$1$2:')
    .replace(/: "(-?\d+(?:\.\d+)?|true|false)"$/gm, ': $1')
    .replace(/^(?=\w)/gm, '\n');
  return (
    `# ${by}\n` +
    '# To change it: gate-agent provision; or by hand, then gate-agent check-config and systemctl restart\n' +
    `# gate-agent. All fields: gate-agent.example.yaml. Keys and passwords are in ${set}.\n${yaml}`
  );
}
