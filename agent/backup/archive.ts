// What lies in the envelope: files one after another, each behind a line of JSON that says what it is, and an
// end that says how many there were. Read and written as a stream.

import { createReadStream } from 'node:fs';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';

/** `config`: the configuration. `named`: a file that it names, by the name it has there. `panel`: PIN hashes
 * and the like. `prompts`: those of the site's own. `data`, `clips`: by the path within that directory. */
export const places = ['config', 'named', 'panel', 'prompts', 'data', 'clips'] as const;

const relative = (name: string): boolean =>
  !name.startsWith('/') && name.split('/').every((part) => part !== '' && !/^\.{1,2}$/.test(part));

const file = z
  .strictObject({
    is: z.literal('file'),
    place: z.enum(places),
    name: z.string().min(1).max(512),
    bytes: z.number().int().nonnegative(),
    /** Rights as in chmod. */
    mode: z.number().int().min(0).max(0o777),
  })
  .refine(({ place, name }) => place === 'config' || place === 'named' || relative(name));
export type FileHead = z.infer<typeof file>;

const manifest = z.strictObject({
  is: z.literal('manifest'),
  v: z.literal(1),
  terminal: z.string(),
  /** Of the program that made it. */
  version: z.string(),
  wallMs: z.number(),
  /** Name of the machine. */
  host: z.string(),
  /** Files that the configuration names and that could not be read, and why. */
  missing: z.array(z.string()),
  /** With clips, snapshots and talks. */
  clips: z.boolean(),
});
export type Manifest = z.infer<typeof manifest>;

const end = z.strictObject({ is: z.literal('end'), files: z.number().int() });
const line = z.discriminatedUnion('is', [manifest, file, end]);

const lineBytesMax = 64 * 1024;

/** A file to be written: from the disk, or as it stands here. */
export interface Item {
  readonly head: Omit<FileHead, 'is' | 'bytes'>;
  readonly from: { readonly path: string; readonly bytes: number } | { readonly text: Buffer };
}

export async function* pack(about: Manifest, items: readonly Item[]): AsyncGenerator<Buffer> {
  yield lineOf(about);
  for (const { head, from } of items) {
    const bytes = 'text' in from ? from.text.length : from.bytes;
    yield lineOf({ is: 'file', ...head, bytes });
    if ('text' in from) yield from.text;
    else yield* exactly(from.path, bytes);
  }
  yield lineOf({ is: 'end', files: items.length });
}

const lineOf = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/** A file that grows meanwhile is cut there; one that shrinks cannot be told. */
async function* exactly(path: string, bytes: number): AsyncGenerator<Buffer> {
  if (bytes === 0) return;
  let left = bytes;
  const read: AsyncIterable<Buffer> = createReadStream(path, { end: bytes - 1 });
  for await (const some of read) {
    left -= some.length;
    yield some;
  }
  if (left > 0) throw refused(`${path} became shorter while it was read: try again`);
}

export interface Unpacked {
  readonly head: FileHead;
  /** To be read to its end before the next. */
  readonly content: AsyncIterable<Buffer>;
}

/** Gives the manifest to `begin`, then each file to `take`. Throws a `Refusal` where it is not whole. */
export async function unpack(
  plain: AsyncIterable<Buffer>,
  begin: (about: Manifest) => void,
  take: (one: Unpacked) => Promise<void>,
): Promise<void> {
  const reader = new Reader(plain);
  try {
    const first = await reader.line();
    if (first?.is !== 'manifest') throw refused('it does not begin as a backup does');
    begin(first);
    for (let files = 0; ; files++) {
      const head = await reader.line();
      if (!head || head.is === 'manifest') throw refused('it ends before its end');
      if (head.is === 'file') await take({ head, content: reader.content(head.bytes) });
      else if (head.files === files) return;
      else throw refused('files are missing in it');
    }
  } finally {
    await reader.close();
  }
}

class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(plain: AsyncIterable<Buffer>) {
    this.#source = plain[Symbol.asyncIterator]();
  }

  async line(): Promise<z.infer<typeof line> | null> {
    for (;;) {
      const at = this.#held.indexOf('\n');
      if (at >= 0) {
        const text = this.#held.toString('utf8', 0, at);
        this.#held = this.#held.subarray(at + 1);
        return parsed(text);
      }
      if (this.#held.length > lineBytesMax || !(await this.#more())) return null;
    }
  }

  async *content(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#more())) throw refused('it ends within a file');
      const some = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(some.length);
      left -= some.length;
      yield some;
    }
  }

  /** Lets go of the file behind it. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}

function parsed(text: string): z.infer<typeof line> {
  try {
    const read = line.safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refused('a line of it cannot be understood: it was made by a newer program, or is damaged');
}

const refused = (hint: string): Refusal =>
  new Refusal([{ field: 'backup', value: null, hint }], 'backup');
