// What a report holds, and what it is made from. As report.json this is a format: a field never gets a new
// meaning, only a new name.

import type { EvidenceKind } from '../core/evidence.ts';
import type { ExportBegun } from '../core/export.ts';
import type { ClockQuality } from '../core/fact.ts';
import type { Incident, Moment } from '../core/state.ts';
import type { Step } from '../core/target.ts';
import type { CaseInputs, Recorded } from './case.ts';

export interface ReportSource {
  readonly begun: ExportBegun;
  readonly at: Moment;
  readonly records: readonly Recorded[];
  readonly terminal: ReportTerminal;
  readonly inputs: CaseInputs;
  readonly chain: ReportChain;
  /** Records of its time without their body, and whether that of its press is there. */
  readonly pruned: number;
  readonly isWhole: boolean;
  /** Files that should be here, and why they are not. */
  readonly absent: readonly { readonly file: string; readonly why: string }[];
}

export interface ReportTerminal {
  readonly id: string;
  readonly version: string;
  readonly divisionCode: string;
  readonly jurisdiction: string;
  readonly school: string;
  readonly gate: string;
  readonly address: string;
  readonly position: { readonly lat: number; readonly lon: number } | null;
  readonly gateRoomPhone: string;
}

export interface ReportChain {
  readonly fromSeq: number;
  readonly headSeq: number;
  readonly headHash: string;
  readonly keyId: string;
  /** SHA-256 of the public key's SPKI, hex. */
  readonly fingerprint: string;
}

/** A time as the terminal knew it. */
export interface ReportTime {
  readonly wallMs: number;
  readonly clock: ClockQuality;
  /** Since the press, milliseconds, by the monotonic clock; null: another boot. */
  readonly afterMs: number | null;
  /** Number of the record; null: the row alone says so, and the record of this export repeats it. */
  readonly seq: number | null;
}

export interface ReportHop {
  readonly step: Step;
  readonly time: ReportTime | null;
  /** Not measured by itself: it was so by this time at the latest. */
  readonly atLatest: boolean;
  readonly limitMs: number | null;
  /** Where the figure comes from; `own`: this product's. */
  readonly limitFrom: string | null;
  readonly isWithin: boolean | null;
}

export interface ReportWho {
  readonly role: string;
  readonly user: string;
}

/** What somebody did, in order of time. */
export interface ReportDeed extends ReportWho {
  readonly what: 'seen' | 'taken' | 'resolved' | 'held' | `${'strobe' | 'siren'}-${'on' | 'off'}`;
  readonly time: ReportTime;
}

export interface ReportSession extends ReportWho {
  readonly media: string;
  readonly mode: string;
  readonly time: ReportTime;
  /** How long it was connected; null: it was not over. */
  readonly lastedMs: number | null;
  readonly end: string | null;
}

export interface ReportTurn extends ReportWho {
  readonly time: ReportTime;
  readonly lastedMs: number | null;
  readonly moves: number;
  readonly presets: readonly string[];
  readonly end: string;
}

export interface ReportFault {
  readonly fault: string;
  readonly detail: string;
  readonly time: ReportTime;
  /** Lasted at the press. */
  readonly before: boolean;
  readonly clearedAfterMs: number | null;
}

export interface Report {
  readonly v: 1;
  readonly terminal: ReportTerminal;
  readonly incident: {
    readonly id: string;
    readonly kind: Incident['kind'];
    readonly input: string;
    readonly inputName: string;
    readonly raised: ReportTime;
    readonly presses: number;
    /** Pressed in a window of this kind: nobody was to be dispatched. */
    readonly mark: string | null;
    /** It was marked, and has been made real. */
    readonly madeReal: {
      readonly was: string;
      readonly reason: string;
      readonly time: ReportTime;
    } | null;
    readonly falseAlarm: ReportTime | null;
    readonly resets: readonly ReportTime[];
    readonly pressedAgain: readonly ReportTime[];
    readonly resolution: { readonly reason: string; readonly note: string | null } | null;
    readonly isUnreadable: boolean;
  };
  readonly hops: readonly ReportHop[];
  readonly deeds: readonly ReportDeed[];
  readonly sessions: readonly ReportSession[];
  readonly turns: readonly ReportTurn[];
  readonly files: readonly ReportFile[];
  readonly missing: readonly ReportMissing[];
  readonly faults: readonly ReportFault[];
  readonly restarts: readonly ReportTime[];
  readonly chain: ReportChain;
  readonly made: ReportWho & {
    readonly reason: string;
    readonly time: ReportTime;
    readonly export: string;
  };
}

export interface ReportFile {
  readonly file: string;
  readonly what: EvidenceKind;
  readonly bytes: number;
  readonly sha256: string;
  /** Of its beginning, Unix milliseconds. */
  readonly fromWallMs: number;
  readonly lengthMs: number;
  readonly missingMs: number;
  /** Of a snapshot: when it was due, after the press. */
  readonly dueMs: number | null;
  /** How long before the press it begins, milliseconds; negative: after it. */
  readonly beforePressMs: number;
  readonly mended: boolean;
  /** `here`: in this bundle. */
  readonly state: 'here' | 'purged' | 'absent';
}

export interface ReportMissing {
  readonly what: EvidenceKind | 'record' | 'file';
  readonly detail: string;
}
