// A session as its user sees it: it goes on until it is closed, refused or ended by the terminal. What is
// lost meanwhile is offered anew by itself, with a new id that replaces the one before.

import type { SessionNoticeMessage } from '../../contract.ts';
import type { RefusalReason } from '../../core/command.ts';
import type { SessionEndReason } from '../../core/session.ts';
import { type Asked, Attempt, type AttemptSetup } from './attempt.ts';
import { Emitter } from './emitter.ts';
import type { Arrival } from './terminals.ts';

export type SessionStatus =
  | { readonly state: 'calling' | 'connected' }
  /** Offered anew by itself. */
  | { readonly state: 'again'; readonly detail: string }
  | {
      readonly state: 'over';
      readonly reason: RefusalReason | SessionEndReason | 'closed';
      readonly detail: string;
    };

/** Whose voice is played in the gate room, why it is so, and who asks to be heard, the next first. */
export type FloorState = Pick<
  Extract<SessionNoticeMessage, { kind: 'session.floor' }>,
  'yours' | 'role' | 'user' | 'why' | 'asking'
>;

export interface SessionEvents {
  status: SessionStatus;
  floor: FloorState;
  /** A voice was heard for the first time. */
  heard: { readonly from: 'room' | 'caller' };
}

export type SessionSetup = Omit<AttemptSetup, 'on' | 'replaces'>;

const againMs = [0, 250, 500, 1_000, 2_000, 4_000] as const;
/** Connected for so long, a loss is a new story. */
const steadyMs = 5_000;

export class Session extends Emitter<SessionEvents> {
  #setup: SessionSetup;
  #attempt: Attempt | null = null;
  #status: SessionStatus = { state: 'calling' };
  #losses = 0;
  /** It has been offered, or told since, which stream is wanted. */
  #isStreamTold = true;
  #connectedMs: number | null = null;
  #cancelAgain: (() => void) | null = null;

  constructor(setup: SessionSetup) {
    super();
    this.#setup = setup;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  get terminal(): string {
    return this.#setup.terminal;
  }

  /** Id of the newest offer. */
  get id(): string | null {
    return this.#attempt?.id ?? null;
  }

  open(): void {
    this.#offer(null);
  }

  /** Ends it and says so to the terminal. */
  close(): void {
    if (this.#status.state === 'over') return;
    const { terminal, commands } = this.#setup;
    if (this.id !== null) commands.tell(terminal, 'session.bye', { session: this.id });
    this.#end('closed', '');
  }

  /** Another picture on the same connection, and on those that follow. A terminal that does not know the word
   * goes on with the one before. */
  stream(stream: NonNullable<Asked['stream']>): void {
    const { asked } = this.#setup;
    if (asked.stream === stream) return;
    this.#setup = { ...this.#setup, asked: { ...asked, stream } };
    this.#isStreamTold = false;
    if (this.#connectedMs !== null) this.#tellStream();
  }

  /** Takes what the terminal says; false where it is of another session. */
  hear(notice: SessionNoticeMessage): boolean {
    if (notice.session !== this.id || this.#status.state === 'over') return false;
    if (notice.kind === 'session.ended') this.#end(notice.reason, notice.detail);
    else if (notice.kind === 'session.floor') this.emit('floor', notice);
    else if (notice.kind === 'session.heard') this.emit('heard', notice);
    else this.#attempt?.hear(notice);
    return true;
  }

  /** The line of this client, or of the terminal, is there again. */
  arrived(arrival: Arrival): void {
    if (this.#status.state === 'over' || this.#cancelAgain) return;
    if (arrival === 'rebooted') {
      this.#attempt?.end();
      this.#lost('the terminal has restarted');
    } else if (arrival === 'back') {
      this.#attempt?.say();
      if (this.#connectedMs !== null) this.#tellStream();
    }
  }

  #tellStream(): void {
    const { terminal, commands, asked } = this.#setup;
    if (this.#isStreamTold || this.id === null || asked.stream === undefined) return;
    const told = { session: this.id, stream: asked.stream };
    this.#isStreamTold = commands.tell(terminal, 'session.stream', told);
  }

  #offer(replaces: string | null): void {
    this.#cancelAgain = null;
    this.#isStreamTold = true;
    this.#attempt = new Attempt({
      ...this.#setup,
      replaces,
      on: {
        connected: () => this.#connected(),
        lost: (detail) => this.#lost(detail),
        refused: (reason, detail) => this.#end(reason, detail),
      },
    });
  }

  #connected(): void {
    this.#connectedMs = this.#setup.clock.monoMs();
    this.#tellStream();
    this.#turn({ state: 'connected' });
  }

  #lost(detail: string): void {
    const { clock } = this.#setup;
    const steady = this.#connectedMs !== null && clock.monoMs() - this.#connectedMs > steadyMs;
    this.#losses = steady ? 0 : this.#losses;
    this.#connectedMs = null;
    const delayMs = againMs[this.#losses++] ?? againMs[againMs.length - 1] ?? 0;
    this.#cancelAgain = clock.after(delayMs, () => this.#offer(this.id));
    this.#turn({ state: 'again', detail });
  }

  #end(reason: Extract<SessionStatus, { state: 'over' }>['reason'], detail: string): void {
    this.#cancelAgain?.();
    this.#attempt?.end();
    this.#turn({ state: 'over', reason, detail });
  }

  #turn(status: SessionStatus): void {
    if (this.#status.state === status.state && status.state === 'connected') return;
    this.#status = status;
    this.emit('status', status);
  }
}
