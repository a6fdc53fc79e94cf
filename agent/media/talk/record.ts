// What is said in the calls of a case is kept: told whether, by which name and where, it gets both sides
// every 10 ms. Nothing of a call waits for it; what is wrong with it is one fault.

import type { Clock, SoundFrame } from '../../ports.ts';
import { masterOf } from '../../sealed/format.ts';
import { isDiskError, sentenceOf } from '../clip/disk.ts';
import { Shelf } from '../clip/shelf.ts';
import { Told } from '../clip/told.ts';
import { mendTorn } from '../clip/torn.ts';
import type { MediaSaid, TalksWanted } from '../wire.ts';
import { Keeper } from './keeper.ts';
import { Take } from './take.ts';

export interface TalkRecordOptions {
  readonly clock: Clock;
  readonly say: (said: MediaSaid) => void;
}

interface Call {
  readonly id: string;
  readonly take: Take;
  readonly keeper: Keeper;
}

const fault = 'talk.record';
const pauses = { firstMs: 1_000, mostMs: 30_000 } as const;
const closeWithinMs = 1_000;
/** A disk that has failed is looked at again. */
const lookAgainMs = 30_000;

export class TalkRecord {
  readonly #options: TalkRecordOptions;
  readonly #told: Told;
  readonly #troubles: Record<'coder' | 'disk', string | null> = { coder: null, disk: null };
  #shelf: Shelf | null = null;
  #id: string | null = null;
  #call: Call | null = null;
  #failures = 0;
  #cancel: () => void = () => undefined;
  #cancelLook: () => void = () => undefined;
  #said: string | null = null;

  constructor(options: TalkRecordOptions) {
    this.#options = options;
    this.#told = new Told(options.say);
  }

  want(wanted: TalksWanted | null): void {
    if (wanted) {
      this.#told.heard(wanted.heard);
      if (this.#shelf?.dir !== wanted.dir) {
        const master = masterOf(wanted.masterKey ?? '');
        this.#shelf = new Shelf(wanted.dir, this.#told, 'talks', master);
        void this.#mend(this.#shelf);
      }
    }
    const id = wanted?.talk?.id ?? null;
    if (id === this.#id) return;
    this.#id = id;
    this.#stop();
    this.#failures = 0;
    this.#start();
  }

  /** 10 ms of the caller who is heard in the room, and of the room. */
  frame(caller: SoundFrame | null, room: SoundFrame): void {
    this.#call?.take.frame(caller, room);
  }

  /** Writes what is there. A disk that hangs is not waited for. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#cancel();
    this.#cancelLook();
    const call = this.#call;
    this.#call = null;
    const late = new Promise<void>((done) => clock.after(closeWithinMs, done));
    await Promise.race([call?.take.close().then(() => call.keeper.close()), late]);
  }

  #start(): void {
    const [id, shelf, told] = [this.#id, this.#shelf, this.#told];
    if (id === null || !shelf) return;
    const { clock } = this.#options;
    const take: Take = new Take({
      clock,
      half: (half) => {
        this.#failures = 0;
        this.#trouble('coder', null);
        keeper.add(half);
      },
      ended: (why) => this.#ended(why),
    });
    const disk = (trouble: Error | 'hangs' | null) => this.#disk(trouble);
    const keeper = new Keeper({ clock, shelf, told, id, startMs: () => take.startMs, disk });
    this.#call = { id, take, keeper };
    take.open();
  }

  /** What has been said until now is put away behind our back. */
  #stop(): void {
    this.#cancel();
    const [call, shelf] = [this.#call, this.#shelf];
    this.#call = null;
    if (!call) return;
    void call.take
      .close()
      .then(() => call.keeper.end())
      .then(() => shelf && this.#mend(shelf));
  }

  /** The call goes on in another file. */
  #ended(why: string): void {
    this.#stop();
    this.#trouble(
      'coder',
      `What is said in the call is not kept: ffmpeg ${why}. The call is well.`,
    );
    const pauseMs = Math.min(pauses.mostMs, pauses.firstMs * 2 ** this.#failures++);
    this.#cancel = this.#options.clock.after(pauseMs, () => this.#start());
  }

  /** Puts in order what a process that has died, or a disk that has failed, left behind. The disk's trouble
   * is told by whoever keeps clips on it; ours is a call that is not kept. */
  async #mend(shelf: Shelf): Promise<void> {
    const onDisk = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        if (!isDiskError(error)) throw error;
        this.#cancelLook();
        this.#cancelLook = this.#options.clock.after(lookAgainMs, () => void this.#mend(shelf));
      }
    };
    await onDisk(async () => {
      await mendTorn({ shelf, told: this.#told, what: 'talk', onDisk });
      await shelf.expectRoom();
      if (!this.#call) this.#disk(null);
    });
  }

  #disk(trouble: Error | 'hangs' | null): void {
    this.#trouble('disk', trouble && sentenceOf(trouble));
  }

  #trouble(of: 'coder' | 'disk', detail: string | null): void {
    this.#troubles[of] = detail;
    const now = this.#troubles.coder ?? this.#troubles.disk;
    if (now === this.#said) return;
    this.#said = now;
    this.#options.say({ t: 'fault', fault, detail: now?.slice(0, 1000) ?? null });
  }
}
