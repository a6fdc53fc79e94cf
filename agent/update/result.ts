// The last word of root's updater: lines `name value` (systemd/update-apply writes them).

import { readFileSync } from 'node:fs';
import type { UpdateEnd } from '../core/update.ts';

const charsMax = 4_000;
const detailMax = 500;

/** Null where there is none, or none that can be understood. */
export function resultOf(file: string): UpdateEnd | null {
  const text = textOf(file);
  if (text === null) return null;
  const word = (name: string): string =>
    new RegExp(`^${name} (.*)$`, 'm').exec(text.slice(0, charsMax))?.[1] ?? '';
  const [id, verdict] = [word('id'), word('verdict')];
  if (id === '' || (verdict !== 'applied' && verdict !== 'failed')) return null;
  const [version, from, detail] = [word('version'), word('from'), word('detail')];
  return { id, verdict, version, from, detail: detail.slice(0, detailMax) };
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
