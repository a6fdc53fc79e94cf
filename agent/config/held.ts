// A configuration never changes under an open case: a start that finds another file than armed the terminal
// goes on with what armed it, for as long as the platform has every open case. Where an alarm is not
// delivered the new file is taken at once, since it may be what brings it out.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, type LoadRequest, load, loadForStart, type Start } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { lastGoodPath, readLastGood } from './last-good.ts';

export interface HeldStart {
  readonly start: Start;
  /** The file has changed and waits. */
  readonly isHeld: boolean;
}

export const waitingDetail =
  'A case is open, and the changed configuration waits for its end. Then gate-agent restarts with it';

/** @param isMid Whether a case is open, and all that are open have been delivered: by the data directory. */
export function startHeld(request: LoadRequest, isMid: (dataDir: string) => boolean): HeldStart {
  const start = loadForStart(request);
  const before = start.armed && start.faults.length === 0 ? armedBefore(request) : null;
  if (!before || !isMid(before.data.dir)) return { start, isHeld: false };
  const faults = [{ fault: 'config.waiting', detail: waitingDetail }] as const;
  return {
    start: { armed: true, config: before, faults, keepAsGood: () => null },
    isHeld: true,
  };
}

/** What armed the terminal, where the file says something else now. */
function armedBefore(request: LoadRequest): Config | null {
  const file = resolve(request.file);
  const copy = readLastGood(lastGoodPath(file, request.stateDir ?? request.around.stateDir));
  if (copy === null || copy === 'unreadable' || copy.file !== file) return null;
  try {
    if (readFileSync(file, 'utf8') === copy.text) return null;
    return load(request, { ...copy, copies: {} }, false).config;
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}
