// Every interface to the outside, on one page. Drivers implement these, tests fake these, and one
// contract suite per port runs on both. No driver imports another driver.

import type { Fact, Now } from './core/fact.ts';
import type { MachineFigures } from './core/machine.ts';
import type { Lane, Message, Notice, Reply } from './core/message.ts';
import type { Durable, Job, Moment, TableName } from './core/state.ts';
import type {
  CertificateTarget,
  DomeTarget,
  ExportTarget,
  LampTarget,
  MediaTarget,
  TerminalStatus,
} from './core/target.ts';
import type { UpdateTarget } from './core/update.ts';

/** Where drivers put facts. `stepped` is called when the turn that holds the fact is on disk, or its
 * failure was told (rule 2); it is what an MQTT acknowledgement to the broker waits for. */
export interface Sink {
  emit(fact: Fact, stepped?: () => void): void;
}

/** Time and timers; nobody but the implementations may ask the system for either. */
export interface Clock {
  now(): Omit<Now, 'id'>;
  /** Calls back once, `delayMs` from now. Returns the cancel. */
  after(delayMs: number, call: () => void): () => void;
}

export interface Ids {
  /** Unique for ever, across terminals. */
  next(): string;
  /** A number in [0, 1): jitter. */
  chance(): number;
}

/** A row of the outbox: bytes as they are published, now and whenever they are sent again. */
export interface OutboxRow {
  readonly id: string;
  readonly seq: number;
  readonly lane: Lane;
  readonly payload: string;
}

export interface Turn {
  /** `body: null` deletes the row. */
  readonly entities: readonly { table: TableName; id: string; body: unknown }[];
  readonly audit: readonly { at: Moment; fact: Fact }[];
  readonly enqueue: readonly Message[];
  readonly settle: readonly string[];
}

export interface Committed {
  /** False: it failed or did not come back in 200 ms; the turn is kept, in order, and retried. */
  readonly durable: boolean;
  readonly reason: string | null;
  /** `enqueue`, sealed: the same bytes whether or not the disk has them yet. */
  readonly rows: readonly OutboxRow[];
}

export interface Outbox {
  /** Unsettled rows of a lane with `seq > afterSeq`, oldest first, at most `limit`. */
  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]>;
}

export interface Store extends Outbox {
  /** Opens, migrates, asserts durability. Never throws for what a disk can do wrong: that is told as
   * faults, and rows gone bad as `record.unreadable`, through the sink, before this returns. */
  open(sink: Sink): Durable;
  /** A press was seen, and a turn will follow: gets ready for it. No harm if none does. */
  expectTurn(): void;
  /** Blocks 200 ms at most. `meanwhile` is called with the sealed rows while the disk writes: what
   * follows is made ready in it, and nothing may leave before `commit` has returned. */
  commit(turn: Turn, meanwhile?: (rows: readonly OutboxRow[]) => void): Committed;
  /** Rows waiting, transactions so far, chain head, size: for status and benchmarks. */
  figures(): StoreFigures;
  close(): Promise<void>;
}

export interface StoreFigures {
  readonly outboxRows: number;
  readonly transactions: number;
  readonly chainSeq: number;
  readonly chainHash: string;
  readonly behind: number;
}

/** A source of `input.changed` facts (button box, GPIO line ..). Tells the level at start. */
export interface Inputs {
  open(sink: Sink): Promise<void>;
  close(): Promise<void>;
}

/** A lamp and buzzer as a maker builds them; patterns as `config/button-box.md` defines them. */
export interface Indicator {
  show(signal: { readonly lamp: string; readonly buzzer: string }): void;
}

export interface Lamp {
  want(target: LampTarget): void;
  run(job: Job): void;
  open(sink: Sink): Promise<void>;
  close(): Promise<void>;
}

export interface Dome {
  /** Never rejects for a dome that does not answer: that is a fault, told through the sink. */
  open(sink: Sink): Promise<void>;
  /** Nothing leaves before the loop's next tick: it is called while a commit is under way, too. */
  want(target: DomeTarget): void;
  run(job: Job): void;
  close(): Promise<void>;
}

