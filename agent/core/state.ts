// What the terminal knows: `durable` entities are one row each and survive everything, `live`
// dies with the process, by design. Values are immutable: an entity that is the same reference
// as before is not written.

import type { Certificate, CertificateNotes } from './certificate.ts';
import type { Answer, Command, Role, StickAct, TestPart, WindowAsked } from './command.ts';
import type { DrillRun } from './drill.ts';
import type { Export } from './export.ts';
import type { ClockQuality, Contact, DomeStreams, Now, RefusedCommands } from './fact.ts';
import type { Piece, Upload } from './fetch.ts';
import { type Floor, freeFloor } from './floor.ts';
import type { MadeRealBy, Mark } from './mark.ts';
import { type LocalLive, nothingLocal } from './outcome.ts';
import { noPatrol, type PatrolLive, type PatrolRow } from './patrol.ts';
import { type KeyPictures, noKeyPictures } from './picture.ts';
import type { Session } from './session.ts';
import type { Setup } from './setup.ts';
import { type Noticed, nothingNoticed } from './sighting.ts';
import { freeStick, type Stick } from './stick.ts';
import type { Update } from './update.ts';

export const kinds = ['emergency', 'silent', 'medical', 'fire', 'test'] as const;
export type Kind = (typeof kinds)[number];

/** A point in time that outlives the process: durations by `monoMs` within one boot, records by wall. */
export type Moment = Omit<Now, 'id'>;

/** Who did something: role and user as the broker's ACL ties them to a login. */
export interface Actor {
  readonly role: Role;
  readonly user: string;
  readonly at: Moment;
}

/** A time in which presses are marked (core/windows.ts), and by whom. */
export interface Window extends WindowAsked {
  readonly since: Moment;
  readonly role: string;
  readonly user: string;
}

/** A case: opened by a press, ended by a resolution and by nothing else. */
export interface Incident {
  /** Id of the press that opened it, and of the message that tells it. */
  readonly id: string;
  readonly input: string;
  readonly kind: Kind;
  readonly raised: Moment;
  /** Presses so far, the first included. */
  readonly presses: number;
  readonly sent: Moment | null;
  readonly received: Moment | null;
  readonly seen: Actor | null;
  readonly taken: Actor | null;
  readonly talking: boolean;
  /** When somebody was first connected who can be heard. */
  readonly talked?: Moment;
  /** When 10 s had passed without a receipt; stays as a record after a late one. */
  readonly undelivered: Moment | null;
  readonly falseAlarm: Moment | null;
  readonly resolved: (Actor & { readonly reason: string; readonly note: string | null }) | null;
  /** Id of the case under whose name it is recorded, where it is not its own. */
  readonly clip?: string;
  /** Snapshots that are stored or told as missing, by their time after the press, milliseconds. */
  readonly snapshots?: readonly number[];
  /** When the dome began to follow somebody, after the press, milliseconds: a snapshot of each. */
  readonly tracked?: readonly number[];
  /** Pressed in a window of this kind; absent: it is real. */
  readonly mark?: Mark;
  /** It was pressed as `was` and is real since `at`. `message`: id of what tells that. */
  readonly made?: {
    readonly at: Moment;
    readonly was: Mark;
    readonly reason: MadeRealBy;
    readonly message: string;
  };
  /** It was no button that raised it: the duress PIN of the panel. */
  readonly cause?: 'duress';
  /** By whom its evidence is kept for as long as it takes. */
  readonly held?: Actor;
  /** Stands for a row that could not be read: what it was is not known, so it counts as open.
   * `message` is the id of what tells it, since its own id may have been told before. */
  readonly unreadable?: { readonly message: string };
}

/** Durable side of one input. */
export interface Input {
  readonly id: string;
  /** Last press count taken over from the source; null before the first sight or where it cannot count. */
  readonly count: { readonly session: string; readonly total: number } | null;
  /** The minute in which repeated presses are told one by one until they fold (rule 9). */
  readonly window: {
    readonly since: Moment;
    readonly told: number;
    readonly folded: number;
    readonly incident: string;
  } | null;
  /** When it was tried last, or seen for the first time: Unix time by a good clock (core/button-test.ts). */
  readonly tried?: number;
}

/** A command that has had its effect, kept so that the same id gets the same answer. */
export interface Obeyed {
  readonly id: string;
  readonly at: Moment;
  /** null while its job runs. */
  readonly answer: Answer | null;
}

/** `auto`: by the kinds of the open incidents. */
export type Override = 'auto' | 'on' | 'off';

/** The one row about the terminal as a whole. */
export interface Site {
  readonly id: 'site';
  readonly nextSeq: number;
  /** A dispatcher's or the guard's word on light and siren; holds until the next press that lights. */
  readonly strobe: Override;
  readonly siren: Override;
  /** UTC day (days since 1970) whose chain head was last told; empty before the first. */
  readonly headTold: string;
  /** What was told as open, so that its end is told after a restart, which has voided it. */
  readonly window?: Window;
  /** The next patrol, and the last. */
  readonly patrol?: PatrolRow;
  /** Id of the updater's result that was last told. */
  readonly updated?: string;
  readonly certificate?: CertificateNotes;
  /** Until its score is told. */
  readonly drill?: DrillRun;
}

