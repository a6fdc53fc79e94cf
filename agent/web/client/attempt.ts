// One offer and its peer connection. Says the offer again while no answer came; candidates go out in
// batches, those of the terminal wait for its answer. An offer said again must get the same answer:
// another one tells that the terminal has forgotten us. Ends once, and says nothing afterwards.

import type { SessionNoticeMessage } from '../../contract.ts';
import type { IceCandidate, RefusalReason } from '../../core/command.ts';
import { type ClientClock, newId } from './clock.ts';
import { type Args, CommandRefused, type Commands, NoAnswer } from './commands.ts';
import type { Offer, Peer, PeerMaker, PeerState } from './peer.ts';

export type Asked = Omit<Args<'session.offer'>, 'session' | 'sdp' | 'turn' | 'replaces'>;

export interface AttemptSetup {
  readonly terminal: string;
  readonly asked: Asked;
  readonly replaces: string | null;
  readonly commands: Commands;
  readonly clock: ClientClock;
  readonly peer: PeerMaker;
  readonly on: {
    readonly connected: () => void;
    /** Worth another offer. */
    readonly lost: (detail: string) => void;
    /** Not worth one. */
    readonly refused: (reason: RefusalReason, detail: string) => void;
  };
}

const batchMs = 50;
const batchMax = 20;
/** The terminal takes 40 of a session, and they may be said twice. */
const candidatesMax = 20;
const repeatFirstMs = 1_000;
const repeatMaxMs = 4_000;
const connectWithinMs = 15_000;
const disconnectedMs = 3_000;

/** The terminal cannot judge yet, or was busy with others: the offer is said again anyway. */
const passing: ReadonlySet<RefusalReason> = new Set(['wrong-boot', 'expired', 'too-many']);

export class Attempt {
  readonly id = newId();
  readonly #setup: AttemptSetup;
  readonly #peer: Peer;
  readonly #found: (IceCandidate | null)[] = [];
  /** Of `#found`, how many were told. */
  #told = 0;
  /** The terminal's, until its answer is there; null: it is. */
  #early: (IceCandidate | null)[] | null = [];
  #made: Offer | null = null;
  #answer: string | null = null;
  #offers = 0;
  #accepted = false;
  #over = false;
  #cancelRepeat: (() => void) | null = null;
  #cancelBatch: (() => void) | null = null;
  #cancelBroken: (() => void) | null = null;
  readonly #cancelConnect: () => void;

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
    this.#cancelConnect = setup.clock.after(connectWithinMs, () =>
      this.#lost('no way to the terminal was found in time'),
    );
    this.#peer = setup.peer({
      candidate: (candidate) => this.#gathered(candidate),
      state: (state) => this.#state(state),
    });
    this.#begin().catch((error: unknown) => this.#lost(messageOf(error)));
  }

  /** Says the offer (again): at a reconnect of either side. */
  say(): void {
    if (this.#over || !this.#made) return;
    this.#offer(this.#made).catch((error: unknown) => this.#lost(messageOf(error)));
  }

  /** Takes what the terminal says of this session. */
  hear(notice: SessionNoticeMessage): void {
    if (this.#over) return;
    if (notice.kind === 'session.answer') this.#answered(notice.sdp);
    if (notice.kind === 'session.candidate') this.#add(notice.candidates);
    if (notice.kind === 'session.lost') this.#lost(notice.detail);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelConnect();
    for (const cancel of [this.#cancelRepeat, this.#cancelBatch, this.#cancelBroken]) cancel?.();
    this.#peer.close();
  }

  async #begin(): Promise<void> {
    this.#made = await this.#peer.offer();
    this.say();
  }

  async #offer(made: Offer): Promise<void> {
    const { terminal, asked, replaces, commands, clock } = this.#setup;
    const nth = this.#offers++;
    this.#cancelRepeat?.();
    const repeatMs = Math.min(repeatMaxMs, repeatFirstMs * 2 ** nth);
    this.#cancelRepeat = this.#answer === null ? clock.after(repeatMs, () => this.say()) : null;
    const offer = { ...asked, ...made, session: this.id, replaces };
    const accepted = commands.ask(terminal, 'session.offer', offer);
    if (nth === 0) this.#tellFound();
    try {
      await accepted;
    } catch (error) {
      return this.#unanswered(error);
    }
    // The first may never have come there, and what was told after it for nothing.
    if (!this.#accepted && nth > 0) this.#told = 0;
    this.#accepted = true;
    this.#tellFound();
  }

  #unanswered(error: unknown): void {
    if (error instanceof NoAnswer || this.#over) return;
    if (!(error instanceof CommandRefused)) throw error;
    if (passing.has(error.reason)) return;
    if (error.reason === 'failed') return this.#lost(error.message);
    this.end();
    this.#setup.on.refused(error.reason, error.message);
  }

  #answered(sdp: string): void {
    if (this.#answer === sdp) return;
    if (this.#answer !== null) return this.#lost('the terminal has begun anew');
    this.#answer = sdp;
    this.#cancelRepeat?.();
    this.#peer
      .answer(sdp)
      .then(() => {
        const early = this.#early ?? [];
        this.#early = null;
        if (early.length > 0 && !this.#over) return this.#peer.add(early);
      })
      .catch((error: unknown) => this.#lost(messageOf(error)));
  }

  #add(candidates: readonly (IceCandidate | null)[]): void {
    if (this.#early) this.#early.push(...candidates);
    else this.#peer.add(candidates).catch((error: unknown) => this.#lost(messageOf(error)));
  }

  #gathered(candidate: IceCandidate | null): void {
    if (this.#over || this.#found.length >= candidatesMax) return;
    const last = this.#found.length === candidatesMax - 1;
    this.#found.push(last ? null : candidate);
    this.#cancelBatch ??= this.#setup.clock.after(batchMs, () => {
      this.#cancelBatch = null;
      this.#tellFound();
    });
  }

  /** What was found since; nothing before the offer was said. */
  #tellFound(): void {
    if (this.#over || this.#offers === 0) return;
    const { commands, terminal } = this.#setup;
    const candidates = this.#found.slice(this.#told, this.#told + batchMax);
    if (candidates.length === 0) return;
    if (commands.tell(terminal, 'session.candidate', { session: this.id, candidates }))
      this.#told += candidates.length;
  }

  #state(state: PeerState): void {
    if (this.#over) return;
    this.#cancelBroken?.();
    this.#cancelBroken = null;
    if (state === 'connected') {
      this.#cancelConnect();
      this.#setup.on.connected();
    } else if (state === 'failed') {
      this.#lost('the way to the terminal has broken');
    } else {
      this.#cancelBroken = this.#setup.clock.after(disconnectedMs, () =>
        this.#lost('nothing came from the terminal for some seconds'),
      );
    }
  }

  #lost(detail: string): void {
    if (this.#over) return;
    this.end();
    this.#setup.on.lost(detail);
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
