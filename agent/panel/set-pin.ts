// `gate-agent panel set-pin`: the PIN, and the one for duress, as lines of standard input into the file that
// the panel's process reads. Neither is ever an argument, in the environment, or shown.

import { chmodSync, chownSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { pinFileText, whyNoPin } from './pin.ts';

export interface SetPin {
  readonly file: string;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Exit codes, as sysexits.h: 64 a PIN that may not be one, 73 the file cannot be written. */
export const setPinExits = { ok: 0, usage: 64, cannotWrite: 73 } as const;

export async function setPin({ file, input, out, err }: SetPin): Promise<number> {
  const ask = input.isTTY ? out : () => undefined;
  ask('PIN, 6 to 12 digits; then the duress PIN or an empty line (nothing is shown)\n');
  ask('密码,6至12位数字;然后是胁迫密码或空行(不显示)\n');
  const [pin = '', duress = ''] = await lines(input, 2);
  const no = whyNoPin(pin) ?? (duress === '' ? null : whyNoPin(duress));
  if (no) {
    err(`gate-agent: PIN 密码: ${no.en} ${no.zh}\n`);
    return setPinExits.usage;
  }
  if (pin === duress) {
    err('gate-agent: the duress PIN has to be another one 胁迫密码须与密码不同\n');
    return setPinExits.usage;
  }
  const text = await pinFileText(pin, duress === '' ? null : duress);
  try {
    writePinFile(file, text);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    err(`gate-agent: ${error.message}\n`);
    return setPinExits.cannotWrite;
  }
  out(duress === '' ? 'PIN set; no duress PIN\n' : 'PIN and duress PIN set\n');
  return setPinExits.ok;
}

/** Whole or not at all; for the group of its directory to read. Throws where it cannot be written. */
export function writePinFile(file: string, text: string): void {
  const dir = dirname(file);
  mkdirSync(dir, { recursive: true, mode: 0o750 });
  const fresh = `${file}.new`;
  writeFileSync(fresh, text, { mode: 0o600 });
  const { gid } = statSync(dir);
  if (process.getuid?.() === 0) chownSync(fresh, 0, gid);
  chmodSync(fresh, 0o640);
  renameSync(fresh, file);
}

/** The first lines, without showing them; fewer where it ends. */
async function lines(input: SetPin['input'], count: number): Promise<string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: input.isTTY === true });
  const found: string[] = [];
  for await (const line of reader) {
    found.push(line.trim());
    if (found.length >= count) break;
  }
  reader.close();
  return found;
}
