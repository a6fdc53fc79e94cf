// Everything that can happen to the terminal, and what becomes of each kind. Facts are past tense. Media
// samples, levels and object boxes never become facts. A new kind is added to `Fact` and to `factClass`
// (fact-class.ts); the compiler then names every switch it misses.

import type { Certificate, CertificateRequest } from './certificate.ts';
import type { Answer, Command, IceCandidate, RefusalReason, Role, Velocity } from './command.ts';
import type { DrillScore } from './drill.ts';
import type { EvidenceFile, EvidenceGap, purgeReasons } from './evidence.ts';
import type { ExportAsked, ExportBegun, ExportEnd } from './export.ts';
import type { LifecycleFact } from './lifecycle.ts';
import type { LocalAsked } from './local.ts';
import type { PatrolPart } from './patrol.ts';
import type { StreamName } from './picture.ts';
import type { ServiceAsked } from './service.ts';
import type { SessionEnd, SessionStart } from './session.ts';
import type { SignedRecord } from './signed.ts';
import type { LeaseEnd } from './stick.ts';
import type { UpdateFact } from './update.ts';

/** State of an input's loop, as the box or the line supervision tells it. */
export type Contact = 'normal' | 'pressed' | 'short' | 'open' | 'tamper';

export type ClockQuality = 'good' | 'unknown';

/** When and in which boot a fact is stepped. `id` is unique to the fact: ids of presses and
 * messages derive from it, so that a step can be pure and a press keeps its id come what may. */
export interface Now {
  readonly id: string;
  /** CLOCK_MONOTONIC, milliseconds; comparable across restarts of the daemon within one boot. */
  readonly monoMs: number;
  /** Unix time, milliseconds. */
  readonly wallMs: number;
  /** The kernel's boot id. */
  readonly bootId: string;
  readonly clock: ClockQuality;
}

/** How far a source has counted presses: `total` rises by one a press and begins at 0 with each
 * `session`, so that the difference of two positions is the presses nobody told us of. */
export interface PressCount {
  readonly session: string;
  readonly total: number;
}

