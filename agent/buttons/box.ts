// The button box: config/button-box.md is its law. Tells inputs as `input.changed`, keeps the
// box's lamp and buzzer as they are wanted, and names what is wrong with box or line.
// It judges no press: counts and contacts go to the core as the box tells them.

import type { Contact, FactOf } from '../core/fact.ts';
import type { Clock, Indicator, Inputs, Sink } from '../ports.ts';
import { Faults } from './faults.ts';
import { type BoxState, FrameReader, type InputState, inputsMax, parsePayload } from './frame.ts';
import { SerialLink } from './link.ts';
import { OutputKeeper } from './output.ts';
import { bucketMs, LineQuality } from './quality.ts';
import * as troubles from './troubles.ts';

export const silentAfterMs = 3000;
/** A frame that comes so long after the one before it was held up: a box speaks each second. */
const lateMs = 2000;
const tickMs = 500;
/** After a stall of our own, what the box said meanwhile is read behind the timers that are due: nothing
 * is held against it at the first look. */
export const secondLookMs = 50;
const uptimeWrap = 2 ** 32;

export interface BoxSetup {
  readonly id: string;
  readonly path: string;
  readonly baud: number;
  /** Number on the box -> id of the input. */
  readonly inputs: { readonly [number: string]: string };
  /** False: the box has neither lamp nor buzzer. Default true. */
  readonly indicator?: boolean;
  readonly clock: Clock;
}

export interface BoxFigures {
  readonly frames: number;
  readonly damaged: number;
  readonly noiseBytes: number;
  /** Frames that the box numbered and we never saw. */
  readonly gaps: number;
  readonly restarts: number;
  readonly otherFrames: number;
  readonly writeErrors: number;
}

interface Told extends InputState {
  readonly session: string;
}

export class ButtonBox implements Inputs, Indicator {
  readonly #setup: BoxSetup;
  readonly #faults: Faults;
  readonly #link: SerialLink;
  readonly #reader: FrameReader;
  readonly #quality = new LineQuality();
  readonly #output: OutputKeeper;
  #sink: Sink | null = null;
  #cancelTick: (() => void) | null = null;
  #ticks = 0;
  #cancelSilence: (() => void) | null = null;
  #lastFrameMs = 0;
  /** When its last frame came; null: none has. */
  #heardMs: number | null = null;
  #seemsSilent = false;
  #seemsLate = false;
  #last: BoxState | null = null;
  #uptimeBaseMs = 0;
  #told = new Map<string, Told>();
  #wrongPayloadMs = Number.NEGATIVE_INFINITY;
  #figures = { frames: 0, damaged: 0, noiseBytes: 0, gaps: 0, restarts: 0, otherFrames: 0 };

