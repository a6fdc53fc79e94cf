// Who hears whom, every 10 ms: each caller the gate room, and beside it the one who talks, never himself;
// the gate room the one who talks, and what is to be said there. Makes the world look as `want` says.

import type { Clock, SoundFrame } from '../../ports.ts';
import { levelDb, Meter, mixInto, silence, silenceDb } from '../frames.ts';
import type { MediaSaid, TalkWanted } from '../wire.ts';
import { Call, type WantedCall } from './call.ts';
import { Loop } from './loop.ts';
import { Pace } from './pace.ts';
import type { Pictures } from './pictures.ts';
import type { Prompter } from './prompter.ts';
import type { TalkRecord } from './record.ts';
import type { RoomSound } from './room-sound.ts';
import { cues } from './tone.ts';
import { Voice } from './voice.ts';
import type { Wrtc } from './wrtc.ts';

export interface DeskOptions {
  readonly wrtc: Wrtc;
  readonly clock: Clock;
  readonly say: (message: MediaSaid) => void;
  readonly sound: RoomSound;
  readonly prompter: Prompter;
  readonly pictures: Pictures;
  readonly record: TalkRecord;
}

/** A call, and what it may. */
interface Seat {
  readonly call: Call;
  /** Its voice is played in the gate room. */
  speaks: boolean;
  /** Nobody has to be told of it any more: it hears, and is heard. */
  isAdmitted: boolean;
  isOver: boolean;
  /** What it still hears of having got or lost the floor. */
  cue: SoundFrame[];
}

const levelTicks = 20;

export class Desk {
  readonly #options: DeskOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #pace: Pace;
  readonly #meter = new Meter();
  readonly #roomVoice = new Voice();
  readonly #loop: Loop;
  #wanted: TalkWanted | null = null;
  #ticks = 0;
  #isAnnouncing = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock, () => this.#tick());
    const { clock, say } = options;
    this.#loop = new Loop({ clock, say, changed: () => this.#devices() });
  }

  want(wanted: TalkWanted): void {
    const { prompter, pictures, record } = this.#options;
    this.#wanted = wanted;
    record.want(wanted.evidence);
    for (const [id, seat] of this.#seats)
      if (!wanted.sessions.some((one) => one.id === id)) {
        this.#seats.delete(id);
        seat.call.close();
      }
    for (const session of wanted.sessions) this.#seat(session);
    pictures.want(wanted.snapshot);
    prompter.folder = wanted.sound?.prompts ?? null;
    prompter.say(wanted.say);
    const isFree = wanted.sessions.length === 0 && wanted.say === null;
    this.#loop.want(isFree ? wanted.loop : null, wanted.sound);
    this.#used();
  }

  async close(): Promise<void> {
    this.#pace.stop();
    for (const { call } of this.#seats.values()) call.close();
    this.#seats.clear();
    this.#loop.want(null, null);
    await Promise.all([this.#options.sound.close(), this.#options.record.close()]);
  }

  #seat(wanted: WantedCall): void {
    const { wrtc, clock, say } = this.#options;
    const known = this.#seats.get(wanted.id);
    if (known) {
      if (known.speaks !== wanted.speaks) known.cue = [...(wanted.speaks ? cues.got : cues.lost)];
      known.speaks = wanted.speaks;
      return known.call.want(wanted);
    }
    const call: Call = new Call({ wrtc, clock, wanted, say, ended: () => this.#ended(seat) });
    const { speaks, announced } = wanted;
    const seat: Seat = { call, speaks, isAdmitted: !announced, isOver: false, cue: [] };
    this.#seats.set(wanted.id, seat);
    call.open();
  }

  /** It stays seated until it is not wanted any more, or it would be opened again. */
  #ended(seat: Seat): void {
    seat.isOver = true;
    this.#used();
  }

  /** Ticks, and the dome's sound, only while there is somebody to hear. */
  #used(): void {
    const { sound, prompter } = this.#options;
    const isCalled = this.#isCalled;
    void this.#devices();
    if (!isCalled && this.#isAnnouncing) {
      this.#isAnnouncing = false;
      prompter.stopAnnouncing();
    }
    if (!isCalled && !prompter.isSpeaking) return this.#pace.stop();
    if (!this.#pace.isRunning) sound.forget();
    this.#pace.start();
  }

  /** Opened as they are wanted; the gate room's are not ours while the loop has them. */
  async #devices(): Promise<void> {
    if (!this.#wanted) return;
    const { sound, dome } = this.#wanted;
    const ours = this.#loop.isRunning ? null : sound;
    await this.#options.sound.want({ sound: ours, dome }, this.#isCalled);
  }

  get #isCalled(): boolean {
    return [...this.#seats.values()].some(({ isOver }) => !isOver);
  }

  #tick(): void {
    const { sound, prompter, record } = this.#options;
    const seats = [...this.#seats.values()].filter(({ call }) => call.isConnected);
    this.#announce(seats);
    const room = sound.pull() ?? silence();
    const voices = new Map(seats.map((seat) => [seat, seat.call.voice.pull()]));
    const talker = seats.find(({ speaks, isAdmitted }) => speaks && isAdmitted);
    const voice = (talker && voices.get(talker)) ?? null;
    record.frame(voice, room);
    if (talker || prompter.isSpeaking) this.#playInRoom(voice, talker?.call.isSpeaking ?? false);
    this.#listenToRoom(room, seats);
    for (const seat of seats)
      seat.call.play(heardBy(seat, seat.isAdmitted ? room : null, seat === talker ? null : voice));
    this.#tell(seats);
    if (seats.length === 0 && !prompter.isSpeaking && !this.#isCalled) this.#pace.stop();
  }

  #playInRoom(voice: SoundFrame | null, isSpoken: boolean): void {
    const { sound, prompter } = this.#options;
    const isPrompt = prompter.isSpeaking;
    const frame = voice?.slice() ?? silence();
    prompter.addTo(frame, isSpoken);
    sound.play(frame, isPrompt);
  }

  #listenToRoom(room: SoundFrame, seats: readonly Seat[]): void {
    const db = levelDb(room);
    this.#meter.take(db);
    if (!this.#roomVoice.take(db)) return;
    for (const { call, isAdmitted } of seats) if (isAdmitted) call.heard('room');
  }

  /** A call that nobody has asked for: until the room has heard that it is there, it hears nothing. */
  #announce(seats: readonly Seat[]): void {
    const waiting = seats.filter(({ isAdmitted }) => !isAdmitted);
    if (waiting.length === 0 || this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    this.#options.prompter.announce(() => {
      this.#isAnnouncing = false;
      if (this.#options.sound.isMute) return;
      for (const seat of waiting) seat.isAdmitted = true;
    });
  }

  #tell(seats: readonly Seat[]): void {
    const { pictures } = this.#options;
    pictures.show(seats.map(({ call }) => call.channel));
    if (++this.#ticks % levelTicks !== 0) return;
    const room = this.#meter.read();
    for (const { call, isAdmitted } of seats)
      call.channel.levels(isAdmitted ? room : silenceDb, call.meter.read());
  }
}

/** A frame of its own for the library: the room, who talks there, and a word on the floor. */
function heardBy({ isAdmitted, cue }: Seat, room: SoundFrame | null, voice: SoundFrame | null) {
  const frame = room?.slice() ?? silence();
  if (voice && isAdmitted) mixInto(frame, voice);
  const note = cue.shift();
  if (note) mixInto(frame, note);
  return frame;
}
