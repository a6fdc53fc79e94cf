// The kernel as far as GPIO goes: the one seam of this directory. Above it nothing knows an ioctl or a
// path, below it nothing knows a button. Two real ones (chardev.ts, sysfs.ts), a simulated one in tests.

export type Level = 0 | 1;
export type DriverName = 'chardev' | 'sysfs';
export const biases = ['pull-up', 'pull-down', 'none', 'as-is'] as const;
export type Bias = (typeof biases)[number];

/** Which line: by its name, or by chip (label or gpiochipN) and number on it. A chip beside a name says
 * on which of several chips the name is meant. */
export interface Place {
  readonly line: string | null;
  readonly chip: string | null;
  readonly offset: number | null;
}

/** After an edge a line is left alone for this long: what follows sooner is bounce, and is taken over in
 * one go, so that a contact that chatters cannot keep the processor busy. */
export const restMs = 5;

export interface EdgeListener {
  /** A level that the line has taken. `atMs` is CLOCK_MONOTONIC; `lost`: edges right before this one
   * that the kernel had to drop. */
  edge(level: Level, atMs: number, lost: number): void;
  /** The line is gone (its chip was pulled); close it. */
  gone(trouble: LineTrouble): void;
}

export interface OpenInput {
  /** For people: `gpiochip0 line 3 (panic)`. */
  readonly where: string;
  /** False: the chip has no interrupts; its level has to be asked for. */
  readonly hasEdges: boolean;
  /** The level now. Hands over edges that are still queued first. Throws a `LineTrouble`. */
  level(): Level;
  close(): void;
}

export interface OpenOutput {
  readonly where: string;
  /** Throws a `LineTrouble`. */
  set(level: Level): void;
  /** Leaves the level as it was set last. */
  close(): void;
}

/** A line as it lies there, whoever has it. */
export interface SeenLine {
  /** `gpiochip0`; with sysfs its label. */
  readonly chip: string;
  readonly label: string;
  readonly offset: number;
  /** '' where it has none. */
  readonly name: string;
  /** Who holds it, perhaps ''; null where it is free. */
  readonly usedBy: string | null;
  /** Set, not read: by whoever holds it, or by the firmware. */
  readonly isOutput: boolean;
}

export interface Survey {
  readonly lines: readonly SeenLine[];
  /** Chips that may not be opened, by their paths. */
  readonly closed: readonly string[];
}

export interface Kernel {
  readonly driver: DriverName;
  /** Every line that there is. Changes none of them. Throws a `LineTrouble`. */
  survey(): Survey;
  /** Opens for good; another program that asks for the line is refused. Throws a `LineTrouble`. */
  input(place: Place, bias: Bias, listener: EdgeListener): OpenInput;
  /** `level`: what the line is from the moment it is an output. Throws a `LineTrouble`. */
  output(place: Place, level: Level): OpenOutput;
}

/** Why a line cannot be used, for people: what, why, what to do. */
export class LineTrouble extends Error {
  override readonly name = 'LineTrouble';
}

/** The place as the configuration says it. */
export const nameOf = ({ line, chip, offset }: Place): string => {
  if (line === null) return `line ${offset} of ${chip}`;
  return chip === null ? `line "${line}"` : `line "${line}" of ${chip}`;
};
