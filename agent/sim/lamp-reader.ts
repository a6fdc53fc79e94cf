// Reads a lamp as a person with the guard's card does: from the pattern to its meaning. The card is
// config/lamp.json, published beside the box's protocol.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const card = z.object({
  table: z.array(z.object({ word: z.string(), zh: z.string(), en: z.string() })),
  readings: z.record(
    z.string(),
    z.object({
      word: z.string(),
      silent: z.string().nullable(),
      fault: z.boolean(),
      linkDown: z.boolean(),
      mark: z.enum(['drill', 'service']).nullable(),
    }),
  ),
});

export type LampReading = z.infer<typeof card>['readings'][string];

export class LampReader {
  readonly #card: z.infer<typeof card>;

  constructor(file = join(import.meta.dirname, '../../config/lamp.json')) {
    this.#card = card.parse(JSON.parse(readFileSync(file, 'utf8')));
  }

  /** What a pattern says; `dead` and patterns of no word read as themselves. */
  read(pattern: string): LampReading {
    const none = { word: pattern, silent: null, fault: false, linkDown: false, mark: null };
    return this.#card.readings[pattern] ?? none;
  }

  /** A word in both languages. */
  both(word: string): string {
    const { zh, en } = this.words(word);
    return zh === en ? word : `${zh} ${en}`;
  }

  words(word: string): { readonly zh: string; readonly en: string } {
    const row = this.#card.table.find((one) => one.word === word);
    return { zh: row?.zh ?? word, en: row?.en ?? word };
  }
}
