// The answers so far, beside the configuration: 0600, no more secrets than the configuration and its files
// will hold, replaced by rename, so that whatever kills the wizard leaves the last answer whole. Two weeks
// old they are void: a certificate takes days, and a site is not what it was a month ago.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { asCannotWrite, replaceFile } from './replace.ts';
import { emptySite, siteSchema } from './site.ts';
import { languages } from './words.ts';

export const keptDays = 14;
const bytesMax = 512 * 1024;

const schema = z.strictObject({
  v: z.literal(1),
  savedMs: z.number(),
  language: z.enum(languages),
  /** Where it goes on. */
  step: z.string(),
  /** Steps that were done or skipped. */
  passed: z.record(z.string(), z.enum(['done', 'skipped'])),
  site: siteSchema,
  /** A private key whose certificate is still to come, PEM. */
  pendingKey: z.string().nullable(),
  /** The panel's PINs, hashed. */
  panelPin: z.string().nullable(),
});
export type Kept = Readonly<z.infer<typeof schema>>;

export const keptFile = (configFile: string): string => `${configFile}.provisioning`;

export const nothingKept = (language: Kept['language'], step: string): Kept => ({
  ...{ v: 1, savedMs: 0, language, step },
  ...{ passed: {}, site: emptySite, pendingKey: null, panelPin: null },
});

/** null: there are none, they are too old, or of another version. */
export function readKept(configFile: string, nowMs: number): Kept | null {
  const text = contentOf(keptFile(configFile));
  if (text === null || text.length > bytesMax) return null;
  const kept = schema.safeParse(jsonOf(text));
  if (!kept.success) return null;
  const ageMs = nowMs - kept.data.savedMs;
  // A clock that was set back since is no reason to lose them.
  return ageMs > keptDays * 86_400_000 ? null : kept.data;
}

/** Throws a `Trouble` where it cannot be written. */
export function keep(configFile: string, kept: Kept, nowMs: number): void {
  const text = `${JSON.stringify({ ...kept, savedMs: nowMs } satisfies Kept)}\n`;
  const directory = dirname(configFile);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    replaceFile(keptFile(configFile), text, { mode: 0o600, group: null });
  } catch (error) {
    throw asCannotWrite(error, directory);
  }
}

export const forget = (configFile: string): void => rmSync(keptFile(configFile), { force: true });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
