// What makes a terminal this terminal, and where it lies: its configuration, what that names, its records,
// keys and unsent alarms. Read from the text of the configuration alone, so that a PC whose dome or serial
// port is gone can still be backed up, replaced or retired.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { namedFields, whyUnreadable } from '../config/files.ts';
import { at } from '../config/judge.ts';
import { lastGoodPath } from '../config/last-good.ts';
import { readYaml } from '../config/yaml.ts';
import { Refusal } from '../refusal.ts';

/** Of the data directory: the database goes as a snapshot, the lock and half-written files not at all,
 * the last-good copy is written anew by the terminal it arms. */
const leftOut = [
  /^(gate\.(db.*|lock)|last-good\.json|update|clips)$/,
  /^(replace\.|before-replace-|retire-)/,
  /\.(new|partial|sock)$/,
];
/** A key, a journal, a list. What is larger is no belonging of this kind. */
const fileBytesMax = 4 * 2 ** 20;
const depthMax = 3;
const filesMax = 500;

export interface NamedFile {
  /** As it stands in the configuration. */
  readonly name: string;
  readonly path: string;
  readonly isSecret: boolean;
}

export interface Belongings {
  readonly terminal: string;
  readonly configFile: string;
  readonly configText: string;
  readonly named: readonly NamedFile[];
  readonly dataDir: string;
  readonly clipsDir: string;
  /** Where systemd puts the master key of what is sealed; null: it is a file of the data directory. */
  readonly masterKey: string | null;
  /** Of the panel: what only its own user may read. */
  readonly panelDir: string;
  /** Of prompts of its own. */
  readonly promptsDir: string | null;
}

export interface Whereabouts {
  readonly configFile: string;
  /** Where records lie unless the configuration says so. */
  readonly stateDir: string;
}

/** Beside the configuration's directory, as the package lays them out. */
const panelDirOf = (configFile: string): string => `${dirname(resolve(configFile))}-panel`;

/** Where the last-good copy of the configuration may lie: under systemd, and without. */
export const lastGoodsOf = ({ configFile, stateDir }: Whereabouts): string[] =>
  [stateDir, null].map((dir) => lastGoodPath(resolve(configFile), dir));

/** Throws a `Refusal` where there is no configuration, or none that can be read. */
export function belongingsOf({ configFile, stateDir }: Whereabouts): Belongings {
  const file = resolve(configFile);
  if (!existsSync(file)) throw refused(file, 'there is no configuration: nothing to take along');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw refused(file, `${whyUnreadable(error)}; run this as root`);
  }
  return belongingsIn(text, { configFile: file, stateDir });
}

/** The same of a text that may not lie in its place yet. */
export function belongingsIn(text: string, { configFile, stateDir }: Whereabouts): Belongings {
  const { root } = readYaml(text);
  const say = (path: string): string | null => {
    const found = at(root, path.split('.'));
    return typeof found === 'string' && found !== '' ? found : null;
  };
  const base = dirname(configFile);
  const dataDir = say('data.dir') ?? stateDir;
  const named = namedFields.flatMap(({ field, isSecret }) => {
    const name = say(field);
    return name === null ? [] : [{ name, path: resolve(base, name), isSecret }];
  });
  const prompts = say('media.sound.prompts');
  return {
    terminal: say('terminal.id') ?? '',
    configFile,
    configText: text,
    named: [...new Map(named.map((one) => [one.name, one])).values()],
    dataDir,
    clipsDir: say('media.clips.dir') ?? join(dataDir, 'clips'),
    masterKey: say('data.masterKeyFile'),
    panelDir: panelDirOf(configFile),
    promptsDir: prompts && resolve(base, prompts),
  };
}

/** The texts of named files by the fields that name them. */
export function namedBy(
  { configText }: Belongings,
  texts: ReadonlyMap<string, string>,
): { readonly [field: string]: string } {
  const { root } = readYaml(configText);
  const pairs = namedFields.flatMap(({ field }) => {
    const name = at(root, field.split('.'));
    const text = typeof name === 'string' ? texts.get(name) : undefined;
    return text === undefined ? [] : [[field, text]];
  });
  return Object.fromEntries(pairs);
}

export interface Found {
  /** From the directory that was looked through. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly mode: number;
}

/** Keys, journal and whatever else of small files lies beside the database. */
export const dataFiles = ({ dataDir }: Belongings): Found[] =>
  filesIn(dataDir, depthMax).filter(({ name, bytes }) => {
    const [top = ''] = name.split('/');
    return !leftOut.some((one) => one.test(top)) && bytes <= fileBytesMax;
  });

/** Every regular file of a directory that may not be there. */
export function filesIn(dir: string, depth = depthMax): Found[] {
  const found: Found[] = [];
  const look = (here: string, left: number): void => {
    for (const entry of readdirSync(here, { withFileTypes: true })) {
      const path = join(here, entry.name);
      if (entry.isDirectory() && left > 1) look(path, left - 1);
      if (!entry.isFile()) continue;
      const { size, mode } = statSync(path);
      found.push({ name: relative(dir, path), path, bytes: size, mode: mode & 0o777 });
    }
  };
  if (existsSync(dir)) look(dir, depth);
  return found;
}

/** Beyond it something else lies there than a terminal's belongings. */
export function checkCount(files: readonly unknown[], dir: string): void {
  if (files.length > filesMax) throw refused(dir, `more than ${filesMax} files lie in it`);
}

function refused(value: string, hint: string): Refusal {
  return new Refusal([{ field: '(file)', value, hint: `${value}: ${hint}` }], 'backup');
}
