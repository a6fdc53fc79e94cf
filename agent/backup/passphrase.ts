// The passphrase of a backup: the first line of a file or of standard input; a person is asked for it and
// does not see it, twice where a backup is made with it.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { Refusal } from '../refusal.ts';
import { passphraseCharsMin } from './envelope.ts';

export interface PassphraseAsked {
  /** Null: standard input. */
  readonly file: string | null;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly err: (text: string) => void;
  /** One is being chosen. */
  readonly isNew: boolean;
}

/** Throws a `Refusal` where it is none, or too short for a new one. */
export async function passphraseFrom({ file, input, err, isNew }: PassphraseAsked) {
  const said = file === null ? await heard(input, err, isNew) : textOf(file);
  const passphrase = said.split('\n')[0]?.replace(/\r$/, '') ?? '';
  if (passphrase === '') throw refused('there is none: its first line is empty');
  if (isNew && passphrase.length < passphraseCharsMin)
    throw refused(
      `it has fewer than ${passphraseCharsMin} characters: whoever has the file can try them all`,
    );
  return passphrase;
}

async function heard(
  input: PassphraseAsked['input'],
  err: (text: string) => void,
  isNew: boolean,
): Promise<string> {
  if (input.isTTY) {
    const first = await typed(input, err, 'passphrase 口令: ');
    if (isNew && (await typed(input, err, 'once more 再次输入: ')) !== first)
      throw refused('the two are not the same');
    return first;
  }
  let text = '';
  for await (const some of input) {
    text += some;
    if (text.includes('\n') || text.length > 4096) break;
  }
  return text;
}

/** What is typed is shown nowhere. */
async function typed(input: Readable, err: (text: string) => void, question: string) {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input, output: nowhere, terminal: true });
  try {
    err(question);
    return await line.question('');
  } finally {
    line.close();
    err('\n');
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused(`its file cannot be read: ${why}`);
  }
}

const refused = (hint: string): Refusal =>
  new Refusal([{ field: 'passphrase', value: null, hint }], 'passphrase');
