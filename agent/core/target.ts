// The nouns that `wanted` hands to the drivers.

import type { IceCandidate, Role, SessionKind, SessionOffer, Velocity } from './command.ts';
import type { Course } from './course.ts';
import type { Export } from './export.ts';
import type { DomeStreams } from './fact.ts';
import type { Piece, Upload } from './fetch.ts';
import type { Caller } from './floor.ts';
import type { Mark } from './mark.ts';
import type { KeyPictures } from './picture.ts';
import type { Actor, Fault, Job, Kind, Moment, Site } from './state.ts';
import type { UpdateTarget } from './update.ts';

/** The delivery ladder, least advanced first; the same words on lamp, panel, console and report. */
export const ladder = [
  'stored',
  'sent',
  'received',
  'seen',
  'taken',
  'talking',
  'resolved',
] as const;
export type Step = (typeof ladder)[number];

/** `unstored`: pressed, but neither on disk nor at the broker yet (rule 2). */
export type LampWord = 'ready' | 'unstored' | Step | 'undelivered';

export interface LampTarget {
  /** The least advanced open incident that is not silent. */
  readonly word: LampWord;
  /** The least advanced open silent incident; shown by a discreet sign only, never by sound. */
  readonly silent: LampWord | null;
  readonly fault: boolean;
  readonly linkDown: boolean;
  /** The word is of a marked case, or the next press would be marked. */
  readonly mark: Mark | null;
  /** Somebody has silenced the buzzer; until the next event. */
  readonly muted?: boolean;
}

export interface DomeTarget {
  readonly strobe: boolean;
  readonly siren: boolean;
  /** The picture is set so that the light does not blind it. */
  readonly dayNight: boolean;
  /** Where it looks by itself; null: where it was turned by hand. */
  readonly preset: 'alarm' | 'guard' | null;
  /** Follows people by itself, or is followed by the agent; never while it is turned by hand. */
  readonly tracking: boolean;
  readonly motion: Motion | null;
  readonly keyPictures: KeyPictures;
}

/** A live want: ends by itself, at `untilMs` (monotonic), unless a newer one takes its place. */
export interface Motion extends Velocity {
  readonly untilMs: number;
}

/** What is said in the gate room, in the language of the configuration. */
export const prompts = ['sent', 'undelivered', 'taken', 'announce', 'drill'] as const;
export type Prompt = (typeof prompts)[number];

/** A peer connection that should be. */
export interface MediaSession {
  readonly id: string;
  readonly kind: SessionKind;
  readonly sdp: string;
  readonly turn: SessionOffer['turn'];
  /** The client's so far, in their order. */
  readonly candidates: readonly (IceCandidate | null)[];
  readonly stream: SessionOffer['stream'];
  /** Its voice is played in the gate room. */
  readonly speaks: boolean;
  /** Nobody in the room has asked for this call: tone and words go before the microphone. */
  readonly announced: boolean;
}

export interface MediaTarget {
  readonly sessions: readonly MediaSession[];
  /** Said twice, once for every `id`. */
  readonly say: { readonly id: string; readonly prompt: Prompt } | null;
  readonly streams: DomeStreams;
  /** Null: nothing is kept. */
  readonly evidence: EvidenceTarget | null;
}

/** Clip, snapshots, talk. Times are monotonic milliseconds. */
export interface EvidenceTarget {
  /** Recorded now, from its first picture wanted. */
  readonly clip: { readonly id: string; readonly fromMs: number } | null;
  /** Those that are neither stored nor told as missing. */
  readonly snapshots: readonly {
    readonly incident: string;
    readonly afterMs: number;
    readonly atMs: number;
  }[];
  /** What is said now belongs to this case, or clip. */
  readonly talk: { readonly id: string } | null;
  /** Wanted by somebody, one at a time. */
  readonly piece: Omit<Piece, 'command' | 'deadlineMs'> | null;
  /** The first goes, the others wait. None while an alarm has not arrived. */
  readonly uploads: readonly Pick<Upload, 'id' | 'file' | 'url'>[];
  /** Cases and clips whose files stay. */
  readonly kept: readonly string[];
  /** UTC day, days since 1970; null: nobody knows. */
  readonly today: number | null;
}

/** A window as it is told; times are Unix time, milliseconds. */
export interface WindowTold {
  readonly mark: Mark;
  readonly siren: boolean;
  readonly sinceWallMs: number;
  readonly untilWallMs: number;
  readonly role: string;
  readonly user: string;
}

/** What the birth message tells beside who the terminal is. */
export interface TerminalStatus {
  readonly version: string;
  readonly incidents: readonly {
    readonly id: string;
    readonly input: string;
    readonly kind: Kind;
    readonly step: Step | 'unstored';
    readonly raised: Moment;
    readonly presses: number;
    readonly course: Course;
    /** Who was first to see and to take it. */
    readonly seen: Actor | null;
    readonly taken: Actor | null;
    readonly mark: Mark | null;
  }[];
  readonly faults: readonly Fault[];
  /** Who has the stick of the dome. */
  readonly stick: { readonly role: Role; readonly user: string; readonly since: Moment } | null;
  /** As dispatchers have switched them. */
  readonly lights: Pick<Site, 'strobe' | 'siren'>;
  /** Who is in a call with the gate room. */
  readonly callers: readonly Caller[];
  /** Presses are marked now. */
  readonly window: WindowTold | null;
}

/** Cases that are wanted as bundles. */
export interface ExportTarget {
  /** The first is made, the others wait. */
  readonly exports: readonly Export[];
  /** An alarm is on its way: the disk is for it. */
  readonly isPaused: boolean;
}

export interface CertificateTarget {
  /** A request for the next one is due. */
  readonly asks: boolean;
  /** The line may go over to another one now. */
  readonly mayChange: boolean;
}

export interface Wanted {
  readonly dome: DomeTarget;
  readonly lamp: LampTarget;
  readonly uplink: TerminalStatus;
  readonly media: MediaTarget;
  readonly exports: ExportTarget;
  /** Id of the patrol that is under way. */
  readonly patrol: string | null;
  readonly update: UpdateTarget;
  readonly certificate: CertificateTarget;
  readonly jobs: readonly Job[];
  /** Monotonic milliseconds of the next decision, or null. */
  readonly wakeAtMs: number | null;
}