  constructor(setup: BoxSetup) {
    this.#setup = setup;
    this.#faults = new Faults(`box.${setup.id}`);
    this.#link = new SerialLink(
      { ...setup, device: 'button box' },
      {
        up: () => this.#up(),
        down: (detail) => this.#down(detail),
        data: (chunk) => this.#reader.feed(chunk),
        written: () => this.#output.written(),
      },
    );
    this.#output = new OutputKeeper({
      write: (bytes) => this.#link.write(bytes),
      nowMs: () => this.#nowMs(),
    });
    this.#reader = new FrameReader({
      frame: (payload, bytes) => this.#frame(payload, bytes),
      damaged: (_why, bytes) => this.#damaged(bytes),
      noise: (bytes) => this.#noise(bytes),
    });
  }

  /** A box that is not there is a fault, never a rejection; it is looked for until `close`. */
  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    this.#faults.open(sink);
    this.#told.clear();
    this.#tickLater();
    await this.#link.open();
  }

  async close(): Promise<void> {
    this.#cancelTick?.();
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    await this.#link.close();
    this.#sink = null;
  }

  /** Patterns as the document defines them; the same again changes nothing. */
  show({ lamp, buzzer }: { readonly lamp: string; readonly buzzer: string }): void {
    if (this.#setup.indicator !== false) this.#output.show(lamp, buzzer);
  }

  get id(): string {
    return this.#setup.id;
  }

  get path(): string {
    return this.#setup.path;
  }

  /** By id of the input, as it was told last. */
  contacts(): ReadonlyMap<string, Contact> {
    const { inputs } = this.#setup;
    return new Map([...this.#told].map(([number, { contact }]) => [inputs[number] ?? '', contact]));
  }

  figures(): BoxFigures {
    return { ...this.#figures, writeErrors: this.#link.writeErrors };
  }

  #nowMs(): number {
    return this.#setup.clock.now().monoMs;
  }

  #up(): void {
    this.#reader.reset();
    this.#quality.reset();
    this.#lastFrameMs = this.#nowMs();
    this.#faults.clear('absent');
    this.#watchSilence();
    this.#output.connected();
  }

  /** One cause, one fault: what cannot be known without a line is not claimed. */
  #down(detail: string): void {
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    this.#faults.raise('absent', troubles.absent(detail));
    for (const fault of ['silent', 'garbled', 'lamp', 'protocol']) this.#faults.clear(fault);
  }

  #frame(payload: string, bytes: number): void {
    this.#quality.good(bytes);
    const parsed = parsePayload(payload);
    if ('state' in parsed) return this.#state(parsed.state);
    if ('other' in parsed) {
      this.#figures.otherFrames++;
      return;
    }
    this.#wrongPayloadMs = this.#nowMs();
    this.#faults.raise('protocol', troubles.protocol(parsed.wrong));
  }

  #damaged(bytes: number): void {
    this.#figures.damaged++;
    this.#quality.bad(bytes);
  }

  #noise(bytes: number): void {
    this.#figures.noiseBytes += bytes;
    this.#quality.bad(bytes);
  }

  #state(state: BoxState): void {
    const uptimeMs = this.#unwrap(state);
    const late = this.#isNext(state) ? {} : { earliestMs: this.#heardMs };
    for (const [number, input] of state.inputs)
      this.#tell(number, input, state.session, { edgeMs: uptimeMs, ...late });
    this.#figures.frames++;
    this.#count(state);
    this.#last = state;
    this.#lastFrameMs = this.#nowMs();
    this.#heardMs = this.#lastFrameMs;
    this.#faults.clear('silent');
    this.#watchSilence();
    this.#checkInputs(state);
    if (this.#output.echoed(state.applied)) this.#faults.clear('lamp');
  }

  /** It follows upon the last one at once: what it tells anew has happened just now. */
  #isNext({ session, seq }: BoxState): boolean {
    const last = this.#last;
    const isSoon = this.#heardMs !== null && this.#nowMs() - this.#heardMs < lateMs;
    return isSoon && last?.session === session && (last.seq + 1) % 0x10000 === seq;
  }

  #tell(
    number: string,
    { contact, presses }: InputState,
    session: string,
    when: Pick<FactOf<'input.changed'>, 'edgeMs' | 'earliestMs'>,
  ): void {
    const input = this.#setup.inputs[number];
    const told = this.#told.get(number);
    if (input === undefined) return;
    if (told?.session === session && told.contact === contact && told.presses === presses) return;
    this.#told.set(number, { session, contact, presses });
    const count = { session, total: presses };
    this.#sink?.emit({ kind: 'input.changed', input, contact, ...when, count });
  }

  /** The box's 32-bit milliseconds begin again after 49.7 days; ours go on. */
  #unwrap({ session, uptimeMs }: BoxState): number {
    const last = this.#last;
    if (last?.session !== session) this.#uptimeBaseMs = 0;
    else if (last.uptimeMs - uptimeMs > uptimeWrap / 2) this.#uptimeBaseMs += uptimeWrap;
    return this.#uptimeBaseMs + uptimeMs;
  }

  #count({ session, seq }: BoxState): void {
    const last = this.#last;
    if (!last) return;
    if (last.session !== session) this.#figures.restarts++;
    else {
      const ahead = (seq - last.seq + 0x10000) % 0x10000;
      if (ahead > 1) this.#figures.gaps += ahead < 0x8000 ? ahead - 1 : 1;
    }
  }

  #checkInputs({ inputs }: BoxState): void {
    for (let index = 1; index <= inputsMax; index++) {
      const number = `${index}`;
      const id = this.#setup.inputs[number];
      const unknown = id === undefined && inputs.has(number);
      const missing = id !== undefined && !inputs.has(number);
      if (unknown) this.#faults.raise(`input-${number}.unknown`, troubles.unknownInput(number));
      else this.#faults.clear(`input-${number}.unknown`);
      if (missing) this.#faults.raise(`input-${number}.missing`, troubles.missingInput(number, id));
      else this.#faults.clear(`input-${number}.missing`);
    }
  }

  #watchSilence(): void {
    if (this.#cancelSilence) return;
    const leftMs = this.#lastFrameMs + silentAfterMs - this.#nowMs();
    const lookMs = this.#seemsSilent ? secondLookMs : leftMs;
    this.#cancelSilence = this.#setup.clock.after(lookMs, () => {
      this.#cancelSilence = null;
      const isSilent = this.#nowMs() - this.#lastFrameMs >= silentAfterMs;
      const isCertain = isSilent && this.#seemsSilent;
      this.#seemsSilent = isSilent && !isCertain;
      if (!isCertain) return this.#watchSilence();
      this.#faults.raise('silent', troubles.silent(this.#setup.baud, this.#quality.badBytes));
    });
  }

  #tickLater(): void {
    this.#cancelTick = this.#setup.clock.after(tickMs, () => {
      this.#tickLater();
      this.#ticks++;
      if (!this.#link.isUp) return;
      if (this.#ticks % (bucketMs / tickMs) === 0) this.#judgeLine();
      this.#output.repeat();
      this.#judgeLamp();
    });
  }

  #judgeLine(): void {
    const garbled = this.#quality.judge();
    if (garbled === true) this.#faults.raise('garbled', troubles.garbled(this.#setup.baud));
    else if (garbled === false) this.#faults.clear('garbled');
    if (this.#nowMs() - this.#wrongPayloadMs > silentAfterMs) this.#faults.clear('protocol');
  }

  #judgeLamp(): void {
    const isCertain = this.#output.isLate && this.#seemsLate;
    this.#seemsLate = this.#output.isLate;
    if (!isCertain || this.#faults.has('silent')) return;
    this.#faults.raise('lamp', troubles.lamp(this.#last?.applied ?? null));
  }
}
