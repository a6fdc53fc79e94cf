// The PIN of the panel and the one for duress: kept as scrypt hashes in a file of their own, never in the
// configuration. To check one takes the same time whatever was typed and whichever it was.

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import * as z from 'zod';
import { panelLimits } from './api.ts';

/** 16 MB and some 50 ms on a mini-PC. OWASP's password storage cheat sheet allows N = 2^14, r = 8 with
 * p = 5; a PIN is guarded by the pauses between tries (guesses.ts) far more than by this. */
const cost = { N: 16_384, r: 8, p: 1 } as const satisfies ScryptOptions;
const hashBytes = 32;

const hashed = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  ...{ N: z.literal(cost.N), r: z.literal(cost.r), p: z.literal(cost.p) },
});
export type PinHash = z.infer<typeof hashed>;

const pinFile = z.strictObject({
  v: z.literal(1),
  pin: hashed,
  /** Null: there is none. */
  duress: hashed.nullable(),
});
export type PinFile = z.infer<typeof pinFile>;

/** What is wrong with a PIN that somebody wants to set, for both languages; null: it may be one. */
export function whyNoPin(pin: string): { readonly zh: string; readonly en: string } | null {
  const { pinDigitsMin: min, pinDigitsMax: max } = panelLimits;
  if (!/^\d+$/.test(pin) || pin.length < min || pin.length > max)
    return { zh: `须为${min}至${max}位数字`, en: `${min} to ${max} digits` };
  const steps = [...pin].slice(1).map((digit, n) => Number(digit) - Number(pin[n]));
  const isRow = steps.every((step) => step === steps[0]) && Math.abs(steps[0] ?? 0) <= 1;
  const isPair = new Set(pin).size < 3;
  return isRow || isPair
    ? { zh: '过于简单:不要连续或重复的数字', en: 'too easy to guess: no rows, no repeated digits' }
    : null;
}

/** @param pin As typed; a caller has looked with `whyNoPin`. */
export async function hashPin(pin: string): Promise<PinHash> {
  const salt = randomBytes(16);
  return { salt: salt.toString('hex'), hash: (await derive(pin, salt)).toString('hex'), ...cost };
}

/** Text of the file. */
export async function pinFileText(pin: string, duress: string | null): Promise<string> {
  const hashes = {
    pin: await hashPin(pin),
    duress: duress === null ? null : await hashPin(duress),
  };
  return `${JSON.stringify({ v: 1, ...hashes } satisfies PinFile)}\n`;
}

/** Null: there is no file, or none that can be understood: nobody can sign in. */
export function readPinFile(path: string): PinFile | null {
  try {
    return pinFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** Another one once the file is another. */
export function pinStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino}/${stat.mtimeMs}` : '';
}

/** Where there is no duress PIN a hash that nothing has made stands in its place. */
const nobodys: PinHash = { salt: '00'.repeat(16), hash: '00'.repeat(hashBytes), ...cost };

export async function checkPin(file: PinFile, typed: string): Promise<'pin' | 'duress' | null> {
  const isPin = await matches(file.pin, typed);
  const isDuress = (await matches(file.duress ?? nobodys, typed)) && file.duress !== null;
  if (isPin) return 'pin';
  return isDuress ? 'duress' : null;
}

async function matches({ salt, hash }: PinHash, typed: string): Promise<boolean> {
  return timingSafeEqual(await derive(typed, Buffer.from(salt, 'hex')), Buffer.from(hash, 'hex'));
}

const derive = (pin: string, salt: Buffer): Promise<Buffer> =>
  new Promise((done, failed) => {
    scrypt(pin, salt, hashBytes, cost, (error, key) => (error ? failed(error) : done(key)));
  });