/** A warning light of the terminal's own, beside the dome's or in its place. Off after its close. */
export interface Strobe {
  want(isOn: boolean): void;
  /** `test.strobe`: on for a moment. */
  run(job: Job): void;
}

export interface Uplink {
  open(sink: Sink, outbox: Outbox): Promise<void>;
  /** Rows whose commit is under way: made ready as far as can be, and held until their `offer`. */
  prepare(rows: readonly OutboxRow[]): void;
  /** Fresh rows. `durable: false` rows are not on disk yet: hold them until they are acknowledged. */
  offer(rows: readonly OutboxRow[], durable: boolean): void;
  /** Rows that are done; stop sending them. */
  settled(ids: readonly string[]): void;
  /** Dropped while there is no link. */
  reply(word: Reply | Notice): void;
  /** Retained birth message; published at each connect and at each change. */
  want(status: TerminalStatus): void;
  close(): Promise<void>;
}

/** Talk and live picture. What it cannot do is `session.closed`, `media.*` faults, and never an error. */
export interface Media {
  open(sink: Sink): Promise<void>;
  want(target: MediaTarget): void;
  /** An edge was seen: what would hold the loop, such as the fork of a process, waits a moment. */
  giveWay(): void;
  close(): Promise<void>;
}

/** The certificate of the line and its key: asks for the next one, takes what is offered, goes over to it. */
export interface Certificates {
  open(sink: Sink): Promise<void>;
  want(target: CertificateTarget): void;
  /** `certificate.take`. */
  run(job: Job): void;
  close(): Promise<void>;
}

/** Makes bundles of cases: `export.ended` tells of each. */
export interface Exporter {
  open(sink: Sink): Promise<void>;
  want(target: ExportTarget): void;
  close(): Promise<void>;
}

/** Looks after every part without disturbing anybody: `patrol.ended` tells what it found. */
export interface Patrol {
  open(sink: Sink): Promise<void>;
  /** Id of the one to make; null: none, or not any more. */
  want(id: string | null): void;
  close(): Promise<void>;
}

/** The PC under the terminal. What is wrong with it for a while is a fault. */
export interface Machine {
  open(sink: Sink): Promise<void>;
  /** As of the last look. */
  figures(): MachineFigures;
  close(): Promise<void>;
}

/** Fetches releases: `update.fetched` tells of each, `update.ended` of what root's updater made of it. */
export interface Updates {
  open(sink: Sink): Promise<void>;
  want(target: UpdateTarget): void;
  close(): Promise<void>;
}

/** The service manager (systemd). Where there is none nothing is told, and nobody minds. */
export interface Notify {
  /** Silence for this long, and it ends and restarts us, milliseconds; null: it does not look. */
  readonly watchdogMs: number | null;
  open(): void;
  /** Armed, or as ready as a terminal without a configuration can be. */
  ready(): void;
  /** One line for `systemctl status`; anybody on the machine may read it. */
  status(line: string): void;
  /** The loop is alive. */
  feed(): void;
  stopping(): void;
  close(): Promise<void>;
}

/** 10 ms of the gate room: 480 samples, mono, 48 kHz. */
export type SoundFrame = Int16Array;

export interface SoundListener {
  /** Microphone, echo cancelled. Called every 10 ms while the devices run. */
  captured(frame: SoundFrame): void;
  /** `sound.speaker` | `sound.microphone` | `sound.canceller`; null: well again. One clear sentence. */
  trouble(fault: string, detail: string | null): void;
}

/** Loudspeaker and microphone of the gate room; lives in the talk process. */
export interface Sound {
  open(listener: SoundListener): void;
  /** Queues 10 ms for the loudspeaker, which plays silence where nothing is queued. Bounded: the oldest
   * are dropped. */
  play(frame: SoundFrame): void;
  /** Levels of the last 100 ms, dBFS; -Infinity for digital silence. */
  levels(): { readonly speaker: number; readonly microphone: number };
  close(): Promise<void>;
}
