// What the platform has: one JSON line a message, on disk before a receipt is sent. A message seen
// again is known by its id; one seen again with other bytes is a violation and recorded as such.

import { hash } from 'node:crypto';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import * as z from 'zod';

export interface Entry {
  readonly atMs: number;
  readonly topic: string;
  readonly id: string;
  readonly sha: string;
  readonly message: unknown;
}

const line = z.object({
  atMs: z.number(),
  topic: z.string(),
  id: z.string(),
  sha: z.string(),
  message: z.unknown(),
});

export class Ledger {
  readonly #file: string;
  readonly #shaById = new Map<string, string>();
  #handle: FileHandle | null = null;
  #lines: string[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** Opens or creates the file and returns what it holds; a torn last line is cut off. */
  async open(): Promise<Entry[]> {
    this.#handle = await open(this.#file, 'a');
    const text = await readFile(this.#file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(this.#file, Buffer.byteLength(whole));
    const entries = whole
      .split('\n')
      .filter((one) => one !== '')
      .map((one) => line.parse(JSON.parse(one)));
    for (const { id, sha } of entries) this.#shaById.set(id, sha);
    return entries;
  }

  /** Takes a message for the next `flush`. */
  add(entry: Omit<Entry, 'sha' | 'message'>, payload: Buffer): 'new' | 'again' | 'other-bytes' {
    const sha = hash('sha256', payload);
    const known = this.#shaById.get(entry.id);
    if (known !== undefined) return known === sha ? 'again' : 'other-bytes';
    this.#shaById.set(entry.id, sha);
    // The payload is JSON; as it came, but for line breaks between its tokens.
    const message = payload.toString().replaceAll(/[\r\n]/g, ' ');
    this.#lines.push(`${JSON.stringify({ ...entry, sha }).slice(0, -1)},"message":${message}}`);
    return 'new';
  }

  /** Everything added so far is on disk when it resolves. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0 || !this.#handle) return;
    await this.#handle.appendFile(`${lines.join('\n')}\n`);
    await this.#handle.datasync();
  }

  get size(): number {
    return this.#shaById.size;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle?.close();
    this.#handle = null;
  }
}
