// All wrong versions of the code, and how one is made.

import { wrongClips } from './clip.ts';
import { wrongDecisions } from './core.ts';
import { wrongDesk } from './desk.ts';
import { wrongDome } from './dome.ts';
import { wrongDrivers } from './drivers.ts';
import { wrongEvidence } from './evidence.ts';
import { wrongLines } from './gpio.ts';
import { wrongKept } from './kept.ts';
import { wrongProbe } from './probe.ts';
import { wrongProving } from './proving.ts';
import { wrongTalk } from './talk.ts';
import { wrongTracking } from './track.ts';
import { wrongWindows } from './windows.ts';
import type { Wrong } from './wrong.ts';

export const sabotages: readonly Wrong[] = [
  ...wrongClips,
  ...wrongDecisions,
  ...wrongDesk,
  ...wrongDome,
  ...wrongDrivers,
  ...wrongEvidence,
  ...wrongLines,
  ...wrongKept,
  ...wrongProbe,
  ...wrongProving,
  ...wrongTalk,
  ...wrongTracking,
  ...wrongWindows,
];

/** Texts of the files as the sabotage leaves them. Throws where the code has moved on. */
export function sabotaged({ name, edits }: Wrong, textOf: (file: string) => string) {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = texts.get(file) ?? textOf(file);
    const places = text.split(find).length - 1;
    if (places !== 1) throw new Error(`${name}: ${places} places in ${file} for ${find}`);
    texts.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return texts;
}