export type Table<T> = { readonly [id: string]: T };

/** A row by an id that somebody outside may have chosen: `constructor` is a key of every object. */
export const rowOf = <T>(table: Table<T>, id: string): T | undefined =>
  Object.hasOwn(table, id) ? table[id] : undefined;

export interface Durable {
  readonly incidents: Table<Incident>;
  readonly inputs: Table<Input>;
  readonly obeyed: Table<Obeyed>;
  readonly site: Table<Site>;
}
export type TableName = keyof Durable;
export const tableNames = ['incidents', 'inputs', 'obeyed', 'site'] as const satisfies TableName[];

export interface Fault {
  readonly fault: string;
  readonly detail: string;
  readonly since: Moment;
}

export type JobWork =
  | { readonly what: `test.${TestPart}` }
  | { readonly what: 'stick.do'; readonly act: StickAct }
  | { readonly what: 'certificate.take'; readonly request: string; readonly chain: string };

/** What cannot be repeated blindly. All kinds so far are at-most-once and fail with a reboot. */
export type Job = JobWork & {
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
};

/** `local`: the asking at the terminal itself that it is for. */
export type PendingJob = Job & { readonly command: Command | { readonly local: string } };

/** A minute of commands, counted by role and by user. */
export interface CommandMinute {
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  /** Taken, by `role` and by `role/user`. */
  readonly taken: { readonly [who: string]: number };
  /** Refused as too many, by role. */
  readonly refused: Table<RefusedCommands>;
}

export interface InputLive {
  readonly contact: Contact;
  readonly sinceMonoMs: number;
  readonly edgeMs: number;
  /** The last presses, `byHand.presses` at most: monotonic milliseconds here and in the source's clock. */
  readonly pressed: readonly { readonly monoMs: number; readonly edgeMs: number }[];
}

export interface Live {
  readonly setup: Setup;
  readonly online: boolean;
  readonly clock: ClockQuality;
  readonly storageFailing: boolean;
  /** Incidents whose commit failed or hung: their lamp never says *stored* (rule 2). */
  readonly unstored: readonly string[];
  readonly inputs: Table<InputLive>;
  readonly faults: Table<Fault>;
  readonly jobs: Table<PendingJob>;
  /** Commands of the current minute; null while there were none. */
  readonly commands: CommandMinute | null;
  /** Calls and viewers, by the id that the client gave. */
  readonly sessions: Table<Session>;
  /** Who of those in a call is heard in the gate room. */
  readonly floor: Floor;
  readonly streams: DomeStreams;
  readonly keyPictures: KeyPictures;
  readonly stick: Stick;
  /** Live, so that no restart can leave one open. */
  readonly window: Window | null;
  /** One that a silent case has ended, and that the lamp goes on showing. */
  readonly veil: Window | null;
  /** Evidence that is being fetched. */
  readonly piece: Piece | null;
  readonly uploads: readonly Upload[];
  /** Pictures of what the dome has noticed. */
  readonly noticed: Noticed;
  /** Cases that are being made into bundles, in the order they were asked for. */
  readonly exports: readonly Export[];
  readonly patrol: PatrolLive;
  /** A release that is being fetched. */
  readonly update: Update | null;
  /** Null: none is shown, or nobody has said yet. */
  readonly certificate: Certificate | null;
  /** What is asked for at the terminal itself. */
  readonly local: LocalLive;
  /** Last resolution, shown on the lamp for a moment. Monotonic milliseconds. */
  readonly resolvedMs: number | null;
}

export interface State {
  readonly durable: Durable;
  readonly live: Live;
}

export const emptyDurable: Durable = { incidents: {}, inputs: {}, obeyed: {}, site: {} };

/** State at the start of a process: rows as loaded, nothing live. */
export function initialState(durable: Durable, setup: Setup): State {
  return {
    durable,
    live: {
      setup,
      online: false,
      clock: 'unknown',
      storageFailing: false,
      unstored: [],
      inputs: {},
      faults: {},
      jobs: {},
      commands: null,
      sessions: {},
      floor: freeFloor,
      streams: { main: null, sub: null, snapshot: null },
      keyPictures: noKeyPictures,
      stick: freeStick,
      window: null,
      veil: null,
      piece: null,
      uploads: [],
      noticed: nothingNoticed,
      exports: [],
      patrol: noPatrol,
      update: null,
      certificate: null,
      local: nothingLocal,
      resolvedMs: null,
    },
  };
}

export const momentOf = ({ bootId, monoMs, wallMs, clock }: Now): Moment => ({
  bootId,
  monoMs,
  wallMs,
  clock,
});