export type Fact =
  | { readonly kind: 'terminal.started'; readonly version: string }
  | { readonly kind: 'terminal.stopping'; readonly reason: string }
  | { readonly kind: 'time.passed' }
  | {
      readonly kind: 'input.changed';
      readonly input: string;
      readonly contact: Contact;
      /** Time of the edge in the source's own clock, milliseconds: what bounce is judged by. */
      readonly edgeMs: number;
      /** Absent where the source cannot count (a bare line). */
      readonly count?: PressCount;
      /** The source was not heard in between: it may have happened as early as this, monotonic
       * milliseconds; null: nobody knows when. Absent: it is told as it happened. */
      readonly earliestMs?: number | null;
    }
  | {
      readonly kind: 'storage.failed';
      readonly reason: string;
      readonly unstored: readonly string[];
    }
  | { readonly kind: 'storage.recovered' }
  | {
      /** A row was there at the start and cannot be understood. */
      readonly kind: 'record.unreadable';
      readonly table: string;
      readonly id: string;
      /** Its bytes, as text; empty where the disk does not give them. */
      readonly body: string;
      readonly problem: string;
    }
  | {
      readonly kind: 'fault.raised';
      /** Part and fault, for example `box.desk.silent` or `dome.unauthorized`. */
      readonly fault: string;
      /** One sentence: what, why, what to do. */
      readonly detail: string;
    }
  | { readonly kind: 'fault.cleared'; readonly fault: string }
  | { readonly kind: 'uplink.online'; readonly broker: string }
  | { readonly kind: 'uplink.offline'; readonly reason: string }
  | { readonly kind: 'uplink.acked'; readonly ids: readonly string[] }
  | { readonly kind: 'uplink.received'; readonly ids: readonly string[] }
  | ({ readonly kind: 'command.received' } & Command)
  | {
      readonly kind: 'command.malformed';
      readonly role: string;
      readonly user: string;
      readonly verb: string;
      readonly id: string | null;
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly replyTo: string | null;
      readonly correlation: string | null;
    }
  /** A record that core itself makes (core/flood.ts): what was refused unread within a minute. */
  | { readonly kind: 'commands.refused'; readonly roles: readonly RefusedCommands[] }
  /** Another (core/incident.ts): presses that were told as one count. */
  | {
      readonly kind: 'presses.folded';
      readonly input: string;
      readonly incident: string;
      readonly count: number;
    }
  /** From the media processes: their side of a session. */
  | { readonly kind: 'session.answered'; readonly session: string; readonly sdp: string }
  | {
      readonly kind: 'session.gathered';
      readonly session: string;
      readonly candidates: readonly (IceCandidate | null)[];
    }
  | { readonly kind: 'session.connected'; readonly session: string }
  /** A voice was heard for the first time. */
  | { readonly kind: 'session.heard'; readonly session: string; readonly from: 'room' | 'caller' }
  /** `lost`: may be offered again. `refused`: not with this offer. */
  | {
      readonly kind: 'session.closed';
      readonly session: string;
      readonly reason: 'lost' | 'refused';
      readonly detail: string;
    }
  /** Records that core itself makes (core/session.ts). */
  | ({ readonly kind: 'session.opened' } & SessionStart)
  | ({ readonly kind: 'session.ended' } & SessionEnd)
  /** A call of a marked case goes on for a real one. */
  | ({ readonly kind: 'session.passed' } & SessionStart)
  /** Another (core/drill.ts): how a drill went. */
  | ({ readonly kind: 'drill.scored' } & DrillScore)
  /** Where the dome's pictures are to be had; null: not, or not yet. Without user and password. */
  | { readonly kind: 'dome.streams'; readonly streams: DomeStreams }
  /** Pictures of a stream are missing: whoever sees it waits for its next key picture. */
  | { readonly kind: 'picture.cut'; readonly stream: StreamName }
  /** Something that the dome sees or hears, which is to be told as news. */
  | {
      readonly kind: 'dome.noticed';
      readonly event: DomeEvent;
      /** Which input, rule or channel; may be empty. */
      readonly source: string;
      /** Null: it happened, and has no end. */
      readonly on: boolean | null;
    }
  /** It follows somebody new. */
  | { readonly kind: 'dome.followed' }
  /** The stick as its holder holds it now; all zero: let go. */
  | ({
      readonly kind: 'stick.moved';
      readonly role: Role;
      readonly user: string;
      /** Null: whichever it has; only to let go. */
      readonly lease: string | null;
      /** Rises with each of a lease; null: it is never too late to let go. */
      readonly n: number | null;
      /** It ends so long after it came, unless the next has come. */
      readonly forMs: number;
      readonly retained: boolean;
    } & Velocity)
  /** A record that core itself makes (core/stick.ts): all that was done under a lease. */
  | ({ readonly kind: 'stick.ended' } & LeaseEnd)
  /** From the live process: fragments of a clip that are on its disk, numbered from `first` on. */
  | {
      readonly kind: 'evidence.written';
      readonly file: string;
      readonly first: number;
      readonly fragments: readonly {
        readonly sha256: string;
        readonly bytes: number;
        readonly monoMs: number;
        readonly lengthMs: number;
      }[];
    }
  /** A file is whole, and nothing is added to it any more. */
  | ({ readonly kind: 'evidence.stored' } & EvidenceFile)
  | ({ readonly kind: 'evidence.missing' } & EvidenceGap)
  /** A file is about to be deleted. */
  | {
      readonly kind: 'evidence.purged';
      readonly file: string;
      readonly bytes: number;
      readonly reason: (typeof purgeReasons)[number];
    }
  /** A piece of a file, base64; null: there is none, and why. */
  | {
      readonly kind: 'evidence.read';
      readonly id: string;
      readonly data: string | null;
      /** Of the file, bytes. */
      readonly total: number;
      readonly detail: string;
    }
  /** A file is where the platform wanted it; `detail`: it could not be brought there, and why. */
  | { readonly kind: 'evidence.sent'; readonly id: string; readonly detail: string | null }
  /** Somebody at the terminal itself wants a case as a bundle; the record of it is `export.begun`. */
  | ({ readonly kind: 'export.asked' } & ExportAsked)
  /** Records that core itself makes (core/export.ts): who takes a case away, and why. */
  | ({ readonly kind: 'export.begun' } & ExportBegun)
  /** A bundle is on the shelf; `detail`: it could not be made, and why. */
  | ({ readonly kind: 'export.ended' } & ExportEnd)
  | ({ readonly kind: 'record.signed' } & SignedRecord)
  /** Of somebody at the terminal itself. */
  | ({ readonly kind: 'service.asked' } & ServiceAsked)
  | { readonly kind: 'patrol.asked'; readonly user: string }
  | { readonly kind: 'patrol.ended'; readonly id: string; readonly parts: readonly PatrolPart[] }
  | LifecycleFact
  /** Another version of the program (core/update.ts). */
  | UpdateFact
  /** The certificate that the line shows from now on. */
  | ({ readonly kind: 'certificate.shown' } & Certificate)
  /** A key for the next one is on the disk, and this is the request that was made with it. */
  | ({ readonly kind: 'certificate.requested' } & CertificateRequest)
  /** Somebody at the terminal itself, by the panel. */
  | ({ readonly kind: 'local.asked' } & LocalAsked)
  | { readonly kind: 'job.done'; readonly id: string; readonly result: Answer['result'] }
  | {
      readonly kind: 'job.failed';
      readonly id: string;
      readonly reason: string;
      /** It would have turned the dome to where it may not look. */
      readonly outOfRange?: true;
    };

export const domeEvents = [
  'digital-input',
  'tamper',
  'motion',
  'line',
  'loitering',
  'audio',
] as const;
export type DomeEvent = (typeof domeEvents)[number];

export interface DomeStreams {
  /** RTSP addresses. */
  readonly main: string | null;
  readonly sub: string | null;
  /** Address of a JPEG. */
  readonly snapshot: string | null;
}

export interface RefusedCommands {
  readonly role: string;
  /** Whose command was the first of them. */
  readonly user: string;
  readonly count: number;
}

export type FactKind = Fact['kind'];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

/** Edges go first within a turn: an alarm never waits behind what arrived with it. */
export const isEdge = (fact: Fact): boolean => fact.kind === 'input.changed';
