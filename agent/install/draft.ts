// What a step is given and gives back, and what it may use of the world.

import type { ParseProfile, Surroundings } from '../config.ts';
import type { Clock } from '../ports.ts';
import type { Asker } from './ask.ts';
import type { DaemonPort } from './daemon.ts';
import type { Site } from './site.ts';
import { inWords, type Language, type Words } from './words.ts';

export interface World {
  /** The configuration file that is to be written. */
  readonly file: string;
  readonly around: Surroundings;
  readonly parseProfile: ParseProfile;
  readonly clock: Clock;
  readonly daemon: DaemonPort;
  /** Where ready profiles of domes may lie. */
  readonly profiles: readonly string[];
  /** The directory of spoken prompts, a folder a language. */
  readonly prompts: string;
  readonly version: string;
  /** Serial ports that teach-in is to look at beside those it finds. */
  readonly ports: readonly string[];
}

export interface Draft {
  readonly site: Site;
  /** A key made here whose certificate is still to come, PEM. */
  readonly pendingKey: string | null;
  /** The panel's file of hashed PINs; null: none was set here. */
  readonly panelPin: string | null;
  readonly language: Language;
}

export interface Job {
  readonly ask: Asker;
  readonly world: World;
  readonly say: (words: Words) => string;
  /** Kept in the middle of a step: whatever comes next, it is not asked again. */
  readonly keep: (draft: Draft) => void;
  /** As Esc. */
  readonly giveUp: () => never;
}

export type StepId =
  | 'language'
  | 'identity'
  | 'broker'
  | 'buttons'
  | 'lamp'
  | 'dome'
  | 'sound'
  | 'clock'
  | 'panel'
  | 'write';

export interface Step {
  readonly id: StepId;
  readonly title: Words;
  /** What will happen, in a line or two. */
  readonly about: Words;
  /** The product works without it. */
  readonly maySkip: boolean;
  /** Rejects with `Back`, `Stop`, or a `Trouble` after which it may be tried again. */
  run(draft: Draft, job: Job): Promise<Draft>;
}

export const sayIn =
  (language: Language) =>
  (words: Words): string =>
    inWords(language, words);
