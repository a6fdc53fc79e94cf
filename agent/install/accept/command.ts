// What `gate-agent accept` is made of, loaded when somebody accepts; and the person at the keyboard.

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Word } from '../../contract.ts';
import { type Person, times } from './context.ts';

export { ControlFailed } from '../../control.ts';
export { recordBytes } from '../../records/record.ts';
export { pagesOf } from './page.ts';
export { accept } from './run.ts';
export { isCheckName } from './words.ts';

export const standardTimes = times;

/** Asks in both languages, a line at a time. No answer where nobody is there any more. */
export function personAt(input: Readable, out: (text: string) => void): Person & { close(): void } {
  const lines = createInterface({ input });
  const typed: string[] = [];
  let hear: ((line: string | null) => void) | null = null;
  let isClosed = false;
  lines.on('line', (line) => {
    if (hear) hear(line);
    else typed.push(line);
  });
  lines.on('close', () => {
    isClosed = true;
    hear?.(null);
  });
  const next = () =>
    new Promise<string | null>((done) => {
      const before = typed.shift();
      if (before !== undefined || isClosed) return done(before ?? null);
      hear = (line) => {
        hear = null;
        done(line);
      };
    });
  return {
    tell: ([zh, en]: Word) => out(`${zh}  ${en}\n`),
    ask: async ([zh, en]: Word) => {
      for (;;) {
        out(`${zh}  ${en} [y/n] `);
        const line = await next();
        if (line === null) return null;
        const [letter = ''] = line.trim().toLowerCase();
        if ('yn'.includes(letter) && letter !== '') return letter === 'y';
      }
    },
    close: () => lines.close(),
  };
}
