// The sound that a caller meets: the gate room's, or the dome's with the gate room's to fall back on. Keeps
// the gate room's devices open all the time, so that their faults are known before anybody calls, and the
// dome's only while somebody does.

import type { Sound, SoundFrame } from '../../ports.ts';
import type { MediaSaid, TalkWanted } from '../wire.ts';
import { SoundQueue } from './sound-queue.ts';

export interface RoomSoundOptions {
  readonly room: (sound: NonNullable<TalkWanted['sound']>) => Sound;
  readonly dome: (dome: NonNullable<TalkWanted['dome']>) => Sound;
  readonly say: (message: MediaSaid) => void;
}

const domeFault = 'talk.dome';
const domeMicrophoneFrames = 100;

/** One of the two, opened and closed as it is wanted, one after the other. */
class Slot<W> {
  readonly #make: (wanted: W) => Sound;
  readonly #captured: (frame: SoundFrame) => void;
  readonly #say: RoomSoundOptions['say'];
  readonly faults = new Set<string>();
  #key = 'null';
  #sound: Sound | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(
    make: (wanted: W) => Sound,
    captured: (frame: SoundFrame) => void,
    say: RoomSoundOptions['say'],
  ) {
    this.#make = make;
    this.#captured = captured;
    this.#say = say;
  }

  get isWanted(): boolean {
    return this.#key !== 'null';
  }

  want(wanted: W | null): Promise<void> {
    const key = JSON.stringify(wanted);
    if (key === this.#key) return this.#changing;
    this.#key = key;
    this.#changing = this.#changing.then(() => this.#change(wanted, key));
    return this.#changing;
  }

  play(frame: SoundFrame): void {
    this.#sound?.play(frame);
  }

  async #change(wanted: W | null, key: string): Promise<void> {
    const before = this.#sound;
    this.#sound = null;
    await before?.close();
    for (const fault of this.faults) this.#trouble(fault, null);
    if (wanted === null || key !== this.#key) return;
    const sound = this.#make(wanted);
    this.#sound = sound;
    sound.open({
      captured: (frame) => {
        if (this.#sound === sound) this.#captured(frame);
      },
      trouble: (fault, detail) => {
        if (this.#sound === sound) this.#trouble(fault, detail);
      },
    });
  }

  #trouble(fault: string, detail: string | null): void {
    if (detail === null) this.faults.delete(fault);
    else this.faults.add(fault);
    this.#say({ t: 'fault', fault, detail: detail?.slice(0, 1000) ?? null });
  }
}

export class RoomSound {
  readonly #queue = new SoundQueue();
  readonly #room: Slot<NonNullable<TalkWanted['sound']>>;
  readonly #dome: Slot<NonNullable<TalkWanted['dome']>>;
  /** Frames that the dome's microphone has not given in a row; it may have none. */
  #withoutDome = domeMicrophoneFrames;

  constructor({ room, dome, say }: RoomSoundOptions) {
    this.#room = new Slot(room, (frame) => this.#captured(frame, false), say);
    this.#dome = new Slot(dome, (frame) => this.#captured(frame, true), say);
  }

  /** Resolves when it is so. A change that fails is a bug, and ends the process. */
  async want({ sound, dome }: Pick<TalkWanted, 'sound' | 'dome'>, isUsed: boolean): Promise<void> {
    await Promise.all([this.#room.want(sound), this.#dome.want(isUsed ? dome : null)]);
  }

  /** Nobody hears what is played now: the loudspeaker is at fault. */
  get isMute(): boolean {
    if (!this.#room.isWanted) return this.#dome.isWanted && this.#dome.faults.has(domeFault);
    const domeSpeaks = this.#dome.isWanted && !this.#dome.faults.has(domeFault);
    return !domeSpeaks && this.#room.faults.has('sound.speaker');
  }

  /** The microphone's next 10 ms, or null. */
  pull(): SoundFrame | null {
    this.#withoutDome = Math.min(domeMicrophoneFrames, this.#withoutDome + 1);
    return this.#queue.pull();
  }

  /** `isPrompt`: the gate room hears it in any case, for it is meant for the guard. */
  play(frame: SoundFrame, isPrompt: boolean): void {
    this.#dome.play(frame);
    if (isPrompt || !this.#dome.isWanted || this.#dome.faults.has(domeFault))
      this.#room.play(frame);
  }

  /** What the microphone gave while nobody listened. */
  forget(): void {
    this.#queue.clear();
  }

  async close(): Promise<void> {
    await Promise.all([this.#room.want(null), this.#dome.want(null)]);
  }

  #captured(frame: SoundFrame, isDome: boolean): void {
    if (isDome) this.#withoutDome = 0;
    if (isDome || this.#withoutDome >= domeMicrophoneFrames) this.#queue.push(frame);
  }
}
