// The files of the login that the configuration names: whether they were changed, and what is in them now.
// Somebody may be in the middle of it: what does not fit together is looked at again.

import { readFileSync, statSync } from 'node:fs';
import { troublesOf } from './certificate.ts';
import type { Login } from './login.ts';
import { reasonOf } from './reason.ts';

/** Absolute paths; null: the configuration names none. */
export type LoginFiles = { readonly [F in keyof Login]: string | null };

const bytesMax = 256 * 1024;

/** Another text when one of them has been changed. */
export function stampOf(files: LoginFiles): string {
  const stamps = [files.ca, files.cert, files.key].map((file) => {
    if (file === null) return '';
    try {
      const { ino, size, mtimeMs, ctimeMs } = statSync(file);
      return `${ino}/${size}/${mtimeMs}/${ctimeMs}`;
    } catch (error) {
      return reasonOf(error);
    }
  });
  return stamps.join(' ');
}

/** Or why they cannot be used, one sentence. */
export function readFiles({ ca, cert, key }: LoginFiles): Login | string {
  const why = (wrong: string) =>
    `the files of the line (broker.ca, cert, key) were changed and are not used: ${wrong}`;
  try {
    const login = { ca: read(ca), cert: read(cert), key: read(key) };
    const wrong = wrongIn(login);
    return wrong === null ? login : why(wrong);
  } catch (error) {
    return why(reasonOf(error));
  }
}

function read(file: string | null): string | undefined {
  if (file === null) return undefined;
  if (statSync(file).size > bytesMax) throw new Error(`${file} is larger than 256 kB`);
  return readFileSync(file, 'utf8');
}

function wrongIn({ cert, key }: Login): string | null {
  if (cert === undefined && key === undefined) return null;
  const pair = { cert: cert ?? '', key: key ?? '' };
  const wrong = troublesOf({ ...pair, ca: null, name: null, nowMs: null }).find(
    ({ what }) => what === 'key' || what === 'unreadable',
  );
  return wrong?.detail ?? null;
}
