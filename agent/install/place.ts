// Puts a site where the daemon reads it. Keys, certificates and passwords go into a directory of their own
// beside the configuration, flushed and checked by the daemon's own loader, before the configuration that
// names it appears by one rename: killed at any moment, the old configuration stands with all its files, or
// the new one with all of its own. The one before is kept beside it.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ParseProfile } from '../config/files.ts';
import { loadText } from '../config/load.ts';
import type { Places } from '../config/schema.ts';
import type { Draft } from './draft.ts';
import {
  type Access,
  asCannotWrite,
  flushDirectory,
  openToGroup,
  replaceFile,
  writeFlushed,
} from './replace.ts';
import { configText, filesOf, type NamedFile } from './site.ts';

export interface PlaceOptions {
  /** The configuration file. */
  readonly file: string;
  readonly places: Places;
  readonly parseProfile: ParseProfile;
  /** First line of the file: who wrote it, and when. */
  readonly by: string;
}

export interface Placed {
  readonly files: readonly string[];
  /** As it was before. */
  undo(): void;
  /** Directories that neither this configuration nor the one before names are taken away. */
  finish(): void;
}

const setName = /^site-(\d{1,9})$/;
export const previousOf = (file: string): string => `${file}.previous`;

/** What is placed: the site, and the panel's PINs beside it. */
type Placeable = Pick<Draft, 'site' | 'panelPin'>;

/** In the panel's own directory, for the daemon's is not for its process to read. */
export const pinFileOf = (file: string): string => join(`${dirname(file)}-panel`, 'pin.json');

/** Throws a `Refusal` where the loader refuses it, a `Trouble` where it cannot be written; then nothing has
 * changed. */
export function placeSite({ site, panelPin }: Placeable, options: PlaceOptions): Placed {
  const { file } = options;
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    const before = textOf(file);
    const pinPath = pinFileOf(file);
    const earlier = new Map([[file, before]]);
    if (panelPin !== null) earlier.set(pinPath, textOf(pinPath));
    const set = nextSet(directory);
    const access = accessIn(directory);
    const text = configText(site, set, options.by);
    const files = filesOf(site);
    const drop = () => rmSync(join(directory, set), { recursive: true, force: true });
    try {
      if (files.length > 0) writeSet(join(directory, set), files, access);
      checkText(text, options);
      if (before !== null) replaceFile(previousOf(file), before, access);
      if (panelPin !== null) writePin(pinPath, panelPin);
      replaceFile(file, text, access);
    } catch (error) {
      drop();
      throw error;
    }
    const undo = () => {
      for (const [path, was] of earlier)
        if (was === null) rmSync(path, { force: true });
        else replaceFile(path, was, access);
      flushDirectory(directory);
      drop();
    };
    const paths = files.map(({ name }) => join(directory, set, name));
    const pin = panelPin === null ? [] : [pinPath];
    return { files: [file, ...paths, ...pin], undo, finish: () => sweep(file) };
  } catch (error) {
    throw asCannotWrite(error, directory);
  }
}

/** Checked as the daemon will, with the files where they will lie. */
export function checkText(text: string, { file, places, parseProfile }: PlaceOptions): void {
  loadText({ file, text, copies: {} }, { places, parseProfile, lenient: false });
}

export interface Planned {
  readonly path: string;
  readonly mode: string;
  /** null: a secret. */
  readonly text: string | null;
}

/** Which files would be written. */
export function planOf(
  { site, panelPin }: Placeable,
  { file, by }: Pick<PlaceOptions, 'file' | 'by'>,
): Planned[] {
  const directory = dirname(file);
  const set = nextSet(directory);
  const mode = (accessIn(directory).mode & 0o777).toString(8).padStart(4, '0');
  return [
    ...filesOf(site).map(({ name, text, isSecret }) => ({
      path: join(directory, set, name),
      ...{ mode, text: isSecret ? null : text },
    })),
    ...(panelPin === null ? [] : [{ path: pinFileOf(file), mode, text: null }]),
    { path: file, mode, text: configText(site, set, by) },
  ];
}

/** The daemon's group may read it where the directory is the group's; else nobody but its owner. */
function accessIn(directory: string): Access {
  const gid = statOf(directory)?.gid ?? process.getgid?.() ?? 0;
  return gid === process.getgid?.() ? { mode: 0o600, group: null } : { mode: 0o640, group: gid };
}

function writePin(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  replaceFile(path, text, accessIn(dirname(path)));
}

function writeSet(path: string, files: readonly NamedFile[], access: Access): void {
  mkdirSync(path, { mode: 0o700 });
  for (const { name, text } of files) writeFlushed(join(path, name), text, access);
  openToGroup(path, access);
  flushDirectory(path);
  flushDirectory(dirname(path));
}

function nextSet(directory: string): string {
  return `site-${Math.max(0, ...setsIn(directory).map(({ number }) => number)) + 1}`;
}

function setsIn(directory: string) {
  if (statOf(directory) === null) return [];
  return readdirSync(directory).flatMap((name) => {
    const [, number] = setName.exec(name) ?? [];
    return number === undefined ? [] : [{ name, number: Number(number) }];
  });
}

function sweep(file: string): void {
  const texts = [file, previousOf(file)].map((one) => textOf(one) ?? '');
  for (const { name } of setsIn(dirname(file)))
    if (!texts.some((text) => text.includes(`${name}/`)))
      rmSync(join(dirname(file), name), { recursive: true, force: true });
}

export function textOf(file: string): string | null {
  return statOf(file) === null ? null : readFileSync(file, 'utf8');
}

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false }) ?? null;
