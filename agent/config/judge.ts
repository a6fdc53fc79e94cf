// From the schema's issues to fields that a person can mend: path, line, value, hint. Unknown keys
// get the nearest known one. Every wrong field is named at once.

import * as z from 'zod';
import type { BadField } from '../refusal.ts';
import { shown } from './secret.ts';
import { fieldOf, type Raw, type Tree } from './yaml.ts';

type Path = readonly PropertyKey[];

const fieldsMax = 200;

/** Collects wrong fields of one file. */
export class Findings {
  readonly bad: BadField[] = [];
  readonly #tree: Tree;
  readonly #fields = new Set<string>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The first word on a field stands. Beyond 200 fields nobody reads on. */
  add(path: Path, hint: string, options: { readonly isHidden?: boolean } = {}): void {
    const field = fieldOf(path);
    if (this.#fields.has(field)) return;
    this.#fields.add(field);
    if (this.bad.length >= fieldsMax) return;
    const value = options.isHidden ? null : shown(field, at(this.#tree.root, path));
    const line = this.#lineOf(path);
    this.bad.push({ field: field || '(file)', value, hint, ...(line === null ? {} : { line }) });
  }

  /** A wrong field inside another file, which `path` names. */
  addForeign(path: Path, bad: BadField): void {
    const line = this.#lineOf(path);
    const field = `${fieldOf(path)} > ${bad.field}`;
    const value = shown(bad.field, bad.value);
    this.bad.push({ field, value, hint: bad.hint, ...(line === null ? {} : { line }) });
  }

  /** Line of the field, or of the nearest group around it when the field is missing. */
  #lineOf(path: Path): number | null {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.#tree.lines.get(fieldOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return null;
  }
}

/** What stands at a path; undefined where nothing does. */
export function at(root: Raw, path: Path): Raw {
  let here: Raw = root;
  for (const step of path) {
    if (isList(here)) here = here[Number(step)];
    else if (isGroup(here) && Object.hasOwn(here, step)) here = here[String(step)];
    else return undefined;
  }
  return here;
}

/** The entries of a group or list, with the steps to them. */
export function entriesAt(root: Raw, path: Path): readonly { path: Path; key: string; raw: Raw }[] {
  const here = at(root, path);
  if (isList(here)) return here.map((raw, i) => ({ path: [...path, i], key: String(i), raw }));
  if (!isGroup(here)) return [];
  return Object.entries(here).map(([key, raw]) => ({ path: [...path, key], key, raw }));
}

const isList = (raw: Raw): raw is readonly Raw[] => Array.isArray(raw);
const isGroup = (raw: Raw): raw is { readonly [key: string]: Raw } =>
  typeof raw === 'object' && !Array.isArray(raw);

/** Parses the tree; null when anything was found wrong. */
export function judge<S extends z.ZodType>(
  schema: S,
  tree: Tree,
  findings: Findings,
): z.infer<S> | null {
  // An empty file lacks every field; saying so beats "expected object".
  const result = schema.safeParse(tree.root ?? {});
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path);
      for (const key of issue.keys) findings.add([...issue.path, key], unknownHint(key, known));
    } else if (issue.code === 'invalid_key') {
      findings.add(issue.path, issue.issues[0]?.message ?? issue.message);
    } else {
      const missing = at(tree.root, issue.path) === undefined;
      // Text where a group belongs may be anything, a password too.
      const isHidden = issue.code === 'invalid_type' && issue.expected !== 'string';
      findings.add(issue.path, missing ? `missing: ${issue.message}` : issue.message, { isHidden });
    }
  }
  return null;
}

/** Keys that the group at `path` may have. */
function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  let here = bare(schema);
  for (const step of path) {
    if (here instanceof z.ZodObject) here = bare(here.shape[String(step)]);
    else if (here instanceof z.ZodArray) here = bare(here.element);
    else if (here instanceof z.ZodRecord) here = bare(here.valueType);
    else return [];
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** Without default, optional and the like around it. */
function bare(schema: unknown): unknown {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return bare(schema.unwrap());
  }
  return schema;
}

function unknownHint(key: string, known: readonly string[]): string {
  const near = known
    .map((word) => ({ word, far: distance(key.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  if (near && near.far <= Math.max(1, Math.ceil(near.word.length / 3))) {
    return `unknown; did you mean ${near.word}?`;
  }
  return `unknown here; known are: ${known.join(', ')}`;
}

/** Levenshtein, of words no longer than a key is. */
function distance(a: string, b: string): number {
  if (a.length > 64) return a.length;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const swap = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
