// What goes to the platform. `Message` is a row of the outbox until its receipt; `Reply` is
// worthless when late: never stored, dropped when offline.

import type { CertificateRequest, CertificateTold } from './certificate.ts';
import type { Answer, IceCandidate } from './command.ts';
import type { DrillScore } from './drill.ts';
import type { Cause, EvidenceFile, EvidenceGap } from './evidence.ts';
import type { ExportEnd } from './export.ts';
import type { DomeEvent } from './fact.ts';
import type { FloorReason } from './floor.ts';
import type { LifecycleBody } from './lifecycle.ts';
import type { MadeRealBy, Mark, WindowEnd } from './mark.ts';
import type { PatrolPart } from './patrol.ts';
import type { SessionEndReason } from './session.ts';
import type { SignedRecord, SignedResult } from './signed.ts';
import type { Kind, Moment } from './state.ts';
import type { StickLoss } from './stick.ts';

/** Lower goes first. Telemetry gives way before an event, an event before an alarm. */
export const priorities = { alarm: 0, event: 1, telemetry: 2 } as const;
export type Lane = keyof typeof priorities;

/** `live`: seen as it happened. `held-at-start`: found pressed. `counted`: told by the source's press
 * count later; its own time is unknown. */
export type PressEdge = 'live' | 'held-at-start' | 'counted';

interface Pictured {
  /** Name of a picture of it, which is being taken. */
  readonly snapshot?: string;
}

export type MessageBody =
  | {
      readonly kind: 'alarm.raised';
      readonly incident: string;
      readonly input: string;
      readonly inputName: string;
      readonly alarm: Kind;
      readonly edge: PressEdge;
      readonly cause?: 'duress';
      /** Null: it is real; here and below. */
      readonly mark: Mark | null;
    }
  | {
      readonly kind: 'press.repeated';
      readonly incident: string;
      readonly input: string;
      /** Presses this message stands for. */
      readonly count: number;
      /** Presses of the incident so far, these included. */
      readonly presses: number;
      readonly mark: Mark | null;
    }
  | {
      readonly kind: 'incident.false-alarm' | 'incident.local-reset';
      readonly incidents: readonly string[];
      /** Null where one of them is real. */
      readonly mark: Mark | null;
      /** By whom; absent: by a key. */
      readonly role?: string;
      readonly user?: string;
    }
  | {
      readonly kind: 'incident.made-real';
      readonly incident: string;
      readonly input: string;
      readonly inputName: string;
      readonly alarm: Kind;
      readonly presses: number;
      readonly mark: null;
      readonly was: Mark;
      readonly reason: MadeRealBy;
      /** Who has asked; null: the guard's hand. */
      readonly role: string | null;
      readonly user: string | null;
    }
  | {
      readonly kind: 'incident.resolved';
      readonly incident: string;
      readonly role: string;
      readonly user: string;
      readonly reason: string;
      readonly note: string | null;
      readonly mark: Mark | null;
    }
  | {
      readonly kind: 'record.unreadable';
      readonly incident: string;
      readonly alarm: Kind;
      /** What is left of the row, `recordCharsMax` at most. */
      readonly body: string;
      readonly problem: string;
    }
  | ({ readonly kind: 'fault.raised'; readonly fault: string; readonly detail: string } & Pictured)
  | { readonly kind: 'fault.cleared'; readonly fault: string }
  | ({
      readonly kind: 'evidence.stored';
      /** Cases that it belongs to, the first the one it is named after. */
      readonly incidents: readonly string[];
      readonly cause: Cause | null;
    } & Omit<EvidenceFile, 'incident'>)
  | ({ readonly kind: 'evidence.missing'; readonly cause: Cause | null } & EvidenceGap)
  | {
      readonly kind: 'evidence.sent';
      readonly file: string;
      readonly upload: string;
      readonly ok: boolean;
      /** Why not. */
      readonly detail: string | null;
    }
  | ({ readonly kind: 'evidence.exported'; readonly ok: boolean } & ExportEnd)
  | ({ readonly kind: 'record.signed' } & SignedRecord)
  | {
      readonly kind: 'patrol.ended';
      readonly result: SignedResult;
      readonly parts: readonly PatrolPart[];
    }
  | ({
      readonly kind: 'dome.noticed';
      readonly event: DomeEvent;
      readonly source: string;
      readonly on: boolean | null;
    } & Pictured)
  | {
      readonly kind: 'window.opened';
      readonly mark: Mark;
      readonly minutes: number;
      readonly siren: boolean;
      readonly untilWallMs: number;
      readonly role: string;
      readonly user: string;
    }
  | {
      readonly kind: 'window.closed';
      readonly mark: Mark;
      readonly reason: WindowEnd;
      readonly role: string | null;
      readonly user: string | null;
    }
  | LifecycleBody
  | { readonly kind: 'update.applied'; readonly version: string; readonly from: string }
  | {
      readonly kind: 'update.failed';
      /** As it was offered; null: it had been fetched before. */
      readonly update: string | null;
      readonly version: string;
      readonly detail: string;
    }
  | ({ readonly kind: 'certificate.expiring' | 'certificate.renewed' } & CertificateTold)
  | ({
      readonly kind: 'certificate.request';
      readonly name: string;
      readonly untilWallMs: number;
    } & CertificateRequest)
  /** A drill is over. */
  | ({ readonly kind: 'drill.report'; readonly mark: 'drill' } & DrillScore)
  | { readonly kind: 'chain.head' };

export interface Message {
  /** Unique for ever; the platform de-duplicates by it. */
  readonly id: string;
  /** Rises by one a message of this terminal. */
  readonly seq: number;
  readonly lane: Lane;
  readonly at: Moment;
  readonly body: MessageBody;
}

/** What a session's client is told, on the response topic of its offer. */
export type SessionNotice =
  | { readonly kind: 'session.answer'; readonly session: string; readonly sdp: string }
  | {
      readonly kind: 'session.candidate';
      readonly session: string;
      readonly candidates: readonly (IceCandidate | null)[];
    }
  | { readonly kind: 'session.connected'; readonly session: string }
  | { readonly kind: 'session.heard'; readonly session: string; readonly from: 'room' | 'caller' }
  | {
      /** Whose voice is played in the gate room, and who asks to be heard there. */
      readonly kind: 'session.floor';
      readonly session: string;
      readonly yours: boolean;
      readonly role: string | null;
      readonly user: string | null;
      readonly why: FloorReason;
      /** Who would have it next first. */
      readonly asking: readonly {
        readonly session: string;
        readonly role: string;
        readonly user: string;
      }[];
    }
  /** Offer again: the terminal or the path was at fault. */
  | { readonly kind: 'session.lost'; readonly session: string; readonly detail: string }
  /** Over for good. */
  | {
      readonly kind: 'session.ended';
      readonly session: string;
      readonly reason: SessionEndReason;
      readonly detail: string;
    };

/** What the holder of the stick is told, on the response topic of its `stick.take`. */
export type StickNotice =
  | {
      readonly kind: 'stick.lost';
      readonly lease: string;
      readonly reason: StickLoss;
      /** Who has it now; null: nobody. */
      readonly role: string | null;
      readonly user: string | null;
    }
  | { readonly kind: 'stick.expired'; readonly lease: string };

/** An answer to a command. */
export interface Reply {
  readonly topic: string;
  readonly correlation: string | null;
  readonly answer: Answer;
  /** Large, and behind everything else. */
  readonly bulk?: true;
}

/** A word on a session or the stick that nobody has asked for; as worthless when late as an answer. */
export interface Notice {
  readonly topic: string;
  readonly notice: SessionNotice | StickNotice;
}
