// YAML text to plain values and the lines they stand in. Every scalar stays the text that was
// written (a phone number keeps its leading 0); what it means is for the schema to say. Refused:
// anchors, aliases, tags, directives, a second document, duplicate keys, over 256 kB.

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type BadField, Refusal } from '../refusal.ts';

export const bytesMax = 256 * 1024;
const depthMax = 12;
const badMax = 50;

/** `undefined` is a key with nothing behind it: `dome:`, `position: null`. */
export type Raw = string | undefined | readonly Raw[] | { readonly [key: string]: Raw };

export interface Tree {
  readonly root: Raw;
  /** Line of a field by its path; 1 is the first. */
  readonly lines: ReadonlyMap<string, number>;
}

type Path = readonly PropertyKey[];

/** `boxes[0].inputs.4.id` from its steps. */
export function fieldOf(path: Path): string {
  return path.reduce<string>((field, step) => {
    if (typeof step === 'number') return `${field}[${step}]`;
    return field === '' ? String(step) : `${field}.${String(step)}`;
  }, '');
}

/** Throws a `Refusal` naming every place where the text is no plain YAML. */
export function readYaml(text: string): Tree {
  if (Buffer.byteLength(text) > bytesMax) {
    throw refusedFile('too large', `a configuration is ${bytesMax / 1024} kB at most`);
  }
  const counter = new LineCounter();
  const document = parseOnly(text, counter);
  const bad: BadField[] = [...document.errors, ...document.warnings].map((error) => ({
    field: '(file)',
    value: null,
    hint: plainWords(error.code, error.message),
    line: counter.linePos(error.pos[0]).line,
  }));
  const reader = new Reader(counter, bad);
  if (document.directives?.yaml.explicit) reader.refuse([], null, 'no %YAML directive');
  const root = reader.read(document.contents, [], 0);
  if (bad.length > 0) throw new Refusal(bad.slice(0, badMax), 'configuration');
  return { root, lines: reader.lines };
}

const unquoted = 'a value that begins with !, & or * must stand in quotes';
const ownWords: { readonly [code: string]: string } = {
  MULTIPLE_DOCS: 'one document only: nothing after a second ---',
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  TAG_RESOLVE_FAILED: unquoted,
  BAD_ALIAS: unquoted,
  BAD_DIRECTIVE: 'no %directives; a value that begins with % must stand in quotes',
  BAD_DQ_ESCAPE: 'a \\ in "double quotes" begins an escape; use single quotes',
};

/** Quotes nothing but keys: what the parser cites behind a colon may be a password. */
function plainWords(code: string, message: string): string {
  return ownWords[code] ?? `not YAML: ${message.split(/[:\n]/)[0]}`;
}

function refusedFile(value: unknown, hint: string): Refusal {
  return new Refusal([{ field: '(file)', value, hint }], 'configuration');
}

function parseOnly(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, {
      lineCounter,
      schema: 'failsafe',
      customTags: null,
      resolveKnownTags: false,
      merge: false,
      stringKeys: true,
      // Its own check takes 3 s for 20,000 keys; the reader's is linear.
      uniqueKeys: false,
      strict: true,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    // Whatever the parser trips over stands in the text, not in us.
    const why = error instanceof Error ? error.name : 'unknown';
    throw refusedFile(null, `not YAML: the parser gave up (${why})`);
  }
}

class Reader {
  readonly lines = new Map<string, number>();
  readonly #counter: LineCounter;
  readonly #bad: BadField[];

  constructor(counter: LineCounter, bad: BadField[]) {
    this.#counter = counter;
    this.#bad = bad;
  }

  refuse(path: Path, node: unknown, hint: string): void {
    const line = this.#lineOf(node);
    const field = fieldOf(path) || '(file)';
    this.#bad.push({ field, value: null, hint, ...(line === null ? {} : { line }) });
  }

  read(node: unknown, path: Path, depth: number): Raw {
    if (node === null || node === undefined) return undefined;
    if (depth > depthMax) {
      this.refuse(path, node, 'nested too deeply');
      return undefined;
    }
    const line = this.#lineOf(node);
    const field = fieldOf(path);
    if (line !== null && !this.lines.has(field)) this.lines.set(field, line);
    if (isAlias(node)) {
      this.refuse(path, node, 'no *aliases: write the value out');
      return undefined;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined;
    if (node.anchor !== undefined) this.refuse(path, node, 'no &anchors: write the value out');
    // The composer gives every node its resolved tag; only one that was written differs from these.
    if (node.tag !== undefined && !plainTags.has(node.tag)) this.refuse(path, node, 'no !tags');
    if (isScalar(node)) return this.#scalar(node.value, node.type);
    if (isSeq(node)) return node.items.map((item, i) => this.read(item, [...path, i], depth + 1));
    const keys = new Set<string>();
    const entries = node.items.map((pair): [string, Raw] => {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const at = [...path, key];
      if (keys.has(key)) this.refuse(at, pair.key, 'stands twice');
      keys.add(key);
      const keyLine = this.#lineOf(pair.key);
      if (keyLine !== null) this.lines.set(fieldOf(at), keyLine);
      return [key, this.read(pair.value, at, depth + 1)];
    });
    return plain(entries);
  }

  #scalar(value: unknown, type: string | undefined): Raw {
    const text = String(value ?? '');
    return type === 'PLAIN' && (text === '' || text === '~' || text === 'null') ? undefined : text;
  }

  #lineOf(node: unknown): number | null {
    if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return null;
    return node.range ? this.#counter.linePos(node.range[0]).line : null;
  }
}

const plainTags = new Set(['str', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));

/** Without a prototype: a key called `__proto__` is a key like any other, and unknown. */
function plain(entries: readonly [string, Raw][]): Raw {
  const object: { [key: string]: Raw } = Object.create(null);
  for (const [key, value] of entries) object[key] = value;
  return object;
}
